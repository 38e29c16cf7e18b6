//===- HashTest.cpp - The content hash -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "HashInternal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rk::modfile::test {
namespace {

std::uint64_t hashOf(const std::string &text, std::uint64_t seed) {
  return xxh64(std::as_bytes(std::span(text)), seed);
}

// Values of the reference implementation (xxHash 0.8): the texts are those of
// its own and its bindings' tests.
TEST(Hash, ReferenceValues) {
  EXPECT_EQ(hashOf("", 0), 0xef46db3751d8e999u);
  EXPECT_EQ(hashOf("", 1), 0xd5afba1336a3be4bu);
  EXPECT_EQ(hashOf("a", 0), 0xd24ec4f1a98c6e5bu);
  EXPECT_EQ(hashOf("abc", 0), 0x44bc2cf5ad770999u);
  EXPECT_EQ(hashOf("Nobody inspects the spammish repetition", 0),
            0xfbcea83c8a378bf1u);
}

TEST(Hash, EveryByteAndTheSeedCount) {
  for (std::size_t size = 1; size < 80; ++size) {
    const std::string text(size, 'x');
    EXPECT_NE(hashOf(text, 0), hashOf(text, 1));
    EXPECT_NE(hashOf(text, 0), hashOf(text + "x", 0));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] = 'y';
      EXPECT_NE(hashOf(other, 0), hashOf(text, 0));
    }
  }
}

TEST(Hash, ContentHashLeavesOutItselfAlone) {
  std::vector<std::byte> file(100, std::byte(3));
  const std::uint64_t hash = contentHash(file);
  for (std::size_t i = 0; i < file.size(); ++i) {
    file[i] ^= std::byte(1);
    const bool isHash = i >= 24 && i < 32;
    EXPECT_EQ(contentHash(file) == hash, isHash) << "byte " << i;
    file[i] ^= std::byte(1);
  }
}

} // namespace
} // namespace rk::modfile::test
