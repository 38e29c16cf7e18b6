//===- TeamCopy.h - Copies by the lane of a CPU worker ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The function of `nvptx/TeamCopy.h` for a team of one lane, which copies
/// itself.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Team.h"

namespace rk::device {

inline uint64_t copyTeam(abi::Lanes, void *, const void *, uint64_t) {
  return 0;
}

} // namespace rk::device
