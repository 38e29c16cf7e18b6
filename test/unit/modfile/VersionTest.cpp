//===- VersionTest.cpp - Files of other versions -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Samples.h"

#include "rk/modfile/Reader.h"
#include "rk/modfile/Version.h"

#include <gtest/gtest.h>

namespace rk::modfile::test {
namespace {

constexpr std::size_t Minor = 10, FileBytes = 16, SectionCount = 32;

/// The sample as a later minor version would write it, if it changed nothing.
File newerSample() {
  File file = written(sampleModule());
  put16(file, Minor, MinorVersion + 1);
  return file;
}

void insertZeros(File &file, std::size_t at, std::size_t count) {
  file.insert(file.begin() + static_cast<long>(at), count, std::byte(0));
}

void expectSample(File file) {
  put64(file, FileBytes, file.size());
  fixHash(file);
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  expectSame(*read, sampleModule());
}

void expectRefused(File file, const std::string &text) {
  put64(file, FileBytes, file.size());
  fixHash(file);
  auto read = readModule(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, abi::StatusCode::CorruptModule);
  EXPECT_EQ(read.error().text(), text);
}

TEST(Version, NewerMajorIsUnsupported) {
  File file = written(sampleModule());
  put16(file, 8, MajorVersion + 1);
  fixHash(file);
  auto read = readModule(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, abi::StatusCode::UnsupportedVersion);
  EXPECT_EQ(read.error().text(), "offset 0x8: the file has format version 1.4; "
                                 "this reader knows 0.x");
}

TEST(Version, NewerMajorIsSaidBeforeAnythingElse) {
  File file(64, std::byte(0xee));
  const File sample = written(sampleModule());
  std::copy(sample.begin(), sample.begin() + 8, file.begin());
  put16(file, 8, 7);
  put16(file, Minor, 2);
  auto read = readModule(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), "offset 0x8: the file has format version 7.2; "
                                 "this reader knows 0.x");
}

TEST(Version, NewerMinorIsReadable) { expectSample(newerSample()); }

TEST(Version, NewerMinorMayUseReservedWords) {
  File file = newerSample();
  put64(file, 48, 5);                      // header
  put32(file, record(file, 3, 1) + 20, 4); // message
  put32(file, record(file, 4, 0) + 36, 4); // actor
  put32(file, record(file, 5, 0) + 12, 5); // field
  put32(file, record(file, 6, 2) + 28, 5); // handler
  put32(file, record(file, 7, 3) + 44, 5); // image
  expectSample(file);
}

TEST(Version, NewerMinorMayLengthenRecords) {
  // Eight bytes behind each of the four message records.
  File file = newerSample();
  const std::size_t start = record(file, 3, 0);
  for (std::size_t i = 4; i > 0; --i)
    insertZeros(file, start + 24 * i, 8);
  for (std::size_t i = 0; i < 4; ++i)
    put32(file, start + 32 * i + 28, 0xabcdef);
  put32(file, row(3) + 4, 32);
  put64(file, row(3) + 16, 4 * 32);
  for (unsigned kind = 4; kind <= 7; ++kind)
    put64(file, row(kind) + 8, get64(file, row(kind) + 8) + 32);
  // The payload has to stay at a multiple of 64.
  insertZeros(file, get64(file, row(7) + 8) + 4 * 48, 32);
  put64(file, row(8) + 8, get64(file, row(8) + 8) + 64);
  for (std::size_t i = 0; i < 4; ++i)
    put64(file, record(file, 7, i), get64(file, record(file, 7, i)) + 64);
  expectSample(file);
}

TEST(Version, NewerMinorMayAddSections) {
  File file = newerSample();
  insertZeros(file, 64 + 8 * 24, 64); // a row of 24 bytes, and padding
  for (unsigned kind = 1; kind <= 8; ++kind)
    put64(file, row(kind) + 8, get64(file, row(kind) + 8) + 64);
  for (std::size_t i = 0; i < 4; ++i)
    put64(file, record(file, 7, i), get64(file, record(file, 7, i)) + 64);
  put32(file, SectionCount, 9);
  put32(file, row(9), 12);
  put32(file, row(9) + 4, 1);
  put64(file, row(9) + 8, file.size());
  put64(file, row(9) + 16, 5);
  file.insert(file.end(), 5, std::byte('?'));
  expectSample(file);
  put16(file, Minor, MinorVersion);
  expectRefused(file, "offset 0x100: section 8 has the kind 12, which does not "
                      "belong at this place");
}

TEST(Version, NewerMinorMayAddKindsOfImage) {
  File file = newerSample();
  put32(file, record(file, 7, 3) + 16, 9);
  put64(file, FileBytes, file.size());
  fixHash(file);
  auto read = readModule(file);
  ASSERT_TRUE(read) << read.error().text();
  Module expected = sampleModule();
  expected.images.pop_back();
  expectSame(*read, expected);
}

TEST(Version, OffsetsOfErrorsCountImagesThatAreLeftOut) {
  File file = newerSample();
  put32(file, record(file, 7, 0) + 16, 9);
  put32(file, record(file, 7, 2) + 16, 0);
  expectRefused(file, "offset 0x418: image 1 has the unknown kind 0");
}

TEST(Version, NewerMinorIsCheckedToo) {
  File file = newerSample();
  put32(file, record(file, 6, 1) + 12, 2);
  expectRefused(file, "offset 0x374: handler 1 runs on 2 lanes; 1, 32, 256, "
                      "2048 and 1048576 are allowed");
}

} // namespace
} // namespace rk::modfile::test
