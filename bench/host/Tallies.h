//===- Tallies.h - What all receivers have counted --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Bench.h"

#include <vector>

namespace rkbench {

/// Asks all actors for their tallies, many at a time, and adds them up.
template <class Actor>
Tally addTallies(rk::System &system,
                 const std::vector<rk::ActorRef<Actor>> &actors) {
  constexpr std::size_t AtATime = 512;
  Tally total{};
  std::vector<rk::Future<Tally>> answers;
  for (std::size_t i = 0; i < actors.size(); ++i) {
    answers.push_back(system.ask(actors[i], TallyQuery{}));
    if (answers.size() < AtATime && i + 1 < actors.size())
      continue;
    for (rk::Future<Tally> &answer : answers) {
      const Tally tally = answer.get();
      total.received += tally.received;
      total.sum += tally.sum;
    }
    answers.clear();
  }
  return total;
}

} // namespace rkbench
