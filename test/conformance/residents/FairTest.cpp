//===- FairTest.cpp - A busy resident actor and those who write to it -----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A resident has its warp to itself, so what it could hold up are others'
/// messages to itself, and the end of the run. On the CPU workers run it, with
/// their bound.
///
//===----------------------------------------------------------------------===//

#include "../Fair.h"
#include "Actors.h"

using fair::oneWorker;
using fair::Waits;

namespace {

template <class Busy> class FairResident : public testing::Test {};

template <class BusyActor, class NeighbourActor> struct Pair {
  using Busy = BusyActor;
  using Neighbour = NeighbourActor;
};
using Pairs = testing::Types<Pair<BusyResident, ResidentNeighbour>,
                             Pair<BusyWarp, ResidentNeighbour>,
                             Pair<BusyBesidePooled, fair::Neighbour>>;
TYPED_TEST_SUITE(FairResident, Pairs);

TYPED_TEST(FairResident, ABusyActorHearsOthers) {
  // Fewer than its ring holds, and more.
  for (const std::uint32_t turns : {1u, 5u, 300u}) {
    rk::System system(oneWorker());
    const Waits waits =
        fair::spin<typename TypeParam::Busy, typename TypeParam::Neighbour>(
            system, turns, 100);
    if (system.description().backend == "cpu") {
      EXPECT_LE(waits.worst, fair::boundInOneInbox(turns));
    }
  }
}

/// The other's messages come by a far ring, the actor's own by a near one.
TEST(FairResidentOfAnotherCluster, ABusyActorHearsIt) {
  for (const std::uint32_t turns : {1u, 5u, 300u}) {
    rk::SystemOptions options = oneWorker();
    options.residents = 70;
    rk::System system(options);
    const auto place = rk::Placement::spread();
    const auto neighbour = system.spawnAt<ResidentNeighbour>(place);
    const auto busy = system.spawnAt<BusyResident>(place);
    fair::spin(system, busy, neighbour, turns, 100);
  }
}

TYPED_TEST(FairResident, HoldsUpNoShutdown) {
  for (const std::uint32_t turns : {1u, 300u})
    fair::endsWhileBusy<typename TypeParam::Busy,
                        typename TypeParam::Neighbour>(rk::System(oneWorker()),
                                                       turns);
}

} // namespace
