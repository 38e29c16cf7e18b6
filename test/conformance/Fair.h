//===- Fair.h - That a busy actor leaves others their turns -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the suites of pooled, resident and team actors share: turns are counted
/// by the busy actor itself, so nothing depends on how fast the machine is.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "FairActors.h"

#include "rk/system.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

namespace fair {

/// What a worker takes in one turn, at most.
inline constexpr std::uint64_t Batch = 32;

/// How many turns of its own, of `turns` under way, a busy actor may handle
/// between a call and its echo where one inbox has the messages of both: those
/// that came before the call, those that came before the echo, and what is in
/// the batches of both.
constexpr std::uint64_t boundInOneInbox(std::uint32_t turns) {
  return 2 * (std::uint64_t(turns) + Batch);
}

/// Room for few actors, on one worker where workers run them.
inline rk::SystemOptions oneWorker() {
  rk::SystemOptions options;
  options.maxActors = 1 << 12;
  options.workers = 1;
  return options;
}

/// Lets an actor be busy until a neighbour's answers end it.
template <class Busy, class Neighbour>
Waits spin(rk::System &system, rk::ActorRef<Busy> busy,
           rk::ActorRef<Neighbour> neighbour, std::uint32_t turns,
           std::uint32_t calls) {
  EXPECT_TRUE(
      system.send(busy, Spin<Neighbour>{neighbour, turns, calls}).isOk());
  EXPECT_TRUE(system.waitIdle(std::chrono::seconds(60)).isOk())
      << "the neighbour was never heard";
  const Waits waits = system.ask(busy, GetWaits{}).get();
  std::printf("%u turns under way: at most %llu handled before an echo\n",
              turns, static_cast<unsigned long long>(waits.worst));
  EXPECT_EQ(waits.echoes, calls);
  EXPECT_GE(waits.handled, turns);
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
  return waits;
}

template <class Busy, class Neighbour>
Waits spin(rk::System &system, std::uint32_t turns, std::uint32_t calls) {
  const auto neighbour = system.spawn<Neighbour>();
  return spin(system, system.spawn<Busy>(), neighbour, turns, calls);
}

/// What never ends of itself does not hold up the end of the run: an agent
/// looks for it between turns, so a turn has an end.
template <class Busy, class Neighbour>
void endsWhileBusy(rk::System system, std::uint32_t turns) {
  const auto neighbour = system.spawn<Neighbour>();
  const auto busy = system.spawn<Busy>();
  ASSERT_TRUE(
      system.send(busy, Spin<Neighbour>{neighbour, turns, ForEver}).isOk());
  // It is under way, and the host is heard as others are.
  ASSERT_EQ(system.ask(neighbour, Call{7}).get().handled, 7u);
  while (system.ask(busy, GetWaits{}).get().handled < 1000)
    ;
  EXPECT_TRUE(system.shutdown(std::chrono::seconds(20)).isOk());
}

} // namespace fair
