//===- BulkCopies.cuh - Copies by way of shared memory ---------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One thread copies from device memory to device memory: pieces come into
/// stages of shared memory and go out of them, as many under way as there are
/// stages.
///
/// Source    PTX ISA 9.0, 9.7.9.25.4 (cp.async.bulk), 9.7.13.15 (mbarrier):
///           sm_90.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Floors.cuh"

namespace rkbench {

inline constexpr uint32_t MaxCopyStages = 16;

/// `Lag` stages may still be read from when the next is filled.
template <uint32_t Lag> class BulkCopier {
public:
  __device__ BulkCopier(unsigned char *stage, uint64_t *barriers,
                        uint32_t stageBytes, uint32_t stages)
      : stage_(uint32_t(__cvta_generic_to_shared(stage))),
        barriers_(uint32_t(__cvta_generic_to_shared(barriers))),
        stageBytes_(stageBytes), stages_(stages) {
    for (uint32_t i = 0; i < stages; ++i)
      asm volatile(
          "mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(barriers_ + 8 * i)
          : "memory");
    asm volatile("fence.proxy.async;" ::: "memory");
  }

  __device__ void copy(void *to, const void *from, size_t bytes) {
    const auto count = uint32_t((bytes + stageBytes_ - 1) / stageBytes_);
    uint32_t filled = 0;
    for (; filled < count && filled < stages_ - Lag; ++filled)
      fill(from, bytes, filled);
    for (uint32_t i = 0; i < count; ++i) {
      await(i);
      drain(to, bytes, i);
      if (filled < count) {
        // The stage that is filled next was drained `Lag` pieces ago.
        asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(Lag) : "memory");
        fill(from, bytes, filled++);
      }
    }
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    turn_ = (turn_ + count) % (2 * stages_);
  }

private:
  __device__ uint32_t sizeOf(size_t bytes, uint32_t piece) const {
    const size_t left = bytes - size_t(piece) * stageBytes_;
    return left < stageBytes_ ? uint32_t(left) : stageBytes_;
  }
  __device__ uint32_t place(uint32_t piece) const {
    return (turn_ + piece) % stages_;
  }
  __device__ void fill(const void *from, size_t bytes, uint32_t piece) {
    const uint32_t at = place(piece), size = sizeOf(bytes, piece);
    const uint32_t barrier = barriers_ + 8 * at;
    asm volatile(
        "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier),
        "r"(size)
        : "memory");
    asm volatile(
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::"
        "bytes [%0], [%1], %2, [%3];" ::"r"(stage_ + at * stageBytes_),
        "l"(static_cast<const char *>(from) + size_t(piece) * stageBytes_),
        "r"(size), "r"(barrier)
        : "memory");
  }
  __device__ void await(uint32_t piece) {
    const uint32_t barrier = barriers_ + 8 * place(piece);
    const uint32_t parity = (turn_ + piece) / stages_ & 1;
    uint32_t isDone = 0;
    for (uint32_t i = 0; isDone == 0 && i < PollBound; ++i)
      asm volatile("{ .reg .pred done;\n"
                   "mbarrier.try_wait.parity.shared::cta.b64 done, [%1], %2;\n"
                   "selp.u32 %0, 1, 0, done; }"
                   : "=r"(isDone)
                   : "r"(barrier), "r"(parity)
                   : "memory");
  }
  __device__ void drain(void *to, size_t bytes, uint32_t piece) {
    asm volatile(
        "cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(
            static_cast<char *>(to) + size_t(piece) * stageBytes_),
        "r"(stage_ + place(piece) * stageBytes_), "r"(sizeOf(bytes, piece))
        : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
  }

  const uint32_t stage_, barriers_, stageBytes_, stages_;
  uint32_t turn_ = 0; ///< pieces so far, modulo two rounds of the stages
};

} // namespace rkbench
