//===- StatusTest.cpp - Status, Result and their texts --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/status.h"
#include "rk/report.h"

#include <gtest/gtest.h>

using namespace rk;

namespace {

TEST(Status, OkIsSilent) {
  const Status status;
  EXPECT_TRUE(status.isOk());
  EXPECT_TRUE(bool(status));
  EXPECT_EQ(status.message(), "Ok: done");
}

TEST(Status, SaysWhatWhyAndWhatNext) {
  const Status status(StatusCode::NoImage, "this GPU is sm_90");
  EXPECT_FALSE(status.isOk());
  EXPECT_EQ(status.message(),
            "NoImage: the module has no image for this target: this GPU is "
            "sm_90 (compile with the --arch that the message names)");
}

TEST(Result, HoldsAValueOrAReason) {
  Result<int> good = 5;
  EXPECT_TRUE(good.isOk());
  EXPECT_EQ(*good, 5);
  EXPECT_EQ(good.code(), StatusCode::Ok);
  EXPECT_TRUE(good.status().isOk());
  const Result<int> bad = Status(StatusCode::NotFound, "x");
  EXPECT_FALSE(bad.isOk());
  EXPECT_EQ(bad.code(), StatusCode::NotFound);
}

TEST(Result, ValueThrowsTheWholeText) {
  Result<std::string> bad = Status(StatusCode::IoError, "a.rkm: gone");
  try {
    (void)bad.value();
    FAIL() << "no exception";
  } catch (const StatusError &error) {
    EXPECT_EQ(error.status().code(), StatusCode::IoError);
    EXPECT_STREQ(error.what(),
                 "IoError: a file could not be read or written: a.rkm: gone "
                 "(read the system's error in the message)");
  }
}

TEST(Report, StallText) {
  StallReport report;
  report.worker = 3;
  report.actor = 0x1000002a;
  report.handler = "Account::on(Deposit)";
  report.file = "bank.cpp";
  report.line = 12;
  report.since = std::chrono::milliseconds(1250);
  EXPECT_EQ(report.text(), "worker 3: Account::on(Deposit) at bank.cpp:12 has "
                           "been running for 1.25 s on actor 0x1000002a");
}

TEST(Report, EveryReasonHasAName) {
  for (std::uint32_t i = 0; i < rk::abi::DeadLetterReasonCount; ++i)
    EXPECT_STRNE(deadLetterReasonName(DeadLetterReason(i)), "unknown");
}

} // namespace
