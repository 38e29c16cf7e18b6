//===- StallTest.cpp - A handler that does not return ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// In a program of its own: on a GPU the kernel is still running at its end,
/// and no other can start in the process.
///
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <atomic>
#include <thread>

using namespace conformance;
using rk::StatusCode;

namespace {

TEST(Stall, ALoopingHandlerIsReportedAndDoesNotHoldTheEnd) {
  rk::SystemOptions options = smallOptions();
  options.stallThreshold = 100ms;
  std::atomic<int> reports{0};
  options.onStall = [&](const rk::StallReport &) { ++reports; };
  rk::System system(options);
  const auto looper = system.spawn<Looper>();
  EXPECT_EQ(system.ask(looper, Get{}).get().value, 0);
  ASSERT_TRUE(system.send(looper, Loop{4000}).isOk());
  auto behind = system.ask(looper, Get{}, 1h);
  for (int i = 0; i < 300 && reports == 0; ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_EQ(reports, 1);
  const auto stalls = system.stalls();
  ASSERT_EQ(stalls.size(), 1u);
  EXPECT_EQ(stalls[0].handler, "conformance::Looper::on(conformance::Loop)");
  EXPECT_EQ(stalls[0].actorType, "conformance::Looper");
  EXPECT_EQ(stalls[0].actor, looper.bits());
  EXPECT_NE(stalls[0].file.find("Actors."), std::string::npos)
      << stalls[0].file;
  EXPECT_GT(stalls[0].line, 0u);
  EXPECT_GE(stalls[0].since, 100ms);
  const auto begin = std::chrono::steady_clock::now();
  const rk::Status status = system.shutdown(200ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
  EXPECT_EQ(status.code(), StatusCode::WorkerStalled);
  EXPECT_NE(status.detail().find("conformance::Looper::on(conformance::Loop)"),
            std::string::npos)
      << status.message();
  EXPECT_EQ(behind.result().code(), StatusCode::WorkerStalled);
}

} // namespace
