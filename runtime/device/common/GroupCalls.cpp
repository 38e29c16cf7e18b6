//===- GroupCalls.cpp - What the lanes of a team call -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of `rk/abi/DeviceCalls.def` that operations on groups of more
/// than a warp are lowered to.
///
//===----------------------------------------------------------------------===//

#include "TeamCopy.h"

using namespace rk::device;
namespace abi = rk::abi;

#if defined(__clang__)
#define RK_CONVERGENT [[clang::convergent]]
#else
#define RK_CONVERGENT
#endif

extern "C" {

uint32_t rk_group_size(uint32_t lanes) { return teamSize(abi::Lanes(lanes)); }

uint32_t rk_group_rank(uint32_t lanes) { return teamRank(abi::Lanes(lanes)); }

RK_CONVERGENT void rk_group_sync(uint32_t lanes) {
  syncTeam(abi::Lanes(lanes));
}

RK_CONVERGENT uint32_t rk_group_reduce(uint32_t lanes, uint32_t value,
                                       uint32_t kind) {
  return reduceTeam(abi::Lanes(lanes), value, kind);
}

RK_CONVERGENT uint64_t rk_group_copy(uint32_t lanes, void *to, const void *from,
                                     uint64_t bytes) {
  return copyTeam(abi::Lanes(lanes), to, from, bytes);
}

} // extern "C"
