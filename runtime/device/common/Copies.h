//===- Copies.h - Bytes that all lanes copy together --------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What link agents do with the content of large messages and of states.
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

} // namespace rk::device
