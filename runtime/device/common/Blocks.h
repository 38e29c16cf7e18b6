//===- Blocks.h - Blocks of the payload pool --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes blocks for large messages, from the agent's desk or else from the
/// pool, and gives them back.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Pool.h"
#include "common/Record.h"

namespace rk::device {

inline unsigned char *blockAt(const abi::Launch &launch, uint32_t block) {
  return launch.payload + uint64_t(block) * launch.payloadBlockBytes;
}
inline void freePayload(Agent agent, const Record &record) {
  give(agent, *agent.launch->freePayload, payloadBlock(record));
}

/// Takes a block from the desk, or else from the pool.
///
/// Threads   any lane, in divergent code; blocks come to the desk only while no
///           lane takes one (`keepBlocks`).
inline uint64_t takeBlock(Agent agent) {
  Desk &desk = *agent.desk;
  const int32_t left = takeFromDesk(&desk.blockCount);
  return left >= 0 ? desk.blocks[left]
                   : take(agent, *agent.launch->freePayload);
}

/// Gives the blocks of the lanes where `gives` holds back to the pool. All
/// lanes call it.
RK_OUT_OF_LINE inline void giveBlocks(Desk &desk, bool gives, uint32_t block) {
  if (gives)
    give(desk, *desk.launch->freePayload, block);
  syncLanes();
}

/// Keeps the blocks of the lanes where `has` holds on the desk, as far as there
/// is room. What was read from a block and what is written to it next is
/// ordered as by the pool: both are of this agent. All lanes call it.
inline void keepBlocks(Agent agent, bool has, uint32_t block) {
  const uint32_t givers = ballot(has);
  if (givers == 0)
    return;
  Desk &desk = *agent.desk;
  const int32_t before = desk.blockCount > 0 ? desk.blockCount : 0;
  const uint32_t place =
      uint32_t(before) +
      uint32_t(__builtin_popcount(givers & lanesBefore(agent.lane)));
  const uint32_t room = agent.launch->blocksPerDesk;
  const bool isOver = has && place >= room;
  if (has && !isOver)
    desk.blocks[place] = block;
  if (agree(isOver)) [[unlikely]]
    giveBlocks(agent, isOver, block);
  syncLanes();
  const uint32_t now = uint32_t(before) + uint32_t(__builtin_popcount(givers));
  if (agent.lane == 0)
    desk.blockCount = int32_t(now < room ? now : room);
  syncLanes();
}

} // namespace rk::device
