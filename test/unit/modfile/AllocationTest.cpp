//===- AllocationTest.cpp - Memory in proportion to the file --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Counts what reading takes from the heap.
///
//===----------------------------------------------------------------------===//

#include "CountingHeap.h"
#include "Samples.h"

#include "rk/modfile/Reader.h"

#include <gtest/gtest.h>

namespace rk::modfile::test {
namespace {

/// Everything that reading `file` takes from the heap, one after the other.
std::size_t bytesToRead(const File &file) {
  const std::size_t before = heapBytes();
  (void)readModule(file);
  return heapBytes() - before;
}

/// A record of 8 bytes may become a view of 16; errors are texts.
std::size_t allowedBytes(const File &file) { return 4 * file.size() + 4096; }

TEST(Allocation, GoodFiles) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const File file = written(randomModule(seed));
    EXPECT_LE(bytesToRead(file), allowedBytes(file)) << "seed " << seed;
  }
}

TEST(Allocation, PayloadsAndTextAreNotCopied) {
  Module module = sampleModule();
  const std::size_t small = bytesToRead(written(module));
  module.images[0].payload.resize(10'000'000);
  module.name = std::string(1'000'000, 'n');
  EXPECT_EQ(bytesToRead(written(module)), small);
}

TEST(Allocation, NumbersInTheFileAreNotBelieved) {
  const File sample = written(sampleModule());
  for (std::uint32_t value : {0x7fffffffu, 0xffffffffu, 0x10000000u, 100000u})
    for (std::size_t at = 32; at + 4 <= sample.size(); at += 4) {
      File file = sample;
      put32(file, at, value);
      fixHash(file);
      ASSERT_LE(bytesToRead(file), allowedBytes(file))
          << value << " at byte " << at;
    }
}

} // namespace
} // namespace rk::modfile::test
