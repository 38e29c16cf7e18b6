//===- WriterTest.cpp - Modules that are not written ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Samples.h"

#include "rk/modfile/Writer.h"

#include <gtest/gtest.h>

namespace rk::modfile::test {
namespace {

void expectRefused(const Module &module, const std::string &text) {
  auto result = writeModule(module);
  ASSERT_FALSE(result) << "accepted instead of: " << text;
  EXPECT_EQ(result.error().code, abi::StatusCode::InvalidArgument);
  EXPECT_EQ(result.error().offset, Error::NoOffset);
  EXPECT_EQ(result.error().text(), text);
}

TEST(Writer, IndicesWithAGap) {
  Module module = sampleModule();
  module.messages[3].index = 4;
  expectRefused(module, "message type 'geo::Move' has the index 4 at place 3; "
                        "indices are 0 to n-1, each once");
}

TEST(Writer, IndexTwice) {
  Module module = sampleModule();
  module.actors[0].index = 2;
  module.actors[2].index = 2;
  module.actors[1].index = 0;
  auto result = writeModule(module);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().text().find("has the index 2 at place 1"),
            std::string::npos)
      << result.error().text();
}

TEST(Writer, TooManyMessageTypes) {
  Module module;
  for (std::uint32_t i = 0; i <= MaxMessageTypes; ++i)
    module.messages.push_back({"m" + std::to_string(i), i, 1, 1, i});
  expectRefused(module, "4096 message types; at most 4095 are allowed");
}

TEST(Writer, TwoTypesWithOneHash) {
  Module module = sampleModule();
  module.messages[2].hash = module.messages[0].hash;
  expectRefused(module, "message types 'Balance' and 'Query' have the same "
                        "hash 0xa49eaf1ec8a9f99a; rename one");
}

TEST(Writer, TextWithAZeroByte) {
  Module module = sampleModule();
  module.name = std::string("a\0b", 3);
  expectRefused(module, "the text 'a\\x00b' contains a zero byte");
}

TEST(Writer, LongNamesAreCutInMessages) {
  Module module = sampleModule();
  module.messages[0].name = std::string(5000, 'n');
  module.messages[0].size = 0;
  expectRefused(module, "message type '" + std::string(100, 'n') +
                            "...' has 0 bytes; 1 to 4096 are allowed");
}

TEST(Writer, StateBeyondTheLimit) {
  Module module = sampleModule();
  module.actors[0].size = 65544;
  expectRefused(module, "actor type 'Account' has 65544 bytes; 1 to 65536 are "
                        "allowed");
}

TEST(Writer, TypesAndTargetsWithoutName) {
  Module module = sampleModule();
  module.images[0].target.clear();
  expectRefused(module, "image 0 has no target");
  module.actors[2].name.clear();
  expectRefused(module, "actor type 2 has no name");
  module.messages[1].name.clear();
  expectRefused(module, "message type 1 has no name");
}

TEST(Writer, TwoHandlersForOneMessage) {
  Module module = sampleModule();
  module.handlers.push_back(module.handlers[0]);
  expectRefused(module, "actor type 'Account' has two handlers for message "
                        "type 'Deposit'");
}

TEST(Writer, TwoImagesForOneTarget) {
  Module module = sampleModule();
  module.images[1].target = "sm_80";
  expectRefused(module, "two images of kind cubin for target 'sm_80'");
}

TEST(Writer, ImageWithoutBytes) {
  Module module = sampleModule();
  module.images[2].payload.clear();
  expectRefused(module, "image 2 for 'sm_90' is empty");
}

} // namespace
} // namespace rk::modfile::test
