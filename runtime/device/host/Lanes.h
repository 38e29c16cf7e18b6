//===- Lanes.h - The one lane of a CPU worker ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of `nvptx/Lanes.h` for a worker of one lane.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::device {

inline constexpr uint32_t LaneCount = 1;
inline constexpr uint32_t AllLanes = 1;
/// Workers run resident actors like others.
inline constexpr bool HasResidentKernel = false;

inline uint32_t laneId() { return 0; }
inline void syncLanes() {}
inline uint32_t ballot(bool predicate) { return predicate ? 1 : 0; }
inline bool agree(bool alike) { return alike; }
inline uint32_t shuffle(uint32_t value, uint32_t) { return value; }
inline uint32_t orLanes(uint32_t value) { return value; }
inline uint32_t sumLanes(uint32_t value) { return value; }
inline uint32_t mostOfLanes(uint32_t value) { return value; }

} // namespace rk::device
