//===- Copies.h - States and large messages in wide pieces ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What link agents do with the content of large messages and of states, and
/// lanes with the states of actors that they make.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Agent.h"

namespace rk::device {

/// Copies `bytes` bytes from host memory, whose packet has been seen; the lanes
/// take 4 bytes each in turn. All lanes call it.
///
/// Ordering  system-scope loads after an acquire fence: the host wrote the
///           staging area before the packet's marks.
inline void copyFromHost(uint32_t lane, unsigned char *to,
                         const unsigned char *from, uint32_t bytes) {
  fence<Scope::System>();
  for (uint32_t i = 4 * lane; i < bytes; i += 4 * LaneCount) {
    const uint32_t word = load<Order::Relaxed, Scope::System>(
        reinterpret_cast<const uint32_t *>(from + i));
    __builtin_memcpy(to + i, &word, 4);
  }
  // For whoever reads the copy.
  fence<Scope::Device>();
  syncLanes();
}

/// Copies `bytes` bytes, a multiple of 16, behind themselves until they are
/// there `count` times; lanes copy 16 bytes each in turn. All lanes call it.
inline void repeat(uint32_t lane, unsigned char *first, uint32_t bytes,
                   uint32_t count) {
  using Words = uint64_t __attribute__((vector_size(16), may_alias));
  auto *const words = reinterpret_cast<Words *>(first);
  const uint32_t length = bytes / 16;
  const uint64_t end = uint64_t(length) * count;
  uint32_t from = lane % length;
  for (uint64_t to = length + lane; to < end; to += LaneCount) {
    words[to] = words[from];
    from = (from + LaneCount) % length;
  }
}

/// A number of bytes as a type.
template <uint32_t Count> struct PieceOf {
  static constexpr uint32_t Bytes = Count;
};
/// Copies `bytes` bytes to a multiple of 16, in pieces as wide as they fit if
/// `from` is one too, as `rk::Context` makes it.
///
/// Threads   any lane, in divergent code.
inline void copyState(unsigned char *to, const void *from, uint32_t bytes) {
  const auto *source = static_cast<const unsigned char *>(from);
  if (reinterpret_cast<uint64_t>(from) % 16 != 0) [[unlikely]] {
    __builtin_memcpy(to, from, bytes);
    return;
  }
  const auto move = [&](uint32_t at, auto width) {
    constexpr uint32_t Width = decltype(width)::Bytes;
    __builtin_memcpy(__builtin_assume_aligned(to + at, Width),
                     __builtin_assume_aligned(source + at, Width), Width);
  };
  uint32_t done = 0;
  for (; done + 16 <= bytes; done += 16)
    move(done, PieceOf<16>());
  if (bytes & 8)
    move(done, PieceOf<8>());
  done += bytes & 8;
  if (bytes & 4)
    move(done, PieceOf<4>());
  for (done += bytes & 4; done < bytes; ++done)
    to[done] = source[done];
}

/// Copies the first of `count` states, which lie `stride` bytes apart, to all
/// others, `bytes` bytes of each.
///
/// Threads   any lane, in divergent code.
/// Cost      each piece of 16 bytes is read once.
inline void repeatState(unsigned char *first, uint32_t stride, uint32_t bytes,
                        uint32_t count) {
  using Words = uint64_t __attribute__((vector_size(16), may_alias));
  constexpr uint32_t Group = 4;
  auto *const words = reinterpret_cast<Words *>(first);
  const uint32_t pieces = (bytes + 15) / 16;
  for (uint32_t at = 0; at < pieces; at += Group) {
    Words piece[Group] = {};
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < Group; ++i)
      if (at + i < pieces)
        piece[i] = words[at + i];
    for (uint64_t number = 1; number < count; ++number)
#pragma clang loop unroll(full)
      for (uint32_t i = 0; i < Group; ++i)
        if (at + i < pieces)
          words[number * (stride / 16) + at + i] = piece[i];
  }
}

} // namespace rk::device
