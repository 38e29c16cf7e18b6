//===- MutantTest.cpp - A mistake in the code must be found ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compiled with a copy of the device library in which a line is wrong: see
/// `mutate.cmake`.
///
//===----------------------------------------------------------------------===//

#include "InboxScenarios.h"

#include <gtest/gtest.h>

using namespace rk::test;

TEST(Mutant, IsFound) {
  std::string found;
  for (const Scenario &scenario : inboxScenarios())
    if (found.empty())
      found = scenario.explore(scenario.deviations, nullptr).failure;
  EXPECT_NE(found, "");
  RecordProperty("found", found);
}
