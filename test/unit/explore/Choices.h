//===- Choices.h - Every way through a test ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Depth-first search over what a test lets happen: each execution repeats the
/// choices of the one before, up to the last that has an alternative left.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rk::test {

class Choices {
public:
  /// `deviations`: how often an execution may leave the usual where that costs.
  explicit Choices(std::uint32_t deviations) : most_(deviations) {}

  void begin() {
    depth_ = 0;
    left_ = most_;
  }
  /// Returns one of 0 to `width` - 1; 0 is the usual. With `costs`, another is
  /// a deviation.
  std::uint32_t choose(std::uint32_t width, bool costs) {
    if (width <= 1 || (costs && left_ == 0))
      return 0;
    if (depth_ == path_.size())
      path_.push_back({0, width});
    const std::uint32_t taken = path_[depth_++].taken;
    left_ -= costs && taken != 0;
    return taken;
  }
  /// Goes to the next execution; returns false behind the last.
  bool advance() {
    while (!path_.empty() && path_.back().taken + 1 == path_.back().width)
      path_.pop_back();
    if (path_.empty())
      return false;
    ++path_.back().taken;
    return true;
  }

private:
  struct Choice {
    std::uint32_t taken;
    std::uint32_t width;
  };
  const std::uint32_t most_;
  std::uint32_t left_ = 0;
  std::size_t depth_ = 0;
  std::vector<Choice> path_;
};

} // namespace rk::test
