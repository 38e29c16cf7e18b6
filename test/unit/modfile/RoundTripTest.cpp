//===- RoundTripTest.cpp - What is written is what is read ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Samples.h"

#include "rk/modfile/Reader.h"
#include "rk/modfile/Version.h"
#include "rk/modfile/Writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace rk::modfile::test {
namespace {

const std::string SamplePath = RK_COMPAT_DIR "/v0_4/sample.rkm";
const std::string StencilSamplePath = RK_COMPAT_DIR "/v0_3/sample.rkm";
const std::string ActorSamplePath = RK_COMPAT_DIR "/v0_2/sample.rkm";
const std::string OldSamplePath = RK_COMPAT_DIR "/v0_1/sample.rkm";

TEST(RoundTrip, FiveHundredRandomModules) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Module module = randomModule(seed);
    const File file = written(module);
    auto read = readModule(file);
    ASSERT_TRUE(read) << read.error().text();
    expectSame(*read, module);
    EXPECT_EQ(written(ownedCopy(*read)), file);
    if (HasFailure())
      return;
  }
}

TEST(RoundTrip, EmptyModule) {
  const File file = written(Module());
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  expectSame(*read, Module());
}

TEST(RoundTrip, OrderOfRecordsDoesNotMatter) {
  Module module = sampleModule();
  std::reverse(module.messages.begin(), module.messages.end());
  std::reverse(module.actors.begin(), module.actors.end());
  std::reverse(module.handlers.begin(), module.handlers.end());
  std::reverse(module.images.begin(), module.images.end());
  EXPECT_EQ(written(module), written(sampleModule()));
}

TEST(RoundTrip, LargestTables) {
  Module module;
  for (std::uint32_t i = 0; i < MaxMessageTypes; ++i)
    module.messages.push_back({"m" + std::to_string(i), i, 4096, 64, i});
  for (std::uint32_t i = 0; i < MaxActorTypes; ++i)
    module.actors.push_back(
        {"a" + std::to_string(i), i, 65536, 65536, i, "f", i, {}});
  const File file = written(module);
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->messages.back().name, "m4094");
  EXPECT_EQ(read->actors.back().name, "a65534");
}

TEST(RoundTrip, PayloadsLieAlignedInTheFileAndAreFollowedByZero) {
  const File file = written(sampleModule());
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  for (const ImageView &image : read->images) {
    const std::byte *start = image.payload.data();
    EXPECT_EQ((start - file.data()) % 64, 0);
    EXPECT_LT(start + image.payload.size(), file.data() + file.size());
    EXPECT_EQ(start[image.payload.size()], std::byte(0));
  }
}

TEST(RoundTrip, ReadsAtAnyAlignment) {
  const File file = written(sampleModule());
  for (std::size_t shift = 1; shift < 16; ++shift) {
    auto copy = std::make_unique<std::byte[]>(file.size() + shift);
    std::memcpy(copy.get() + shift, file.data(), file.size());
    auto read = readModule({copy.get() + shift, file.size()});
    ASSERT_TRUE(read) << read.error().text();
    expectSame(*read, sampleModule());
  }
}

TEST(Golden, SampleOfVersion0_4HasItsContent) {
  const File file = fileContent(SamplePath);
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  expectSame(*read, sampleWithFunctions());
}

TEST(Golden, SampleOfVersion0_3HasItsContent) {
  const File file = fileContent(StencilSamplePath);
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  expectSame(*read, sampleWithStencil());
}

TEST(Golden, SampleOfVersion0_2HasItsContent) {
  const File file = fileContent(ActorSamplePath);
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  expectSame(*read, sampleModule());
}

TEST(Golden, SampleOfVersion0_1HasNoResidentActors) {
  const File file = fileContent(OldSamplePath);
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  Module expected = sampleModule();
  for (auto &actor : expected.actors)
    actor.isResident = false;
  expectSame(*read, expected);
}

TEST(Golden, WriterGivesTheBytesOfTheFrozenSample) {
  EXPECT_EQ(written(sampleWithFunctions()), fileContent(SamplePath));
}

TEST(Find, ModulesInsideAnotherFile) {
  const File first = written(sampleModule()), second = written(randomModule(7));
  File file(1000, std::byte(0x89));
  file.insert(file.end(), first.begin(), first.end());
  // The magic number alone, as a program that reads modules contains it.
  file.insert(file.end(), first.begin(), first.begin() + 8);
  file.insert(file.end(), 100, std::byte(0xff));
  file.insert(file.end(), second.begin(), second.end());
  file.insert(file.end(), first.begin(), first.begin() + 63);
  const auto found = findModules(file);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(
      std::equal(found[0].begin(), found[0].end(), first.begin(), first.end()));
  EXPECT_TRUE(std::equal(found[1].begin(), found[1].end(), second.begin(),
                         second.end()));
}

TEST(Find, ModuleThatIsCutOff) {
  File file = written(sampleModule());
  file.resize(500);
  const auto found = findModules(file);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].size(), 500u);
}

TEST(Find, HeaderGivesTheSize) {
  File file = written(sampleModule());
  const std::size_t size = file.size();
  file.resize(size + 77);
  auto info = readFileInfo(file);
  ASSERT_TRUE(info) << info.error().text();
  EXPECT_EQ(info->bytes, size);
  EXPECT_EQ(info->major, MajorVersion);
  EXPECT_EQ(info->minor, MinorVersion);
  EXPECT_EQ(info->hash, get64(file, 24));
  auto none = readFileInfo(std::span(file).first(20));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().text(),
            "offset 0x14: the file ends inside the header of 64 bytes");
}

} // namespace
} // namespace rk::modfile::test
