//===- StencilResident.cpp - Resident stencils on a GPU -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What kernels of the plan `resident` are made of; rkc adds the update.
///
/// Source    PTX ISA 9.0, 9.7.9.8 (ld), 9.7.9.11 (st), 9.7.9.12 (st.async),
///           9.7.13.1 (barrier), 9.7.13.15 (mbarrier).
///
//===----------------------------------------------------------------------===//

#include "common/stencil/Run.h"

#include "nvptx/Lanes.h"
#include "nvptx/Near.h"
#include "nvptx/Pieces.h"
#include "nvptx/Team.h"

namespace rk::device::stencil {
namespace {

extern "C" __attribute__((address_space(3))) uint64_t rk_stencil_shared[];

/// A thread of a block. Threads from `ResidentComputers` on receive,
/// `Receivers` of them.
template <uint32_t Receivers> struct GpuMachine {
  static constexpr int32_t Lanes = LaneCount;
  static uint32_t block() { return __nvvm_read_ptx_sreg_ctaid_x(); }
  static uint32_t thread() { return __nvvm_read_ptx_sreg_tid_x(); }
  static constexpr uint32_t threads() { return computers() + Receivers; }
  static constexpr uint32_t computers() { return abi::ResidentComputers; }
  static constexpr uint32_t receivers() { return Receivers; }
  static bool computes() { return thread() < computers(); }
  static uint32_t receiver() { return thread() - computers(); }

  [[clang::convergent]] static void syncLanes() {
    __nvvm_bar_warp_sync(0xffffffff);
  }
  [[clang::convergent]] static void sync() {
    syncLanes();
    rk_barrier_block(0, threads());
  }
  [[clang::convergent]] static void syncComputers() {
    syncLanes();
    asm volatile("barrier.cta.sync.aligned 2, %0;" ::"n"(abi::ResidentComputers)
                 : "memory");
  }
  /// The block's packets of this step are sent: nobody waits.
  [[clang::convergent]] static void tellSent() {
    syncLanes();
    asm volatile(
        "barrier.cta.arrive.aligned 1, %0;" ::"n"(computers() + Receivers)
        : "memory");
  }
  [[clang::convergent]] static void awaitSent() {
    syncLanes();
    asm volatile(
        "barrier.cta.sync.aligned 1, %0;" ::"n"(computers() + Receivers)
        : "memory");
  }

  /// All threads of the cluster.
  [[clang::convergent]] static void syncTile() {
    syncLanes();
    syncCluster();
  }

  /// A counter's phase ends when the bytes have come that one arrival expects.
  static void beginArrivals(uint64_t *counters) {
    if (!hasClusters())
      return;
    for (uint32_t i = 0; i < 2; ++i)
      asm volatile(
          "mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(ownPlace(counters + i))
          : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  static void expectNear(uint64_t *counter, uint32_t bytes) {
    if (hasClusters())
      asm volatile("mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, "
                   "[%0], %1;" ::"r"(ownPlace(counter)),
                   "r"(bytes)
                   : "memory");
  }
  /// Returns false if the bytes have not come after some seconds, or if another
  /// thread `hasGivenUp`. Acquires for
  /// the block, in whose own shared memory they are: at the scope of the
  /// cluster, the L1 cache would be emptied.
  static bool awaitNear(uint64_t *counter, uint32_t parity,
                        const uint32_t *hasGivenUp) {
    if (!hasClusters())
      return true;
    // Without a hint of time, which would make it sleep as long.
    constexpr uint32_t MostTries = 1u << 24;
    for (uint32_t tries = 0; tries < MostTries; ++tries) {
      uint32_t isDone;
      asm volatile("{\n\t.reg .pred p;\n\t"
                   "mbarrier.try_wait.parity.shared::cta.b64 "
                   "p, [%1], %2;\n\t"
                   "selp.b32 %0, 1, 0, p;\n\t}"
                   : "=r"(isDone)
                   : "r"(ownPlace(counter)), "r"(parity)
                   : "memory");
      if (isDone)
        return true;
      if (tries % 1024 == 1023 && peek(hasGivenUp))
        return false;
    }
    return false;
  }
  /// Writes `Words` words `to` bytes into the shared memory of a near block,
  /// and adds them to one of its counters.
  template <uint32_t Words>
  static void storeNear(uint32_t rank, uint32_t to, const uint32_t *words,
                        uint32_t counter) {
    if (!hasClusters())
      return;
    uint32_t base;
    asm("mapa.shared::cluster.u32 %0, %1, %2;"
        : "=r"(base)
        : "r"(ownPlace((uint64_t *)rk_stencil_shared)), "r"(rank));
    const uint32_t count = base + 8 * counter;
    if constexpr (Words == 4)
      asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes"
                   ".v4.b32 [%0], {%1, %2, %3, %4}, [%5];" ::"r"(base + to),
                   "r"(words[0]), "r"(words[1]), "r"(words[2]), "r"(words[3]),
                   "r"(count)
                   : "memory");
    else if constexpr (Words == 2)
      asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes"
                   ".v2.b32 [%0], {%1, %2}, [%3];" ::"r"(base + to),
                   "r"(words[0]), "r"(words[1]), "r"(count)
                   : "memory");
    else
      asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes"
                   ".b32 [%0], %1, [%2];" ::"r"(base + to),
                   "r"(words[0]), "r"(count)
                   : "memory");
  }

