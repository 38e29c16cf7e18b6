//===- Team.h - The one lane of a CPU worker, as a team -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of `nvptx/Team.h` for a team of one lane. Generated code for
/// the CPU does not call them: its groups have one lane.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Teams.h"

namespace rk::device {

inline void syncTeam(abi::Lanes) {}
inline void meetTeam(abi::Lanes) {}
inline uint32_t teamSize(abi::Lanes) { return 1; }
inline uint32_t teamRank(abi::Lanes) { return 0; }
inline uint32_t reduceTeam(abi::Lanes, uint32_t value, uint32_t) {
  return value;
}

} // namespace rk::device
