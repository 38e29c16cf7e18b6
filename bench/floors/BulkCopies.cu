//===- BulkCopies.cu - Payloads that blocks copy ---------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Copies of one large payload by each block, in two ways: by the registers of
/// all its threads, and by one thread that lets the bulk copies of the hardware
/// bring pieces into stages of shared memory and out of them again.
///
//===----------------------------------------------------------------------===//

#include "BulkCopies.cuh"
#include "Copies.cuh"

namespace rkbench {
namespace {

constexpr uint32_t Threads = 256; ///< as a block actor has
constexpr size_t Payload = 4 << 20;
constexpr int Runs = 3;

/// Payload number n lies at n * `pieces`.
template <uint32_t Depth>
__global__ void copyByRegisters(uint4 *first, uint4 *second, size_t pieces,
                                uint32_t repeats) {
  uint4 *from = first + blockIdx.x * pieces;
  uint4 *to = second + blockIdx.x * pieces;
  for (uint32_t i = 0; i < repeats; ++i) {
    copyPieces<Depth>(to, from, pieces, threadIdx.x, blockDim.x);
    __syncthreads();
    uint4 *const next = from;
    from = to;
    to = next;
  }
}

template <uint32_t Lag>
__global__ void copyByBulk(uint4 *first, uint4 *second, size_t pieces,
                           uint32_t repeats, uint32_t stageBytes,
                           uint32_t stages) {
  extern __shared__ __align__(128) unsigned char stage[];
  __shared__ __align__(8) uint64_t barriers[MaxCopyStages];
  if (threadIdx.x != 0)
    return;
  BulkCopier<Lag> copier(stage, barriers, stageBytes, stages);
  uint4 *from = first + blockIdx.x * pieces;
  uint4 *to = second + blockIdx.x * pieces;
  for (uint32_t i = 0; i < repeats; ++i) {
    copier.copy(to, from, pieces * sizeof(uint4));
    uint4 *const next = from;
    from = to;
    to = next;
  }
}

struct Case {
  uint32_t blocks;
  size_t bytes;
  uint32_t repeats() const {
    return std::max(uint32_t((8ull << 30) / Payload / 16 / blocks) & ~1u, 16u) *
           uint32_t(Payload / bytes);
  }
};

template <class Launch>
void measureBlocks(const std::string &name, const Case &now, Launch launch) {
  const size_t pieces = now.bytes / sizeof(uint4);
  measureCopy(name, double(now.bytes) * now.blocks * now.repeats(),
              pieces * now.blocks, Runs, [&](uint4 *first, uint4 *second) {
                launch(first, second, pieces, now.repeats());
              });
}

template <uint32_t Lag>
void measureBulk(const std::string &name, const Case &now, uint32_t threads,
                 uint32_t stageBytes, uint32_t stages) {
  const uint32_t shared = stageBytes * stages;
  RK_CUDA(cudaFuncSetAttribute(copyByBulk<Lag>,
                               cudaFuncAttributeMaxDynamicSharedMemorySize,
                               int(shared)));
  measureBlocks(
      name, now,
      [&](uint4 *first, uint4 *second, size_t pieces, uint32_t repeats) {
        copyByBulk<Lag><<<now.blocks, threads, shared>>>(
            first, second, pieces, repeats, stageBytes, stages);
      });
}

template <uint32_t Depth>
void measureRegisters(const std::string &name, const Case &now,
                      uint32_t threads, int shared) {
  RK_CUDA(cudaFuncSetAttribute(copyByRegisters<Depth>,
                               cudaFuncAttributeMaxDynamicSharedMemorySize,
                               shared));
  measureBlocks(
      name + "-" + std::to_string(Depth), now,
      [&](uint4 *first, uint4 *second, size_t pieces, uint32_t repeats) {
        copyByRegisters<Depth>
            <<<now.blocks, threads, shared>>>(first, second, pieces, repeats);
      });
}

/// With so much shared memory a block has its multiprocessor to itself, as that
/// of a block actor.
constexpr int Exclusive = 120 << 10;

void measureAll(const Case &now, const std::string &name) {
  measureRegisters<8>("block-copy-registers-" + name, now, Threads, Exclusive);
  measureRegisters<16>("block-copy-registers-" + name, now, Threads, Exclusive);
  measureRegisters<32>("block-copy-registers-" + name, now, Threads, Exclusive);
  measureBulk<4>("block-copy-bulk-" + name, now, Threads, 16 << 10, 8);
}

} // namespace

void measureBulkCopies() {
  for (const uint32_t blocks : {1u, 8u, 64u, 132u})
    measureAll({blocks, Payload}, "4M-" + std::to_string(blocks));
  for (const size_t bytes : {size_t(256) << 10, size_t(1) << 20})
    measureAll({64, bytes}, std::to_string(bytes >> 10) + "K-64");
  // Warps, eight on a multiprocessor.
  for (const size_t bytes : {size_t(16) << 10, size_t(256) << 10, Payload}) {
    const Case now{bytes == Payload ? 256u : 1024u, bytes};
    const std::string name = std::to_string(bytes >> 10) + "K";
    measureRegisters<8>("warp-copy-registers-" + name, now, 32, 0);
    measureRegisters<16>("warp-copy-registers-" + name, now, 32, 0);
    measureRegisters<32>("warp-copy-registers-" + name, now, 32, 0);
    measureBulk<1>("warp-copy-bulk-" + name, now, 32, 2 << 10, 3);
    measureBulk<1>("warp-copy-bulk-" + name + "-12K", now, 32, 2 << 10, 6);
  }
}

} // namespace rkbench
