//===- InboxExploreTest.cpp - The inbox in every interleaving -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "InboxScenarios.h"

#include <gtest/gtest.h>

using namespace rk::test;

namespace {

class Inboxes : public testing::TestWithParam<Scenario> {};
INSTANTIATE_TEST_SUITE_P(Explored, Inboxes, testing::ValuesIn(inboxScenarios()),
                         [](const auto &test) { return test.param.name; });

TEST_P(Inboxes, Hold) {
  const Findings findings = GetParam().explore(GetParam().deviations, nullptr);
  EXPECT_EQ(findings.failure, "") << "execution " << findings.executions;
  EXPECT_GT(findings.executions, 500u);
  RecordProperty("executions", std::to_string(findings.executions));
}

//===----------------------------------------------------------------------===//
// Each order is needed: without it, a scenario fails
//===----------------------------------------------------------------------===//

struct NeededOrder {
  const char *name;
  Mistake mistake;
  const char *scenario;
  const char *failure;
};
constexpr auto Load = WeakMemory::Kind::Load;
constexpr auto Store = WeakMemory::Kind::Store;
constexpr auto Modify = WeakMemory::Kind::Modify;

constexpr const char *Stuck = "stuck: thread 2 waits for ever";
constexpr const char *Torn = "words of two messages in one";
constexpr const char *Early = "a packet is written while it may still be read";
constexpr const char *Old = "what the owner before has left is not there";

const NeededOrder neededOrders[] = {
    {"AcquireOfTheTailByTickets",
     {Site::Tail, Modify, true},
     "CloseAndReopen",
     Stuck},
    {"AcquireOfTheTailByClosers",
     {Site::Tail, Load, true},
     "CloseAndReopen",
     Stuck},
    {"ReleaseOfTheTail", {Site::Tail, Store, false}, "CloseAndReopen", Stuck},
    {"AcquireOfTheHead",
     {Site::HeadNumber, Load, true},
     "HomeSegmentsAgain",
     Early},
    {"ReleaseOfTheHead",
     {Site::HeadNumber, Store, false},
     "HomeSegmentsAgain",
     Early},
    {"AcquireOfRecentEntries",
     {Site::Recent, Load, true},
     "HomeSegmentsAgain",
     Early},
    {"ReleaseOfRecentEntries",
     {Site::Recent, Store, false},
     "HomeSegmentsAgain",
     Early},
    {"AcquireOfEntries",
     {Site::Directory, Load, true},
     "HomeSegmentsAgain",
     Early},
    {"ReleaseOfEntries",
     {Site::Directory, Store, false},
     "HomeSegmentsAgain",
     Early},
    {"AcquireOfMarks", {Site::Mark, Load, true}, "FromTheFirstTicket", Torn},
    {"ReleaseOfMarks", {Site::Mark, Store, false}, "FromTheFirstTicket", Torn},
    {"AcquireOfPoolCells", {Site::PoolCell, Load, true}, "PoolOf1", Old},
    {"ReleaseOfPoolCells", {Site::PoolCell, Store, false}, "PoolOf1", Old},
};

class Orders : public testing::TestWithParam<NeededOrder> {};
INSTANTIATE_TEST_SUITE_P(Explored, Orders, testing::ValuesIn(neededOrders),
                         [](const auto &test) { return test.param.name; });

TEST_P(Orders, IsNeeded) {
  const NeededOrder &order = GetParam();
  EXPECT_EQ(exploreScenario(order.scenario, &order.mistake).failure,
            order.failure);
}

} // namespace
