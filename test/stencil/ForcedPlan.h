//===- ForcedPlan.h - Tests of every plan ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_run.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

namespace reference {

class ForcedPlan : public ::testing::TestWithParam<const char *> {
public:
  /// Returns nothing where the CPU, and no GPU, refuses the plan.
  template <class S>
  std::optional<rk::Stencil<S>>
  make(const S &parameters, rk::GridPoint size,
       const std::array<rk::Face, 6> &faces) const {
    rk::StencilOptions options;
    options.faces = faces;
    options.plan = GetParam();
    auto made = rk::Stencil<S>::create(parameters, size, options);
    if (made.isOk()) {
      if (!options.plan.empty()) {
        EXPECT_EQ(made->plan(), options.plan);
      }
      return std::move(*made);
    }
    options.plan = "";
    auto any = rk::Stencil<S>::create(parameters, size, options);
    if (!any.isOk() || any->device() != "cpu" ||
        made.status().detail().find("CPU") == std::string::npos)
      ADD_FAILURE() << made.status().message();
    return {};
  }
};

/// A line for each set of tests that every plan has to pass, and the one that
/// is taken by itself.
#define RK_FOR_EACH_PLAN(Suite)                                                \
  INSTANTIATE_TEST_SUITE_P(                                                    \
      Plans, Suite,                                                            \
      ::testing::Values("global", "streaming", "temporal", "resident", ""))

} // namespace reference
