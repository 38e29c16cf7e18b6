//===- HostStubs.h - Device calls seen by a host compiler ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Handlers are compiled by the host's compiler too, but run only inside a
/// `rk::System`. There, device calls end the program with a clear message.
///
//===----------------------------------------------------------------------===//

#pragma once

#if defined(__RKC__)
#define RK_DEVICE_ONLY(call) (call)
#else

#include <cstdio>
#include <cstdlib>

namespace rk::detail {

struct NotOnHost {
  /// Stands for the value that never comes.
  template <class T> [[noreturn]] operator T() const {
    std::fputs("rk: a handler was called from host code; handlers run only "
               "inside a rk::System: use send or ask\n",
               stderr);
    std::abort();
  }
};

} // namespace rk::detail

#define RK_DEVICE_ONLY(call) (::rk::detail::NotOnHost{})
#endif
