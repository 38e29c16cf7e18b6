//===- FairTest.cpp - A busy actor and its worker's others ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Fair.h"
#include "Suite.h"

using conformance::smallOptions;
using fair::Waits;

namespace {

/// All actors share one worker.
rk::SystemOptions oneWorker() {
  rk::SystemOptions options = smallOptions();
  options.workers = 1;
  return options;
}

TEST(Fair, ABusyActorLeavesOthersTheirTurns) {
  for (const std::uint32_t turns : {1u, 31u, 32u, 300u, 5000u}) {
    rk::System system(oneWorker());
    const Waits waits =
        fair::spin<fair::Busy, fair::Neighbour>(system, turns, 100);
    EXPECT_LE(waits.worst, fair::boundInOneInbox(turns));
  }
}

/// The neighbour may be of another worker, so there is no bound but an end.
TEST(Fair, AnsweredWhereActorsMove) {
  rk::SystemOptions options = smallOptions();
  options.workers = 4;
  options.balance = rk::Balance::Random;
  rk::System system(options);
  fair::spin<fair::Busy, fair::Neighbour>(system, 300, 100);
}

TEST(Fair, AnActorWithoutAnEndHoldsUpNoShutdown) {
  for (const std::uint32_t turns : {1u, 300u})
    fair::endsWhileBusy<fair::Busy, fair::Neighbour>(rk::System(oneWorker()),
                                                     turns);
}

} // namespace
