//===- LocalBarriers.cu - Barriers of a cluster and of a block -*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The hardware's barriers beside those that are made of mbarriers and of flags
/// in distributed shared memory. One cluster or one block runs alone.
///
/// In a cluster that meets at mbarriers or flags, the block's barrier orders
/// what its threads wrote before the arrival of warp 0, which releases at the
/// scope of the cluster; each arrival goes to every block, so that each waits
/// for its own shared memory only. Every thread that waits acquires itself.
///
//===----------------------------------------------------------------------===//

#include "Rounds.cuh"

namespace rkbench {
namespace {

constexpr uint32_t MaxCluster = 16, MaxWarps = 32;
/// A barrier of a block is so quick that the clock would show in it.
constexpr uint32_t RoundsPerLap = 16;

/// What the designs keep in each block.
struct Corner {
  alignas(8) uint64_t phase;
  uint32_t flags[MaxCluster];
  /// Of odd and of even rounds: the next round may begin to be written before
  /// the last reader of this one is done.
  uint32_t marks[2][MaxWarps];
};

template <bool Acquire, bool OfCluster>
__device__ bool phaseIsOver(uint32_t barrier, uint32_t parity) {
  uint32_t over;
  if (!OfCluster)
    asm volatile("{ .reg .pred p;\n"
                 "mbarrier.try_wait.parity.acquire.cta.shared::cta.b64 "
                 "p, [%1], %2;\n"
                 "selp.u32 %0, 1, 0, p; }"
                 : "=r"(over)
                 : "r"(barrier), "r"(parity)
                 : "memory");
  else if (Acquire)
    asm volatile("{ .reg .pred p;\n"
                 "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 "
                 "p, [%1], %2;\n"
                 "selp.u32 %0, 1, 0, p; }"
                 : "=r"(over)
                 : "r"(barrier), "r"(parity)
                 : "memory");
  else
    asm volatile("{ .reg .pred p;\n"
                 "mbarrier.try_wait.parity.relaxed.cluster.shared::cta.b64 "
                 "p, [%1], %2;\n"
                 "selp.u32 %0, 1, 0, p; }"
                 : "=r"(over)
                 : "r"(barrier), "r"(parity)
                 : "memory");
  return over != 0;
}

template <bool Release> __device__ void arriveRemotely(uint32_t barrier) {
  if (Release)
    asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, "
                 "[%0];" ::"r"(barrier)
                 : "memory");
  else
    asm volatile("mbarrier.arrive.relaxed.cluster.shared::cluster.b64 _, "
                 "[%0];" ::"r"(barrier)
                 : "memory");
}

__device__ void arriveInBlock(uint32_t barrier) {
  asm volatile(
      "mbarrier.arrive.release.cta.shared::cta.b64 _, [%0];" ::"r"(barrier)
      : "memory");
}

/// Releases and acquires: what `cooperative_groups::cluster_group::sync` is.
struct ClusterHardware {
  static constexpr bool Ordered = true;
  __device__ ClusterHardware(Corner &, uint32_t) {}
  __device__ static uint32_t arrivals(uint32_t) { return 1; }
  __device__ void pass(uint32_t, Patience &) { syncCluster(); }
};

/// Arrives without a release: nobody may count on what was written before.
struct ClusterHardwareRelaxed {
  static constexpr bool Ordered = false;
  __device__ ClusterHardwareRelaxed(Corner &, uint32_t) {}
  __device__ static uint32_t arrivals(uint32_t) { return 1; }
  __device__ void pass(uint32_t, Patience &) {
    __syncwarp();
    asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory");
    awaitCluster();
  }
};

/// Lane k of each block arrives at block k's mbarrier, and all threads wait for
/// their own block's: no barrier of the block is needed afterwards.
template <bool InOrder> class ClusterMbarrier {
public:
  static constexpr bool Ordered = InOrder;
  __device__ static uint32_t arrivals(uint32_t size) { return size; }
  __device__ ClusterMbarrier(Corner &corner, uint32_t size)
      : arrives_(threadIdx.x < size), mine_(kept(sharedAddress(&corner.phase))),
        theirs_(kept(addressInBlock(mine_, threadIdx.x % size))) {}
  __device__ void pass(uint32_t round, Patience &patience) {
    __syncthreads();
    if (arrives_)
      arriveRemotely<InOrder>(theirs_);
    patience.untilSuspended(round, [&] {
      return phaseIsOver<InOrder, true>(mine_, (round - 1) & 1);
    });
  }

private:
  bool arrives_;
  uint32_t mine_, theirs_;
};

/// Lane k of each block stores the round's number to block k, and polls what
/// block k stored here.
template <bool InOrder> class ClusterFlags {
public:
  static constexpr bool Ordered = InOrder;
  __device__ static uint32_t arrivals(uint32_t) { return 1; }
  __device__ ClusterFlags(Corner &corner, uint32_t size)
      : takesPart_(threadIdx.x < size),
        from_(kept(sharedAddress(&corner.flags[threadIdx.x % size]))),
        to_(kept(addressInBlock(sharedAddress(&corner.flags[rankInCluster()]),
                                threadIdx.x % size))) {}
  __device__ void pass(uint32_t round, Patience &patience) {
    __syncthreads();
    if (takesPart_) {
      raise(to_, round);
      patience.until(round, [&] { return reached(from_, round); });
      if (InOrder)
        asm volatile("fence.acquire.cluster;" ::: "memory");
    }
    __syncthreads();
  }

private:
  __device__ static void raise(uint32_t flag, uint32_t round) {
    if (InOrder)
      asm volatile(
          "st.release.cluster.shared::cluster.u32 [%0], %1;" ::"r"(flag),
          "r"(round)
          : "memory");
    else
      asm volatile(
          "st.relaxed.cluster.shared::cluster.u32 [%0], %1;" ::"r"(flag),
          "r"(round)
          : "memory");
  }
  __device__ static bool reached(uint32_t flag, uint32_t round) {
    uint32_t value;
    asm volatile("ld.relaxed.cluster.shared::cta.u32 %0, [%1];"
                 : "=r"(value)
                 : "r"(flag)
                 : "memory");
    return int32_t(value - round) >= 0;
  }
  bool takesPart_;
  uint32_t from_, to_;
};

struct BlockHardware {
  __device__ explicit BlockHardware(Corner &) {}
  __device__ static uint32_t arrivals() { return 1; }
  __device__ void pass(uint32_t, Patience &) { __syncthreads(); }
};

/// Every thread arrives, or one of each warp after the warp's own barrier.
template <bool OncePerWarp> class BlockMbarrier {
public:
  __device__ static uint32_t arrivals() {
    return OncePerWarp ? blockDim.x / 32 : blockDim.x;
  }
  __device__ explicit BlockMbarrier(Corner &corner)
      : arrives_(!OncePerWarp || threadIdx.x % 32 == 0),
        mine_(kept(sharedAddress(&corner.phase))) {}
  __device__ void pass(uint32_t round, Patience &patience) {
    if (OncePerWarp)
      __syncwarp();
    if (arrives_)
      arriveInBlock(mine_);
    patience.untilSuspended(round, [&] {
      return phaseIsOver<true, false>(mine_, (round - 1) & 1);
    });
  }

private:
  bool arrives_;
  uint32_t mine_;
};

__device__ void prepare(Corner &corner, uint32_t arrivals) {
  if (threadIdx.x == 0)
    initPhase(sharedAddress(&corner.phase), arrivals);
  for (uint32_t i = threadIdx.x; i < MaxCluster; i += blockDim.x)
    corner.flags[i] = 0;
  for (uint32_t i = threadIdx.x; i < 2 * MaxWarps; i += blockDim.x)
    corner.marks[i / MaxWarps][i % MaxWarps] = 0;
}

/// Picks another of `count`, of which this is number `self`.
__device__ uint32_t another(uint32_t &random, uint32_t self, uint32_t count) {
  random = random * 1664525u + 1013904223u;
  return (self + 1 + (random >> 8) % (count - 1)) % count;
}

__device__ void writeMark(Corner &corner, uint32_t round, uint32_t index) {
  asm volatile("st.shared::cta.u32 [%0], %1;" ::"r"(
                   sharedAddress(&corner.marks[round & 1][index])),
               "r"(round)
               : "memory");
}

/// One thread of each block writes the round's number in its own shared memory
/// before the barrier; another reads a random block's after it.
template <bool Ordered> class ClusterMarks {
public:
  __device__ ClusterMarks(Corner &corner, uint32_t size)
      : corner_(corner), size_(size), rank_(rankInCluster()), random_(rank_) {}
  __device__ void write(uint32_t round) {
    if (threadIdx.x == blockDim.x - 1)
      writeMark(corner_, round, 0);
    // Of a barrier without order only the waiting is checked.
    if (!Ordered)
      __threadfence();
  }
  __device__ void read(uint32_t round) {
    if (threadIdx.x != blockDim.x / 2)
      return;
    if (!Ordered)
      __threadfence();
    const uint32_t theirs =
        addressInBlock(sharedAddress(&corner_.marks[round & 1][0]),
                       another(random_, rank_, size_));
    uint32_t found;
    asm volatile("ld.shared::cluster.u32 %0, [%1];"
                 : "=r"(found)
                 : "r"(theirs)
                 : "memory");
    if (found != round && missedIn_ == 0)
      missedIn_ = round;
  }
  __device__ uint32_t missedIn() const { return missedIn_; }

private:
  Corner &corner_;
  uint32_t size_, rank_, random_;
  uint32_t missedIn_ = 0;
};

/// The last lane of each warp writes; the first reads another warp's.
class BlockMarks {
public:
  __device__ explicit BlockMarks(Corner &corner)
      : corner_(corner), random_(threadIdx.x) {}
  __device__ void write(uint32_t round) {
    if (threadIdx.x % 32 == 31)
      writeMark(corner_, round, threadIdx.x / 32);
  }
  __device__ void read(uint32_t round) {
    if (threadIdx.x % 32 != 0)
      return;
    const uint32_t other = another(random_, threadIdx.x / 32, blockDim.x / 32);
    uint32_t found;
    asm volatile("ld.shared::cta.u32 %0, [%1];"
                 : "=r"(found)
                 : "r"(sharedAddress(&corner_.marks[round & 1][other]))
                 : "memory");
    if (found != round && missedIn_ == 0)
      missedIn_ = round;
  }
  __device__ uint32_t missedIn() const { return missedIn_; }

private:
  Corner &corner_;
  uint32_t random_;
  uint32_t missedIn_ = 0;
};

template <class Design, uint32_t Size, bool Checked>
__global__ void __cluster_dims__(Size, 1, 1) doClusterRounds(Job job) {
  __shared__ Corner corner;
  prepare(corner, Design::arrivals(Size));
  syncCluster();
  ClusterMarks<Design::Ordered> marks(corner, Size);
  Design design(corner, Size);
  doBarrierLaps<Checked, RoundsPerLap>(
      job, marks, [&](uint32_t round, Patience &patience) {
        design.pass(round, patience);
      });
  // Nobody leaves while another may still reach into its shared memory.
  syncCluster();
}

template <class Design, bool Checked>
__global__ void __launch_bounds__(1024) doBlockRounds(Job job) {
  __shared__ Corner corner;
  prepare(corner, Design::arrivals());
  __syncthreads();
  BlockMarks marks(corner);
  Design design(corner);
  doBarrierLaps<Checked, RoundsPerLap>(
      job, marks, [&](uint32_t round, Patience &patience) {
        design.pass(round, patience);
      });
}

template <class Design, uint32_t Size>
void measureCluster(Rows &rows, const std::string &design) {
  Shape shape{Size, 256};
  shape.cluster = Size;
  shape.alone = true;
  addBarrier(rows, "cluster-barrier-" + design + "-" + std::to_string(Size),
             doClusterRounds<Design, Size, false>,
             doClusterRounds<Design, Size, true>, shape, RoundsPerLap);
}

template <class Design>
void measureClusters(Rows &rows, const std::string &design) {
  measureCluster<Design, 2>(rows, design);
  measureCluster<Design, 4>(rows, design);
  measureCluster<Design, 8>(rows, design);
  measureCluster<Design, 16>(rows, design);
}

template <class Design>
void measureBlocks(Rows &rows, const std::string &design) {
  for (uint32_t threads : {256u, 512u, 1024u})
    addBarrier(rows, "block-barrier-" + design + "-" + std::to_string(threads),
               doBlockRounds<Design, false>, doBlockRounds<Design, true>,
               Shape{1, threads}, RoundsPerLap);
}

} // namespace

void measureLocalBarriers() {
  Rows rows;
  measureClusters<ClusterHardware>(rows, "hardware");
  measureClusters<ClusterHardwareRelaxed>(rows, "hardware-relaxed");
  measureClusters<ClusterMbarrier<true>>(rows, "mbarrier");
  measureClusters<ClusterMbarrier<false>>(rows, "mbarrier-relaxed");
  measureClusters<ClusterFlags<true>>(rows, "flags");
  measureClusters<ClusterFlags<false>>(rows, "flags-relaxed");
  measureBlocks<BlockHardware>(rows, "hardware");
  measureBlocks<BlockMbarrier<false>>(rows, "mbarrier");
  measureBlocks<BlockMbarrier<true>>(rows, "mbarrier-of-warps");
  rows.finish();
}

} // namespace rkbench
