//===- Hash.cpp - The content hash of a module ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "HashInternal.h"

#include "FormatInternal.h"

#include <bit>
#include <cstring>

namespace rk::modfile {
namespace {

constexpr std::uint64_t Prime1 = 0x9e3779b185ebca87;
constexpr std::uint64_t Prime2 = 0xc2b2ae3d27d4eb4f;
constexpr std::uint64_t Prime3 = 0x165667b19e3779f9;
constexpr std::uint64_t Prime4 = 0x85ebca77c2b2ae63;
constexpr std::uint64_t Prime5 = 0x27d4eb2f165667c5;

/// Loads a little-endian number. GCC 12 makes eight loads of `format::U64`.
template <class Number, class Little> Number load(const std::byte *at) {
  if constexpr (std::endian::native == std::endian::little) {
    Number number;
    std::memcpy(&number, at, sizeof number);
    return number;
  } else {
    Little number;
    std::memcpy(&number, at, sizeof number);
    return number;
  }
}
std::uint64_t load64(const std::byte *at) {
  return load<std::uint64_t, format::U64>(at);
}
std::uint32_t load32(const std::byte *at) {
  return load<std::uint32_t, format::U32>(at);
}

std::uint64_t mix(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * Prime2, 31) * Prime1;
}

std::uint64_t mergeLane(std::uint64_t hash, std::uint64_t lane) {
  return (hash ^ mix(0, lane)) * Prime1 + Prime4;
}

/// Takes in the last 0 to 31 bytes.
std::uint64_t mixTail(std::uint64_t hash, const std::byte *at,
                      std::size_t left) {
  for (; left >= 8; at += 8, left -= 8) {
    hash ^= mix(0, load64(at));
    hash = std::rotl(hash, 27) * Prime1 + Prime4;
  }
  if (left >= 4) {
    hash ^= load32(at) * Prime1;
    hash = std::rotl(hash, 23) * Prime2 + Prime3;
    at += 4;
    left -= 4;
  }
  for (; left; ++at, --left) {
    hash ^= std::to_integer<std::uint64_t>(*at) * Prime5;
    hash = std::rotl(hash, 11) * Prime1;
  }
  return hash;
}

} // namespace

std::uint64_t xxh64(std::span<const std::byte> bytes, std::uint64_t seed) {
  const std::byte *at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = seed + Prime5;
  if (left >= 32) {
    std::uint64_t lanes[4] = {seed + Prime1 + Prime2, seed + Prime2, seed,
                              seed - Prime1};
    for (; left >= 32; at += 32, left -= 32)
      for (int i = 0; i < 4; ++i)
        lanes[i] = mix(lanes[i], load64(at + 8 * i));
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) +
           std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (std::uint64_t lane : lanes)
      hash = mergeLane(hash, lane);
  }
  hash = mixTail(hash + bytes.size(), at, left);
  hash = (hash ^ hash >> 33) * Prime2;
  hash = (hash ^ hash >> 29) * Prime3;
  return hash ^ hash >> 32;
}

std::uint64_t contentHash(std::span<const std::byte> bytes) {
  constexpr std::size_t Before = offsetof(format::Header, hash);
  constexpr std::size_t Behind = Before + sizeof(format::U64);
  return xxh64(bytes.subspan(Behind), xxh64(bytes.first(Before), 0));
}

} // namespace rk::modfile
