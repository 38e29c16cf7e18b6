//===- TeamCopy.h - Copies by way of shared memory ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the blocks of a team copy of device memory. The first thread of each
/// lets the hardware bring pieces into stages of shared memory and out of them
/// again, as many under way as there are stages. Pieces go to the blocks in
/// turn.
///
/// Ordering  before the first piece each lane lets its stores reach the L2
///           cache, from which the hardware reads, fences between its own
///           accesses and the hardware's, and passes the team's barrier. Behind
///           the last the first thread has seen all pieces written, and hands
///           that on as it does what it writes itself.
///
/// Source    PTX ISA 9.0, 9.7.9.25 (cp.async.bulk, its completion and the fence
///           that this implies), 9.7.13.15 (mbarrier), 9.7.13.4 (fence.proxy):
///           sm_90. The sizes: docs/rationale/bulk-payloads.md.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Team.h"

namespace rk::device {

/// Whether the target has bulk copies (`rk::abi::Feature`).
inline bool hasBulkCopies() { return rk_reflect("__CUDA_ARCH") >= 900; }

/// Stages that may still be read from when the next is filled.
inline constexpr uint32_t CopyLag = 4;

/// Makes the stages of a block ready. Its first thread calls it, before any
/// thread copies.
inline void beginCopies(TeamCopies &copies, const abi::TeamRow &row,
                        const unsigned char *memory) {
  copies.stages = hasBulkCopies() ? row.stages : 0;
  copies.first = ownShared(memory) + row.stagesAt;
  copies.place = copies.parity = 0;
  if (copies.stages == 0)
    return;
  for (uint32_t i = 0; i < copies.stages; ++i)
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;"
                 :
                 : "r"(ownShared(&copies.arrived[i]))
                 : "memory");
  asm volatile("fence.proxy.async;" ::: "memory");
}

/// Goes round the stages; in each round their barriers have the other parity.
struct CopyTurn {
  uint32_t place;
  uint32_t parity;
  void next(uint32_t stages) {
    if (++place == stages) {
      place = 0;
      parity ^= 1;
    }
  }
};

/// The copies of one block: its first thread calls all of it.
class BlockCopy {
public:
  BlockCopy(TeamCopies &copies, void *to, const void *from, uint64_t bytes)
      : copies(copies), barriers(ownShared(copies.arrived)),
        stage(copies.first), count(copies.stages), to(uint64_t(to)),
        from(uint64_t(from)), bytes(bytes) {}

  /// Copies pieces `first`, `first + step` and so on.
  void run(uint64_t first, uint64_t step) {
    const uint64_t distance = step * abi::CopyStageBytes;
    uint64_t filled = first * abi::CopyStageBytes, drained = filled;
    CopyTurn fills = {copies.place, copies.parity}, drains = fills;
    for (uint32_t i = 0; i < count - CopyLag && filled < bytes;
         ++i, filled += distance)
      fill(fills, filled);
    for (; drained < bytes; drained += distance) {
      await(drains);
      drain(drains, drained);
      if (filled >= bytes)
        continue;
      asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(CopyLag)
                   : "memory");
      fill(fills, filled);
      filled += distance;
    }
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
    copies.place = fills.place;
    copies.parity = fills.parity;
  }

private:
  uint32_t sizeAt(uint64_t offset) const {
    const uint64_t left = bytes - offset;
    return left < abi::CopyStageBytes ? uint32_t(left) : abi::CopyStageBytes;
  }
  uint32_t stageAt(uint32_t place) const {
    return stage + place * abi::CopyStageBytes;
  }
  uint32_t barrierAt(uint32_t place) const {
    return barriers + place * uint32_t(sizeof(uint64_t));
  }

  /// Lets the piece at `offset` come into the next stage.
  void fill(CopyTurn &turn, uint64_t offset) const {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;\n\t"
                 "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::"
                 "bytes [%2], [%3], %1, [%0];"
                 :
                 : "r"(barrierAt(turn.place)), "r"(sizeAt(offset)),
                   "r"(stageAt(turn.place)), "l"(from + offset)
                 : "memory");
    turn.next(count);
  }
  /// Waits until a stage is full: the hardware ends what it has begun, or the
  /// kernel ends with an error.
  void await(const CopyTurn &turn) const {
    uint32_t isFull = 0;
    while (isFull == 0)
      asm volatile(
          "{\n\t.reg .pred full;\n\t"
          "mbarrier.try_wait.parity.shared::cta.b64 full, [%1], %2;\n\t"
          "selp.u32 %0, 1, 0, full;\n\t}"
          : "=r"(isFull)
          : "r"(barrierAt(turn.place)), "r"(turn.parity)
          : "memory");
  }
  /// Lets a stage go out to where its piece belongs.
  void drain(CopyTurn &turn, uint64_t offset) const {
    asm volatile(
        "cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;\n\t"
        "cp.async.bulk.commit_group;"
        :
        : "l"(to + offset), "r"(stageAt(turn.place)), "r"(sizeAt(offset))
        : "memory");
    turn.next(count);
  }

  TeamCopies &copies;
  const uint32_t barriers, stage, count;
  const uint64_t to, from, bytes;
};

/// Copies all `bytes` bytes and returns that, or nothing and returns 0: if the
/// target has no such copies, the team no stages, or if the lanes' registers
/// hold all of it at once.
RK_OUT_OF_LINE [[clang::convergent]] inline uint64_t
copyTeam(abi::Lanes lanes, void *to, const void *from, uint64_t bytes) {
  TeamShared &shared = teamShared();
  if (!hasBulkCopies() || shared.copies.stages <= CopyLag ||
      bytes < uint64_t(abi::LeastBulkCopy) * shared.blocks)
    return 0;
  releaseFence();
  asm volatile("fence.proxy.async;" ::: "memory");
  syncTeam(lanes);
  if (threadInBlock() == 0)
    BlockCopy(shared.copies, to, from, bytes).run(shared.rank, shared.blocks);
  syncLanes();
  return bytes;
}

} // namespace rk::device
