//===- Near.h - Shared memory of a cluster on a GPU ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Accesses to the shared memory of this block and of the blocks of its
/// cluster. Addresses are generic.
///
/// Ordering  relaxed. A `.b128` access is single-copy atomic, so a piece's mark
///           vouches for its words, as in `Pieces.h`. Stores
///           have the scope of the block or the cluster, loads the device's,
///           which includes both and which older GPUs have too.
/// Source    PTX ISA 9.0, 9.7.9.8 (ld), 9.7.9.11 (st), 9.7.9.24 (mapa, sm_90),
///           9.7.13.5 (atom).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Record.h"

namespace rk::device {

/// Address in the shared memory of this block, for an instruction of that
/// space: quicker than a generic one.
inline uint32_t ownShared(const void *generic) {
  return uint32_t(
      uint64_t((const __attribute__((address_space(3))) void *)generic));
}

/// Constant once rkc compiles for a GPU.
inline bool hasClusters() { return rk_reflect("__CUDA_ARCH") >= 900; }

/// Returns where `own` of this block lies in block `rank` of its cluster.
template <class T> T *nearAddress(T *own, uint32_t rank) {
  if (!hasClusters())
    return own;
  uint64_t address;
  asm("mapa.u64 %0, %1, %2;" : "=l"(address) : "l"(own), "r"(rank));
  return reinterpret_cast<T *>(address);
}

/// A place in this block's shared memory, as the instructions of that space
/// take it.
using OwnPlace = uint32_t;
inline OwnPlace ownPlace(const void *generic) { return ownShared(generic); }

inline uint32_t loadOwnWord(OwnPlace from) {
  uint32_t value;
  asm volatile("ld.relaxed.gpu.shared::cta.b32 %0, [%1];"
               : "=r"(value)
               : "r"(from)
               : "memory");
  return value;
}
inline void storeOwnWord(OwnPlace to, uint32_t value) {
  asm volatile("st.relaxed.cta.shared::cta.b32 [%0], %1;"
               :
               : "r"(to), "r"(value)
               : "memory");
}
/// `Offset` as a part of the instruction.
template <uint32_t Offset> inline abi::Piece loadOwnPieceAt(OwnPlace from) {
  uint64_t low, high;
  asm volatile("{ .reg .b128 piece;\n\t"
               "ld.relaxed.gpu.shared::cta.b128 piece, [%2 + %3];\n\t"
               "mov.b128 {%0, %1}, piece; }"
               : "=l"(low), "=l"(high)
               : "r"(from), "n"(Offset)
               : "memory");
  return {{uint32_t(low), uint32_t(low >> 32), uint32_t(high)},
          uint32_t(high >> 32)};
}
inline abi::Piece loadOwnPiece(OwnPlace from) {
  return loadOwnPieceAt<0>(from);
}
/// The four pieces of a packet, each as `loadOwnPiece` has it.
inline void loadOwnPacket(OwnPlace from,
                          abi::Piece (&piece)[abi::PiecesPerPacket]) {
  piece[0] = loadOwnPieceAt<0>(from);
  piece[1] = loadOwnPieceAt<sizeof(abi::Piece)>(from);
  piece[2] = loadOwnPieceAt<2 * sizeof(abi::Piece)>(from);
  piece[3] = loadOwnPieceAt<3 * sizeof(abi::Piece)>(from);
}
inline void storeOwnPiece(OwnPlace to, abi::Piece piece) {
  const uint64_t low = piece.word[0] | uint64_t(piece.word[1]) << 32;
  const uint64_t high = piece.word[2] | uint64_t(piece.mark) << 32;
  asm volatile("{ .reg .b128 piece;\n\t"
               "mov.b128 piece, {%1, %2};\n\t"
               "st.relaxed.cta.shared::cta.b128 [%0], piece; }"
               :
               : "r"(to), "l"(low), "l"(high)
               : "memory");
}
/// To the shared memory of this block or of another of its cluster, or to
/// device memory: one instruction for all, as branches cost more.
inline void storeAnyPiece(abi::Piece *to, abi::Piece piece) {
  const uint64_t low = piece.word[0] | uint64_t(piece.word[1]) << 32;
  const uint64_t high = piece.word[2] | uint64_t(piece.mark) << 32;
  asm volatile("{ .reg .b128 piece;\n\t"
               "mov.b128 piece, {%1, %2};\n\t"
               "st.relaxed.gpu.b128 [%0], piece; }"
               :
               : "l"(to), "l"(low), "l"(high)
               : "memory");
}
/// A word of shared or device memory.
inline uint32_t loadAnyWord(const uint32_t *from) {
  uint32_t value;
  asm volatile("ld.relaxed.gpu.b32 %0, [%1];"
               : "=r"(value)
               : "l"(from)
               : "memory");
  return value;
}
/// Writes two words at once to the shared memory of this block or of another of
/// its cluster, or to device memory.
inline void storeAnyPair(uint32_t *to, uint32_t first, uint32_t second) {
  asm volatile("st.relaxed.gpu.b64 [%0], %1;"
               :
               : "l"(to), "l"(first | uint64_t(second) << 32)
               : "memory");
}
/// Writes two words at once to this block.
inline void storeOwnPair(uint32_t *to, uint32_t first, uint32_t second) {
  asm volatile("st.relaxed.cta.shared::cta.b64 [%0], %1;"
               :
               : "r"(ownShared(to)), "l"(first | uint64_t(second) << 32)
               : "memory");
}

inline abi::Way loadWay(const abi::Way *from) {
  abi::Way way;
  uint64_t ring;
  uint32_t kind;
  asm volatile("ld.relaxed.gpu.shared::cta.v4.b32 {%0, %1, %2, %3}, [%4];"
               : "=r"(way.tail), "=r"(way.spills), "=r"(way.consumed),
                 "=r"(way.spillsHandled)
               : "r"(ownShared(from))
               : "memory");
  asm volatile("{ .reg .b64 low, high; .reg .b32 rest;\n\t"
               "ld.shared::cta.v2.b64 {low, high}, [%2];\n\t"
               "mov.b64 %0, low;\n\t"
               "mov.b64 {%1, rest}, high; }"
               : "=l"(ring), "=r"(kind)
               : "r"(ownShared(&from->ring)));
  way.ring = reinterpret_cast<abi::Piece *>(ring);
  way.kind = abi::WayKind(kind);
  return way;
}
/// Takes the next position of a way if it is open and nobody else is taking it;
/// `tail` is the position. One branch for all of that: a way that is shut is
/// asked to change from a value that it does not have, and does not take on in
/// one step.
inline bool takePosition(abi::Way *way, uint32_t &tail, abi::Piece *&ring) {
  uint64_t address;
  uint32_t taken;
  asm volatile(
      "{ .reg .pred open, mine;\n\t"
      ".reg .b32 spills, consumed, handled, filled, other, expected, found, "
      "next;\n\t"
      "ld.relaxed.gpu.shared::cta.v4.b32 {%0, spills, consumed, handled}, "
      "[%3];\n\t"
      "ld.shared::cta.b64 %1, [%3 + 16];\n\t"
      "sub.u32 filled, %0, consumed;\n\t"
      "setp.eq.u32 open, spills, handled;\n\t"
      "setp.lt.and.u32 open, filled, %4, open;\n\t"
      "xor.b32 other, %0, 0x80000000;\n\t"
      "selp.b32 expected, %0, other, open;\n\t"
      "add.u32 next, %0, 1;\n\t"
      "atom.relaxed.cta.shared::cta.cas.b32 found, [%3], expected, next;\n\t"
      "setp.eq.u32 mine, found, expected;\n\t"
      "selp.u32 %2, 1, 0, mine; }"
      : "=&r"(tail), "=&l"(address), "=r"(taken)
      : "r"(ownShared(way)), "n"(abi::RingDepth)
      : "memory");
  ring = reinterpret_cast<abi::Piece *>(address);
  return taken != 0;
}
/// Of this block's shared memory, among its warps.
inline uint32_t exchangeOwn(uint32_t *at, uint32_t expected, uint32_t desired) {
  uint32_t found;
  asm volatile("atom.relaxed.cta.shared::cta.cas.b32 %0, [%1], %2, %3;"
               : "=r"(found)
               : "r"(ownShared(at)), "r"(expected), "r"(desired)
               : "memory");
  return found;
}
inline void addOwn(uint32_t *at, uint32_t operand) {
  asm volatile("red.relaxed.cta.shared::cta.add.u32 [%0], %1;"
               :
               : "r"(ownShared(at)), "r"(operand)
               : "memory");
}

/// Starts copying a piece of device memory to this block's shared memory. The
/// copy is a hint: it is no access of the memory model, so what it says must be
/// read again.
///
/// Source    PTX ISA 9.0, 9.7.9.25.3 (cp.async; .cg passes by the L1 cache).
inline void startCopy(abi::Piece *to, const abi::Piece *from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;"
               :
               : "r"(ownShared(to)), "l"(RK_GLOBAL(from))
               : "memory");
}
/// Waits for the copies that this lane has started.
inline void awaitCopies() { asm volatile("cp.async.wait_all;" ::: "memory"); }

/// Makes what a store of the host told of visible: for who has seen it.
inline void acquireFromHost() {
  if (hasClusters()) // the half fence came with it (PTX ISA 9.0, 9.7.13.4)
    asm volatile("fence.acquire.sys;" ::: "memory");
  else
    fence<Scope::System>();
}

/// Waits for all threads of the cluster; before it, what they wrote to their
/// shared memory; after it, all of it may be used.
inline void syncCluster() {
  if (!hasClusters()) {
    __nvvm_barrier_sync(0);
    return;
  }
  asm volatile("barrier.cluster.arrive.release.aligned;\n\t"
               "barrier.cluster.wait.acquire.aligned;" ::
                   : "memory");
}

} // namespace rk::device
