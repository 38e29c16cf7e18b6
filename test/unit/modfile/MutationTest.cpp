//===- MutationTest.cpp - Damaged files ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Damage to every byte of files. Run under AddressSanitizer too.
///
//===----------------------------------------------------------------------===//

#include "Samples.h"

#include "rk/modfile/Reader.h"
#include "rk/modfile/Writer.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace rk::modfile::test {
namespace {

/// Reads from a block of exactly the file's size, so that a sanitizer sees a
/// read behind it.
Result<ModuleView> readExactly(std::span<const std::byte> file,
                               std::unique_ptr<std::byte[]> &keep) {
  keep = std::make_unique<std::byte[]>(file.size());
  std::copy(file.begin(), file.end(), keep.get());
  return readModule({keep.get(), file.size()});
}

/// What holds for every refusal.
void expectGoodError(const Error &error, std::size_t fileBytes) {
  EXPECT_TRUE(error.code == abi::StatusCode::CorruptModule ||
              error.code == abi::StatusCode::UnsupportedVersion);
  EXPECT_LE(error.offset, fileBytes) << error.text();
  EXPECT_FALSE(error.message.empty());
}

TEST(Mutation, EveryTruncationIsRefused) {
  const File file = written(sampleModule());
  for (std::size_t size = 0; size < file.size(); ++size) {
    std::unique_ptr<std::byte[]> keep;
    auto read = readExactly(std::span(file).first(size), keep);
    ASSERT_FALSE(read) << size << " bytes";
    expectGoodError(read.error(), size);
  }
}

TEST(Mutation, EveryTruncationIsRefusedWithLengthAndHashRight) {
  const File whole = written(sampleModule());
  for (std::size_t size = 64; size < whole.size(); ++size) {
    File file(whole.begin(), whole.begin() + static_cast<long>(size));
    put64(file, 16, size);
    fixHash(file);
    std::unique_ptr<std::byte[]> keep;
    auto read = readExactly(file, keep);
    ASSERT_FALSE(read) << size << " bytes";
    expectGoodError(read.error(), size);
  }
}

TEST(Mutation, EveryBitFlipIsRefused) {
  File file = written(sampleModule());
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    const auto flip = static_cast<std::byte>(1u << (bit % 8));
    file[bit / 8] ^= flip;
    auto read = readModule(file);
    ASSERT_FALSE(read) << "bit " << bit % 8 << " of byte " << bit / 8;
    expectGoodError(read.error(), file.size());
    file[bit / 8] ^= flip;
  }
}

TEST(Mutation, AppendedBytesAreRefused) {
  File file = written(sampleModule());
  file.push_back(std::byte(0));
  auto read = readModule(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), "offset 0x10: the header says that the file "
                                 "has 1728 bytes; it has 1729");
}

/// With the hash made right again, a change gives a module or a good error;
/// a module that is read can be written and read again.
void readMutated(File file) {
  fixHash(file);
  std::unique_ptr<std::byte[]> keep;
  auto read = readExactly(file, keep);
  if (!read)
    return expectGoodError(read.error(), file.size());
  const Module copy = ownedCopy(*read);
  auto again = writeModule(*read);
  ASSERT_TRUE(again) << again.error().text();
  auto readAgain = readModule(*again);
  ASSERT_TRUE(readAgain) << readAgain.error().text();
  expectSame(*readAgain, copy);
}

TEST(Mutation, EveryBitFlipWithTheHashRight) {
  const File file = written(sampleModule());
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    File other = file;
    other[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    readMutated(other);
    fixHash(other);
    refused += !readModule(other);
    ASSERT_FALSE(HasFailure()) << "bit " << bit % 8 << " of byte " << bit / 8;
  }
  // Payload, hashes, line numbers and the like may hold anything; what gives
  // the file its form may not.
  EXPECT_GT(refused, file.size() * 8 / 3);
}

TEST(Mutation, WordsOfExtremeValueWithTheHashRight) {
  const File file = written(sampleModule());
  const std::uint64_t values[] = {
      0, 1, 0x7fffffff, 0x80000000, 0xffffffff, file.size(), file.size() - 1};
  for (std::size_t at = 0; at + 8 <= file.size(); at += 4)
    for (std::uint64_t value : values)
      for (int wide = 0; wide < 2; ++wide) {
        File other = file;
        if (wide)
          put64(other, at, value << 32 | value);
        else
          put32(other, at, static_cast<std::uint32_t>(value));
        readMutated(other);
        ASSERT_FALSE(HasFailure()) << value << " at byte " << at;
      }
}

TEST(Mutation, TwentyThousandRandomChangesWithTheHashRight) {
  std::mt19937_64 random(22);
  std::vector<File> files;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    files.push_back(written(randomModule(seed)));
  for (int round = 0; round < 20000; ++round) {
    File file = files[random() % files.size()];
    for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t at = random() % (file.size() - 8);
      switch (random() % 4) {
      case 0:
        file[at] = static_cast<std::byte>(random());
        break;
      case 1:
        put32(file, at & ~3ull, static_cast<std::uint32_t>(random() % 300));
        break;
      case 2: // a word of another place
        put32(file, at & ~3ull, get32(file, random() % (file.size() - 8)));
        break;
      case 3: // shorter or longer
        file.resize(file.size() - 64 + random() % 128);
        file.resize(std::max<std::size_t>(file.size(), 72));
        put64(file, 16, file.size());
        break;
      }
    }
    readMutated(file);
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

} // namespace
} // namespace rk::modfile::test
