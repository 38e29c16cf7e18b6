//===- Testing.h - What the tests of stencils share -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_run.h"

#include <gtest/gtest.h>

namespace stencils {

inline void isOk(const rk::Status &status) {
  ASSERT_TRUE(status.isOk()) << status.message();
}

} // namespace stencils
