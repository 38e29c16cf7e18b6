//===- Stepping.h - Making a stencil and its steps --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The longer bodies of `rk::Stencil`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_run.h"

#include <algorithm>
#include <string>
#include <utility>

namespace rk {

template <class S>
Result<Stencil<S>> Stencil<S>::create(const S &parameters, GridPoint extent,
                                      const StencilOptions &options) {
  if constexpr (requires { double(parameters.courant()); })
    if (const double number = parameters.courant(); !(number <= 1))
      return Status(StatusCode::InvalidArgument,
                    "the time step is unstable: courant() is " +
                        std::to_string(number) +
                        ", and must be at most 1; take a shorter step");
  auto any = detail::AnyStencil::create(detail::typeKey<S>(), &parameters,
                                        extent, options);
  if (!any.isOk())
    return any.status();
  return Stencil(parameters, std::move(*any));
}

template <class S>
Result<bool> Stencil<S>::runUntil(const std::function<bool(Stencil &)> &done,
                                  std::int64_t every, std::int64_t most) {
  if (every < 1)
    return Status(StatusCode::InvalidArgument,
                  "runUntil asks every " + std::to_string(every) +
                      " steps; at least 1 is needed");
  for (std::int64_t made = 0; made < most; made += every) {
    if (Status status = run(std::min(every, most - made)); !status.isOk())
      return status;
    if (done(*this))
      return true;
  }
  return false;
}

template <class S>
Result<StencilRun> Stencil<S>::startUntil(std::function<bool(Stencil &)> done,
                                          std::int64_t every,
                                          std::int64_t most) {
  return any_.start(most, every,
                    [weak = any_.weak(), parameters = parameters_,
                     done = std::move(done)]() -> Result<bool> {
                      Stencil same(parameters,
                                   detail::AnyStencil::shareOf(weak.lock()));
                      return done(same);
                    });
}

} // namespace rk
