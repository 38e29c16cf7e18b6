//===- Near.h - Shared memory of a cluster, on the CPU ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The twin of `nvptx/Near.h` for tests: blocks are stretches of memory of one
/// process, and every access has the order that a piece's mark needs here.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Record.h"

namespace rk::device {

/// Where the blocks of the one cluster lie; a test sets it.
inline unsigned char *const *nearBlocks = nullptr;
/// The block that this thread is of.
inline thread_local const unsigned char *thisBlock = nullptr;

template <class T> T *nearAddress(T *own, uint32_t rank) {
  const auto offset = reinterpret_cast<const unsigned char *>(own) - thisBlock;
  return reinterpret_cast<T *>(nearBlocks[rank] + offset);
}

inline abi::Piece loadOwnPiece(const abi::Piece *from) {
  return loadPiece<Scope::Device>(from);
}
inline void storeOwnPiece(abi::Piece *to, abi::Piece piece) {
  storePiece<Scope::Device>(to, piece);
}
inline void storeNearPiece(abi::Piece *to, abi::Piece piece) {
  storePiece<Scope::Device>(to, piece);
}
inline uint32_t loadOwnWord(const uint32_t *from) {
  return load<Order::Acquire, Scope::Device>(from);
}
inline void storeNearWord(uint32_t *to, uint32_t value) {
  store<Order::Release, Scope::Device>(to, value);
}
inline void storeBell(uint16_t *to, uint16_t value) {
  __atomic_store_n(to, value, __ATOMIC_RELAXED);
}
inline void loadBells(const abi::Bells *from, uint32_t (&words)[4]) {
  for (uint32_t i = 0; i < 4; ++i)
    words[i] =
        __atomic_load_n(&from->tail[2 * i], __ATOMIC_RELAXED) |
        uint32_t(__atomic_load_n(&from->tail[2 * i + 1], __ATOMIC_RELAXED))
            << 16;
}
inline void storeOwnPair(uint32_t *to, uint32_t first, uint32_t second) {
  store<Order::Release, Scope::Device>(reinterpret_cast<uint64_t *>(to),
                                       first | uint64_t(second) << 32);
}
inline abi::Way loadWay(const abi::Way *from) {
  return {load<Order::Relaxed, Scope::Device>(&from->tail),
          load<Order::Relaxed, Scope::Device>(&from->spills),
          load<Order::Acquire, Scope::Device>(&from->consumed),
          load<Order::Acquire, Scope::Device>(&from->spillsHandled),
          from->ring,
          from->bell,
          from->shift,
          from->isOwn,
          {}};
}
inline uint32_t exchangeOwn(uint32_t *at, uint32_t expected, uint32_t desired) {
  return compareExchange<Order::Relaxed, Scope::Device>(at, expected, desired);
}
inline void addOwn(uint32_t *at, uint32_t operand) {
  fetchAdd<Order::Relaxed, Scope::Device>(at, operand);
}

/// A hint, as on a GPU: only the mark.
inline void startCopy(abi::Piece *to, const abi::Piece *from) {
  to->mark = load<Order::Relaxed, Scope::Device>(&from->mark);
}
inline void awaitCopies() {}

} // namespace rk::device
