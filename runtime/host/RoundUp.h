//===- RoundUp.h - Multiples of a size --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>

namespace rk::runtime {

/// Returns the least multiple that is not below `value`.
constexpr std::uint64_t roundUp(std::uint64_t value, std::uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

} // namespace rk::runtime
