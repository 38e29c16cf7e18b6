//===- InboxScenarios.h - Small programs over one inbox ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "SmallInbox.h"

#include <functional>
#include <string>
#include <vector>

namespace rk::test {

struct Scenario {
  std::string name;
  std::uint32_t deviations;
  /// Explores it, with a mistake or with null.
  std::function<Findings(std::uint32_t deviations, const Mistake *)> explore;
};

/// Senders, a receiver, home segments, the pool, closing and reopening; and the
/// pool alone.
const std::vector<Scenario> &inboxScenarios();
Findings exploreScenario(const std::string &name, const Mistake *mistake);

} // namespace rk::test
