//===- WalkTest.cpp - What the benchmarks' checks can see -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "../../bench/host/Traffic.h"

#include <gtest/gtest.h>

#include <set>

namespace rkbench {
namespace {

template <class Message> class Walk : public testing::Test {};
using Messages =
    testing::Types<Step<16>, Step<32>, Step<48>, Step<112>, Step<1024>,
                   Tidings<16>, Tidings<48>, Tidings<112>, Tidings<1024>>;
TYPED_TEST_SUITE(Walk, Messages);

template <class Message> auto begin(std::uint64_t seed, std::uint64_t left) {
  return beginWalk<WalkOf<Message>::Bytes>(seed, left);
}

// One that was lost and another that was doubled leave the number as it is, so
// their hashes must differ.
TYPED_TEST(Walk, EveryMessageHasAnIdentity) {
  constexpr std::uint64_t Walks = 256, Steps = 64;
  std::mt19937_64 random(1);
  std::set<std::uint64_t> hashes;
  for (std::uint64_t i = 0; i < Walks; ++i) {
    auto step = begin<TypeParam>(random(), Steps);
    hashes.insert(hashOf(step));
    for (; step.words[1] != 0; hashes.insert(hashOf(step)))
      step = stepAfter(step);
  }
  EXPECT_EQ(hashes.size(), Walks * (Steps + 1));
}

TYPED_TEST(Walk, EveryBitShows) {
  const auto step = stepAfter(begin<TypeParam>(12345, 9));
  for (std::size_t word = 0; word < step.words.size(); ++word)
    for (unsigned bit = 0; bit < 64; ++bit) {
      auto damaged = step;
      damaged.words[word] ^= std::uint64_t(1) << bit;
      EXPECT_NE(hashOf(damaged), hashOf(step)) << word << ", " << bit;
    }
}

TYPED_TEST(Walk, TwoSeedsTellTheSumOfAll) {
  constexpr std::uint64_t Steps = 100;
  const Tally none = tallyOfWalk<TypeParam>(begin<TypeParam>(0, Steps));
  const Tally one = tallyOfWalk<TypeParam>(begin<TypeParam>(1, Steps));
  EXPECT_EQ(none.received, 1 + Steps * WalkOf<TypeParam>::Copies);
  std::mt19937_64 random(2);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t seed = random();
    EXPECT_EQ(tallyOfWalk<TypeParam>(begin<TypeParam>(seed, Steps)).sum,
              none.sum + seed * (one.sum - none.sum));
  }
}

TEST(Parcels, EveryNumberHasASumOfItsOwn) {
  for (std::uint64_t number : {1u, 2u, 1000u, 4'000'000u})
    EXPECT_EQ(hashOf(parcelOf(number)), number * hashOf(parcelOf(1)));
  EXPECT_NE(hashOf(parcelOf(1)), 0u);
}

} // namespace
} // namespace rkbench