  static void pause(uint32_t cycles) {
    const uint32_t begin = __nvvm_read_ptx_sreg_clock();
    while (__nvvm_read_ptx_sreg_clock() - begin < cycles)
      ;
  }

  static uint32_t fetchAdd(uint32_t *at, uint32_t value) {
    uint32_t old;
    asm volatile("atom.relaxed.cta.add.u32 %0, [%1], %2;"
                 : "=r"(old)
                 : "l"(at), "r"(value)
                 : "memory");
    return old;
  }
  static uint32_t peek(const uint32_t *at) {
    return *static_cast<const volatile uint32_t *>(at);
  }
  static void poke(uint32_t *at, uint32_t value) {
    *static_cast<volatile uint32_t *>(at) = value;
  }

  // Each 8 bytes carry their own mark, so nothing is asked of the order of the
  // two halves.
  static BoardPiece loadPiece(uint64_t from) {
    BoardPiece piece;
    asm volatile("ld.relaxed.gpu.global.v4.b32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(piece.word[0]), "=r"(piece.word[1]),
                   "=r"(piece.word[2]), "=r"(piece.word[3])
                 : "l"(from)
                 : "memory");
    return piece;
  }
  // As one access: the mark vouches for all words. Zeros if nothing `isAsked`;
  // a branch would wait for the answer at its end.
  static abi::Piece loadMarked(bool isAsked, uint64_t from) {
    uint64_t low = 0, high = 0;
    asm volatile("{ .reg .pred asked; .reg .b128 piece;\n\t"
                 "setp.ne.u32 asked, %3, 0;\n\t"
                 "mov.b128 piece, {%0, %1};\n\t"
                 "@asked ld.relaxed.gpu.global.b128 piece, [%2];\n\t"
                 "mov.b128 {%0, %1}, piece; }"
                 : "+l"(low), "+l"(high)
                 : "l"(from), "r"(uint32_t(isAsked))
                 : "memory");
    return {{uint32_t(low), uint32_t(low >> 32), uint32_t(high)},
            uint32_t(high >> 32)};
  }
  static void storeMarked(uint64_t to, const abi::Piece &piece) {
    device::storePiece<Scope::Device>(reinterpret_cast<abi::Piece *>(to),
                                      piece);
  }
  static MarkedWord loadHalf(bool isAsked, uint64_t from) {
    uint64_t half = 0;
    asm volatile("{ .reg .pred asked;\n\t"
                 "setp.ne.u32 asked, %2, 0;\n\t"
                 "@asked ld.relaxed.gpu.global.b64 %0, [%1]; }"
                 : "+l"(half)
                 : "l"(from), "r"(uint32_t(isAsked))
                 : "memory");
    return {uint32_t(half), uint32_t(half >> 32)};
  }
  /// Writes 16 bytes to the block's shared memory.
  static void put(unsigned char *to, const BoardPiece &piece) {
    using Words = uint32_t __attribute__((vector_size(16)));
    *reinterpret_cast<Words *>(to) =
        Words{piece.word[0], piece.word[1], piece.word[2], piece.word[3]};
  }
  static void storePiece(uint64_t to, const BoardPiece &piece) {
    asm volatile(
        "st.relaxed.gpu.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(to),
        "r"(piece.word[0]), "r"(piece.word[1]), "r"(piece.word[2]),
        "r"(piece.word[3])
        : "memory");
  }
  static void storeHalf(uint64_t to, uint32_t value, uint32_t mark) {
    asm volatile("st.relaxed.gpu.global.b64 [%0], %1;" ::"l"(to),
                 "l"(value | uint64_t(mark) << 32)
                 : "memory");
  }
  static void reportFault(uint64_t at, uint32_t mark) {
    asm volatile("st.relaxed.gpu.global.b32 [%0], %1;" ::"l"(at), "r"(mark)
                 : "memory");
  }
};

} // namespace
} // namespace rk::device::stencil

/// The body of every kernel of the plan `resident`.
extern "C" __attribute__((always_inline)) void
rk_stencil_resident(const rk::abi::ResidentLaunch *resident,
                    const rk::abi::ResidentShape *shape,
                    rk::device::stencil::Update *update,
                    rk::device::stencil::Prime *prime,
                    rk::device::stencil::Update *updateSingle,
                    rk::device::stencil::Prime *primeSingle,
                    rk::device::stencil::SetOutside *outside) {
  using namespace rk::device::stencil;
  const Functions functions = {update, prime, updateSingle, primeSingle,
                               outside};
  auto *const shared = (unsigned char *)(__attribute__((
      address_space(3))) unsigned char *)rk_stencil_shared;
  if (shape->isDirect)
    runResident<GpuMachine<0>>(*resident, *shape, shared, functions);
  else
    runResident<GpuMachine<rk::abi::ResidentReceivers>>(*resident, *shape,
                                                        shared, functions);
}
