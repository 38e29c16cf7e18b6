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

using OwnPlace = unsigned char *;
inline OwnPlace ownPlace(const void *place) {
  return static_cast<unsigned char *>(const_cast<void *>(place));
}

inline uint32_t loadOwnWord(OwnPlace from) {
  return load<Order::Acquire, Scope::Device>(
      reinterpret_cast<const uint32_t *>(from));
}
inline void storeOwnWord(OwnPlace to, uint32_t value) {
  store<Order::Relaxed, Scope::Device>(reinterpret_cast<uint32_t *>(to), value);
}
inline abi::Piece loadOwnPiece(OwnPlace from) {
  return loadPiece<Scope::Device>(reinterpret_cast<const abi::Piece *>(from));
}
inline void loadOwnPacket(OwnPlace from,
                          abi::Piece (&piece)[abi::PiecesPerPacket]) {
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
    piece[i] = loadOwnPiece(from + i * sizeof(abi::Piece));
}
inline void storeOwnPiece(OwnPlace to, abi::Piece piece) {
  storePiece<Scope::Device>(reinterpret_cast<abi::Piece *>(to), piece);
}
inline void storeAnyPiece(abi::Piece *to, abi::Piece piece) {
  storePiece<Scope::Device>(to, piece);
}
inline uint32_t loadAnyWord(const uint32_t *from) {
  return load<Order::Acquire, Scope::Device>(from);
}
inline void storeAnyPair(uint32_t *to, uint32_t first, uint32_t second) {
  store<Order::Release, Scope::Device>(reinterpret_cast<uint64_t *>(to),
                                       first | uint64_t(second) << 32);
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
          from->kind,
          0};
}
inline uint32_t exchangeOwn(uint32_t *at, uint32_t expected, uint32_t desired) {
  return compareExchange<Order::Relaxed, Scope::Device>(at, expected, desired);
}
inline void addOwn(uint32_t *at, uint32_t operand) {
  fetchAdd<Order::Relaxed, Scope::Device>(at, operand);
}

inline bool takePosition(abi::Way *at, uint32_t &tail, abi::Piece *&ring) {
  const abi::Way seen = loadWay(at);
  tail = seen.tail;
  ring = seen.ring;
  return seen.spills == seen.spillsHandled &&
         seen.tail - seen.consumed < abi::RingDepth &&
         exchangeOwn(&at->tail, seen.tail, seen.tail + 1) == seen.tail;
}

/// A hint, as on a GPU: only the mark.
inline void startCopy(abi::Piece *to, const abi::Piece *from) {
  to->mark = load<Order::Relaxed, Scope::Device>(&from->mark);
}
inline void awaitCopies() {}

inline void acquireFromHost() { fence<Scope::System>(); }

} // namespace rk::device
