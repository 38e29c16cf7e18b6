//===- Seed.h - What random tests draw from --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A generator for tests, and the seed that it starts from: `RK_TEST_SEED`, or
/// always the same. A test that fails says which it was.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace rk::test {

/// Mixes 64 bits (S. Vigna's splitmix64, the output step).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

inline std::uint64_t testSeed() {
  const char *text = std::getenv("RK_TEST_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 20261122;
}

/// Names the seed in the failures of the scope it stands in.
#define RK_NAME_SEED()                                                         \
  SCOPED_TRACE("RK_TEST_SEED=" + std::to_string(rk::test::testSeed()))

/// Random numbers: the test's seed, and which of its streams.
class Random {
public:
  explicit Random(std::uint64_t stream)
      : state_(mix(testSeed()) ^ mix(stream)) {}

  std::uint64_t next() { return mix(state_++); }
  /// Returns a number from 0 to `end` - 1.
  std::uint64_t below(std::uint64_t end) { return next() % end; }
  /// Whether a chance of one in `count` comes true.
  bool oneIn(std::uint64_t count) { return below(count) == 0; }

private:
  std::uint64_t state_;
};

} // namespace rk::test
