//===- Tallies.h - What all receivers have counted --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Bench.h"

#include <vector>

namespace rkbench {

/// Asks all actors the same, many at a time; returns the answers in the order
/// of the actors.
template <class Answer, class Actor, class Question>
std::vector<Answer> askAll(rk::System &system,
                           const std::vector<rk::ActorRef<Actor>> &actors,
                           const Question &question) {
  constexpr std::size_t AtATime = 512;
  std::vector<Answer> all;
  all.reserve(actors.size());
  std::vector<rk::Future<Answer>> answers;
  for (std::size_t i = 0; i < actors.size(); ++i) {
    answers.push_back(system.ask(actors[i], question));
    if (answers.size() < AtATime && i + 1 < actors.size())
      continue;
    for (rk::Future<Answer> &answer : answers)
      all.push_back(answer.get());
    answers.clear();
  }
  return all;
}

} // namespace rkbench
