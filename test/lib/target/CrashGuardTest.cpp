//===- CrashGuardTest.cpp - Survive a crash inside LLVM -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/CrashGuard.h"

#include <gtest/gtest.h>

using namespace rkc;

TEST(CrashGuardTest, WhatComesBackIsNoCrash) {
  bool ran = false;
  EXPECT_EQ(runGuarded([&] { ran = true; }), std::nullopt);
  EXPECT_TRUE(ran);
}

TEST(CrashGuardTest, ASignalHasItsName) {
  auto reason = runGuarded([] { crashOnPurpose("signal"); });
  ASSERT_TRUE(reason.has_value());
  EXPECT_EQ(*reason, "Segmentation fault");
}

TEST(CrashGuardTest, AFatalErrorHasItsText) {
  auto reason = runGuarded([] { crashOnPurpose("fatal"); });
  ASSERT_TRUE(reason.has_value());
  EXPECT_EQ(*reason, "crash requested by --debug-crash");
}

TEST(CrashGuardTest, LackOfMemoryIsAnErrorToo) {
  auto reason = runGuarded([] { crashOnPurpose("memory"); });
  ASSERT_TRUE(reason.has_value());
  EXPECT_EQ(*reason, "allocation failed");
}

TEST(CrashGuardTest, ItWorksAgainAfterACrash) {
  for (const char *kind : {"fatal", "signal", "memory", "fatal"})
    EXPECT_TRUE(runGuarded([&] { crashOnPurpose(kind); }).has_value());
  EXPECT_EQ(runGuarded([] {}), std::nullopt);
}
