//===- FairTest.cpp - A busy team and those who write to it ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "../Fair.h"
#include "Actors.h"

using fair::oneWorker;
using fair::Waits;

namespace {

template <class Busy> class FairTeam : public testing::Test {};
using Kinds =
    testing::Types<teams::BusyBlock, teams::BusyCluster, teams::BusyGrid>;
TYPED_TEST_SUITE(FairTeam, Kinds);

TYPED_TEST(FairTeam, ABusyActorHearsOthers) {
  for (const std::uint32_t turns : {1u, 300u}) {
    rk::System system(oneWorker());
    const Waits waits =
        fair::spin<TypeParam, fair::Neighbour>(system, turns, 100);
    if (system.description().backend == "cpu") {
      EXPECT_LE(waits.worst, fair::boundInOneInbox(turns));
    }
  }
}

TYPED_TEST(FairTeam, HoldsUpNoShutdown) {
  for (const std::uint32_t turns : {1u, 300u})
    fair::endsWhileBusy<TypeParam, fair::Neighbour>(rk::System(oneWorker()),
                                                    turns);
}

} // namespace
