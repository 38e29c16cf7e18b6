//===- Lanes.h - The lanes of a warp ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the lanes of one worker do together. All lanes call each of these at
/// the same place.
///
/// Source    PTX ISA 9.0, 9.7.9.6 (shfl.sync), 9.7.13.10 (vote), 9.7.13.12
///           (redux.sync, sm_80).
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::device {

inline constexpr uint32_t LaneCount = 32;
inline constexpr uint32_t AllLanes = 0xffffffffu;
/// Resident actors have a kernel of their own.
inline constexpr bool HasResidentKernel = true;

inline uint32_t laneId() { return __nvvm_read_ptx_sreg_laneid(); }
/// Orders memory among the lanes.
inline void syncLanes() { __nvvm_bar_warp_sync(AllLanes); }
inline uint32_t ballot(bool predicate) {
  return __nvvm_vote_ballot_sync(AllLanes, predicate);
}
/// What all lanes know alike, in a form that the compiler knows to be alike: it
/// then keeps no account of lanes that might part at the branch on it, and none
/// in all that lies within. (Source: SASS of ptxas 13.0; BSSY, BMOV, BRA.DIV.)
inline bool agree(bool alike) { return __nvvm_vote_any_sync(AllLanes, alike); }
inline uint32_t shuffle(uint32_t value, uint32_t source) {
  return uint32_t(
      __nvvm_shfl_sync_idx_i32(AllLanes, int(value), int(source), 0x1f));
}
inline uint32_t orLanes(uint32_t value) {
  uint32_t bits;
  asm volatile("redux.sync.or.b32 %0, %1, 0xffffffff;"
               : "=r"(bits)
               : "r"(value));
  return bits;
}
inline uint32_t sumLanes(uint32_t value) {
  uint32_t sum;
  asm volatile("redux.sync.add.u32 %0, %1, 0xffffffff;"
               : "=r"(sum)
               : "r"(value));
  return sum;
}
inline uint32_t mostOfLanes(uint32_t value) {
  uint32_t most;
  asm volatile("redux.sync.max.u32 %0, %1, 0xffffffff;"
               : "=r"(most)
               : "r"(value));
  return most;
}

} // namespace rk::device
