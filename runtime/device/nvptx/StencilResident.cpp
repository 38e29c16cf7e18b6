//===- StencilResident.cpp - Resident stencils on a GPU -----------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What kernels of the plan `resident` are made of; rkc adds the update.
///
/// Source    PTX ISA 9.0, 9.7.9.8 (ld), 9.7.9.11 (st), 9.7.13.1 (barrier).
///
//===----------------------------------------------------------------------===//

#include "common/stencil/Steps.h"

#include "nvptx/Lanes.h"
#include "nvptx/Team.h"

namespace rk::device::stencil {
namespace {

extern "C" __attribute__((address_space(3))) uint64_t rk_stencil_shared[];

/// A thread of a block. Threads from `ResidentComputers` on receive.
struct GpuMachine {
  static uint32_t block() { return __nvvm_read_ptx_sreg_ctaid_x(); }
  static uint32_t thread() { return __nvvm_read_ptx_sreg_tid_x(); }
  static constexpr uint32_t threads() { return abi::ResidentThreads; }
  static constexpr uint32_t computers() { return abi::ResidentComputers; }
  static constexpr uint32_t receivers() { return abi::ResidentReceivers; }
  static bool computes() { return thread() < computers(); }
  static uint32_t receiver() { return thread() - computers(); }

  [[clang::convergent]] static void syncLanes() {
    __nvvm_bar_warp_sync(0xffffffff);
  }
  [[clang::convergent]] static void sync() {
    syncLanes();
    rk_barrier_block(0, abi::ResidentThreads);
  }
  /// The block's packets of this step are sent: nobody waits.
  [[clang::convergent]] static void tellSent() {
    syncLanes();
    asm volatile("barrier.cta.arrive.aligned 1, %0;" ::"n"(abi::ResidentThreads)
                 : "memory");
  }
  [[clang::convergent]] static void awaitSent() {
    syncLanes();
    asm volatile("barrier.cta.sync.aligned 1, %0;" ::"n"(abi::ResidentThreads)
                 : "memory");
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
  static void storePiece(uint64_t to, const BoardPiece &piece) {
    asm volatile(
        "st.relaxed.gpu.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(to),
        "r"(piece.word[0]), "r"(piece.word[1]), "r"(piece.word[2]),
        "r"(piece.word[3])
        : "memory");
  }
  static void storeHalf(uint64_t to, uint32_t value, uint32_t mark) {
    asm volatile("st.relaxed.gpu.global.v2.b32 [%0], {%1, %2};" ::"l"(to),
                 "r"(value), "r"(mark)
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
                    rk::device::stencil::Update *update) {
  using namespace rk::device::stencil;
  runResident<GpuMachine>(*resident, *shape,
                          (unsigned char *)(__attribute__((address_space(
                              3))) unsigned char *)rk_stencil_shared,
                          update);
}
