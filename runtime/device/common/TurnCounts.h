//===- TurnCounts.h - What a worker reports of its turns --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A worker's row of `Launch::progress`. Its copy lies on the desk, and each of
/// four lanes counts one word, so a row is read and written by one instruction
/// each. A worker with one lane counts all of them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Record.h"

#include <stddef.h>

namespace rk::device {

class TurnCounts {
public:
  void start(Agent agent, uint64_t handledTicket) {
    forMine(agent, [&](uint32_t index, uint64_t &word) {
      word = index == HandledTicket ? handledTicket : 0;
    });
  }

  /// Says that handlers may be running: odd turns. From a register: handlers
  /// begin behind it.
  void begin(Agent agent) {
    ++turns;
    if (agent.lane == 0)
      report(agent, Turns, turns);
  }

  /// Reports what has been done. All lanes call it.
  ///
  /// Ordering  relaxed: the tickets that the batch's handlers drew have
  ///           returned, so they are in the tails before this.
  void end(Agent agent, uint64_t handledTicket, uint32_t handled,
           uint32_t sent) {
    ++turns;
    forMine(agent, [&](uint32_t index, uint64_t &word) {
      const bool adds = index == Handled || index == Sent;
      const uint64_t set = index == Turns ? turns : handledTicket;
      const uint64_t sum = word + (index == Handled ? handled : sent);
      word = adds ? sum : set;
      report(agent, index, word);
    });
  }

  /// Reports a ticket that is not that of the last turn: the inbox was opened
  /// again.
  void correct(Agent agent, uint64_t handledTicket) {
    forMine(agent, [&](uint32_t index, uint64_t &word) {
      if (index == HandledTicket)
        report(agent, index, word = handledTicket);
    });
  }

private:
  /// In the order of `abi::Progress`.
  enum Word : uint32_t { HandledTicket, Handled, Sent, Turns, Words };
  static_assert(offsetof(abi::Progress, handled) == Handled * 8 &&
                offsetof(abi::Progress, sent) == Sent * 8 &&
                offsetof(abi::Progress, turns) == Turns * 8 &&
                sizeof(abi::Progress) == Words * 8);
  static_assert(LaneCount == 1 || LaneCount >= Words);

  /// Calls `function` with the words of this lane: its number, or all.
  template <class Function>
  static void forMine(Agent agent, Function function) {
    if (agent.lane < Words)
      for (uint32_t i = agent.lane; i < Words; i += LaneCount)
        function(i, agent.desk->turnCounts[i]);
  }
  static void report(Agent agent, uint32_t index, uint64_t word) {
    auto *words =
        reinterpret_cast<uint64_t *>(&agent.launch->progress[agent.index]);
    store<Order::Relaxed, Scope::Device>(words + index, word);
  }

  uint64_t turns = 0; ///< begun and ended
};

} // namespace rk::device
