//===- Barriers.cu - Barriers of the whole grid ----------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The ways to let all blocks of the device wait for each other, side by side:
/// one counter, a counter with a word or with many words that release, a tree
/// of counters, flags that everybody reads, and each with clusters below.
///
/// The argument for the memory order is the same in all of them. What the
/// threads of a block wrote is ordered before its arrival by the block's (or
/// the cluster's) barrier; one thread then releases at the scope of the device,
/// which covers what it has observed, not only what it wrote itself. Whoever
/// sees the last arrival, directly or through words that were released after
/// it was acquired, acquires; the barrier of its block hands that on to the
/// other threads. No thread reads or writes between its arrival and its leave.
/// Rounds are numbered, so that nothing has to be set back; a counter or a flag
/// may already be one round ahead, and is then compared with "at least".
///
//===----------------------------------------------------------------------===//

#include "Rounds.cuh"

#include <cooperative_groups.h>

namespace rkbench {
namespace {

/// How arrival and leave order memory.
enum class Order {
  /// A fence in both directions (`fence.acq_rel`, which is what
  /// `__threadfence` may be weakened to) before the arrival and after the last
  /// poll; the polls themselves are relaxed.
  FullFences,
  /// The same with `fence.release` before and `fence.acquire` after: the first
  /// waits for earlier stores, the second only drops the L1 cache.
  HalfFences,
  /// The arrival releases and every poll acquires, so drops the L1 cache.
  AcquireRelease,
  /// Nothing: no barrier for data, but what the fences of the others cost.
  Unordered,
};

template <Order O> __device__ void orderBeforeArrival() {
  if (O == Order::FullFences)
    asm volatile("fence.acq_rel.gpu;" ::: "memory");
  if (O == Order::HalfFences)
    asm volatile("fence.release.gpu;" ::: "memory");
}

template <Order O> __device__ void orderAfterWait() {
  if (O == Order::FullFences)
    asm volatile("fence.acq_rel.gpu;" ::: "memory");
  if (O == Order::HalfFences)
    asm volatile("fence.acquire.gpu;" ::: "memory");
}

/// Acquires what an addition has shown, where what is then released has a fence
/// that only releases. (A fence in both directions does this on the way.)
template <Order O> __device__ void orderBetween() {
  if (O == Order::HalfFences)
    asm volatile("fence.acquire.gpu;" ::: "memory");
}

template <Order O> __device__ uint32_t poll(const uint32_t *word) {
  return O == Order::AcquireRelease ? loadAcquireDevice(word)
                                    : loadRelaxedDevice(word);
}

template <Order O> __device__ uint4 pollFour(const uint32_t *words) {
  uint4 value;
  if (O == Order::AcquireRelease)
    asm volatile("ld.acquire.gpu.global.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
                 : "l"(words)
                 : "memory");
  else
    asm volatile("ld.relaxed.gpu.global.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
                 : "l"(words)
                 : "memory");
  return value;
}

/// Adds one and does not ask for the sum.
template <Order O> __device__ void arrive(uint32_t *counter) {
  orderBeforeArrival<O>();
  if (O == Order::AcquireRelease)
    asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(counter)
                 : "memory");
  else
    asm volatile("red.relaxed.gpu.global.add.u32 [%0], 1;" ::"l"(counter)
                 : "memory");
}

/// Adds one and returns what was there; to see the others' arrivals in it, it
/// acquires too.
template <Order O> __device__ uint32_t arriveAndLook(uint32_t *counter) {
  uint32_t before;
  orderBeforeArrival<O>();
  if (O == Order::AcquireRelease)
    asm volatile("atom.acq_rel.gpu.global.add.u32 %0, [%1], 1;"
                 : "=r"(before)
                 : "l"(counter)
                 : "memory");
  else
    asm volatile("atom.relaxed.gpu.global.add.u32 %0, [%1], 1;"
                 : "=r"(before)
                 : "l"(counter)
                 : "memory");
  return before;
}

template <Order O> __device__ void raise(uint32_t *word, uint32_t round) {
  orderBeforeArrival<O>();
  if (O == Order::AcquireRelease)
    storeReleaseDevice(word, round);
  else
    storeRelaxedDevice(word, round);
}

__device__ bool reached(uint32_t value, uint32_t round) {
  return int32_t(value - round) >= 0;
}

/// Waits, in one thread, until the word says the round.
template <Order O>
__device__ void awaitWord(const uint32_t *word, uint32_t round,
                          uint32_t expected, Patience &patience) {
  patience.until(round, [&] { return reached(poll<O>(word), expected); });
  orderAfterWait<O>();
}

/// Waits, in one warp, until all flags say the round; there are at most 128
/// times `Pieces`. Each lane acquires what it has read itself; the barrier of
/// the block joins them. All pieces are asked for before the first is looked
/// at, and nothing branches in between.
template <Order O, uint32_t Pieces>
__device__ void awaitFlags(const uint32_t *flags, uint32_t count,
                           uint32_t round, Patience &patience) {
  const uint32_t first = threadIdx.x % 32 * 4;
  patience.until(round, [&] {
    uint4 found[Pieces];
#pragma unroll
    for (uint32_t piece = 0; piece < Pieces; ++piece) {
      found[piece] = make_uint4(round, round, round, round);
      if (first + piece * 128 < count)
        found[piece] = pollFour<O>(flags + first + piece * 128);
    }
    bool all = true;
#pragma unroll
    for (uint32_t piece = 0; piece < Pieces; ++piece) {
      const uint32_t at = first + piece * 128;
      all &= reached(found[piece].x, round);
      all &= (at + 1 >= count) | reached(found[piece].y, round);
      all &= (at + 2 >= count) | reached(found[piece].z, round);
      all &= (at + 3 >= count) | reached(found[piece].w, round);
    }
    return __all_sync(~0u, all) != 0;
  });
  orderAfterWait<O>();
}

// Where a design keeps its words: a counter, the word that releases, then
// whatever there are several of.
constexpr uint32_t CounterAt = 0, ReleaseAt = 8 * LineWords,
                   SeveralAt = 16 * LineWords;

/// Everybody adds to one counter and polls it.
template <Order O> struct Counter {
  static constexpr bool Ordered = O != Order::Unordered;
  static constexpr uint32_t ClusterSize = 0;
  __device__ static void pass(uint32_t *words, uint32_t round,
                              Patience &patience) {
    __syncthreads();
    if (threadIdx.x == 0) {
      arrive<O>(words + CounterAt);
      awaitWord<O>(words + CounterAt, round, round * gridDim.x, patience);
    }
    __syncthreads();
  }
};

/// The last arrival stores the round's number to a word of its own, so that
/// those who poll do not stand in the way of those who arrive.
template <Order O> struct Generation {
  static constexpr bool Ordered = true;
  static constexpr uint32_t ClusterSize = 0;
  __device__ static void pass(uint32_t *words, uint32_t round,
                              Patience &patience) {
    __syncthreads();
    if (threadIdx.x == 0) {
      const uint32_t before = arriveAndLook<O>(words + CounterAt);
      if (before == round * gridDim.x - 1) {
        orderBetween<O>();
        raise<O>(words + ReleaseAt, round);
      } else {
        awaitWord<O>(words + ReleaseAt, round, round, patience);
      }
    }
    __syncthreads();
  }
};

/// The last arrival releases by one line for each `Share` blocks: fewer who
/// poll the same line, more stores by one thread. One fence stands before all
/// these stores.
template <Order O, uint32_t Share> struct ReleaseLines {
  static constexpr bool Ordered = true;
  static constexpr uint32_t ClusterSize = 0;
  __device__ static void pass(uint32_t *words, uint32_t round,
                              Patience &patience) {
    __syncthreads();
    if (threadIdx.x == 0) {
      uint32_t *const lines = words + SeveralAt;
      const uint32_t before = arriveAndLook<O>(words + CounterAt);
      if (before == round * gridDim.x - 1) {
        orderBetween<O>();
        orderBeforeArrival<O>();
        for (uint32_t block = 0; block < gridDim.x; block += Share)
          storeRelaxedDevice(lines + block / Share * LineWords, round);
      } else {
        awaitWord<O>(lines + blockIdx.x / Share * LineWords, round, round,
                     patience);
      }
    }
    __syncthreads();
  }
};

/// Counters of at most `FanIn` arrivals; the last of each goes up by one.
template <Order O, uint32_t FanIn> struct Tree {
  static constexpr bool Ordered = true;
  static constexpr uint32_t ClusterSize = 0;

  /// Returns whether this was the last arrival of all.
  __device__ static bool climb(uint32_t *node, uint32_t round) {
    uint32_t index = blockIdx.x, width = gridDim.x;
    for (;;) {
      const uint32_t group = index / FanIn;
      const uint32_t members = min(FanIn, width - group * FanIn);
      if (arriveAndLook<O>(node + group * LineWords) != members * round - 1)
        return false;
      orderBetween<O>();
      if (width <= FanIn)
        return true;
      index = group;
      width = (width + FanIn - 1) / FanIn;
      node += width * LineWords;
    }
  }
  __device__ static void pass(uint32_t *words, uint32_t round,
                              Patience &patience) {
    __syncthreads();
    if (threadIdx.x == 0) {
      if (climb(words + SeveralAt, round))
        raise<O>(words + ReleaseAt, round);
      else
        awaitWord<O>(words + ReleaseAt, round, round, patience);
    }
    __syncthreads();
  }
};

/// Each block raises its flag, and one warp of each block reads all flags, four
/// in a piece of 16 bytes: no additions, and one way through L2 instead of two.
template <Order O> struct PackedFlags {
  static constexpr bool Ordered = O != Order::Unordered;
  static constexpr uint32_t ClusterSize = 0;
  __device__ static void pass(uint32_t *words, uint32_t round,
                              Patience &patience) {
    uint32_t *const flags = words + SeveralAt;
    __syncthreads();
    if (threadIdx.x < 32) {
      if (threadIdx.x == 0)
        raise<O>(flags + blockIdx.x, round);
      __syncwarp();
      awaitFlags<O, 2>(flags, gridDim.x, round, patience);
    }
    __syncthreads();
  }
};

/// The same with one thread for each flag.
template <Order O> struct ThreadPerFlag {
  static constexpr bool Ordered = true;
  static constexpr uint32_t ClusterSize = 0;
  __device__ static void pass(uint32_t *words, uint32_t round,
                              Patience &patience) {
    uint32_t *const flags = words + SeveralAt;
    __syncthreads();
    if (threadIdx.x == 0)
      raise<O>(flags + blockIdx.x, round);
    for (uint32_t peer = threadIdx.x; peer < gridDim.x; peer += blockDim.x)
      awaitWord<O>(flags + peer, round, round, patience);
    __syncthreads();
  }
};

/// What CUDA brings along.
struct CooperativeGroups {
  static constexpr bool Ordered = true;
  static constexpr uint32_t ClusterSize = 0;
  __device__ static void pass(uint32_t *, uint32_t, Patience &) {
    cooperative_groups::this_grid().sync();
  }
};

enum class Meeting {
  /// The clusters' first blocks meet at a counter and release their clusters.
  CounterOfLeaders,
  /// They arrive there for their clusters, but every block polls it.
  CounterOfAll,
  /// They raise flags for their clusters, and every block reads all flags.
  FlagsOfAll,
};

/// The cluster's barrier, then one arrival for each cluster. The barrier of the
/// cluster releases and acquires at its scope; the leader's release at the
/// scope of the device comes after it and so covers the whole cluster.
template <Order O, uint32_t Size, Meeting M> struct Clusters {
  static constexpr bool Ordered = true;
  static constexpr uint32_t ClusterSize = Size;

  __device__ static void meetAtCounter(uint32_t *words, uint32_t round,
                                       bool leader, Patience &patience) {
    uint32_t *const counter = words + CounterAt;
    if (leader)
      arrive<O>(counter);
    if (leader || M == Meeting::CounterOfAll)
      awaitWord<O>(counter, round, round * (gridDim.x / Size), patience);
  }
  __device__ static void meetAtFlags(uint32_t *words, uint32_t round,
                                     bool leader, Patience &patience) {
    uint32_t *const flags = words + SeveralAt;
    if (leader && threadIdx.x == 0)
      raise<O>(flags + blockIdx.x / Size, round);
    __syncwarp();
    awaitFlags<O, 1>(flags, gridDim.x / Size, round, patience);
  }
  __device__ static void pass(uint32_t *words, uint32_t round,
                              Patience &patience) {
    const bool leader = rankInCluster() == 0;
    syncCluster();
    if (M == Meeting::FlagsOfAll) {
      if (threadIdx.x < 32)
        meetAtFlags(words, round, leader, patience);
    } else if (threadIdx.x == 0) {
      meetAtCounter(words, round, leader, patience);
    }
    if (M == Meeting::CounterOfLeaders)
      syncCluster();
    else
      __syncthreads();
  }
};

/// One thread of each block writes the round's number before the barrier, and
/// another, of another warp, reads what a random other block wrote after it;
/// with plain accesses, so that a missing fence, an L1 cache that was kept and
/// a block that came late all show. Odd and even rounds have their own marks:
/// a block may write the next round's before another has read this one's.
template <bool Ordered> class Marks {
public:
  __device__ explicit Marks(uint32_t *marks)
      : marks_(marks), random_(blockIdx.x * 2654435761u + 1) {}
  __device__ void write(uint32_t round) {
    if (threadIdx.x != blockDim.x - 1)
      return;
    asm volatile("st.global.u32 [%0], %1;" ::"l"(at(round, blockIdx.x)),
                 "r"(round)
                 : "memory");
    // Of a barrier without order only the waiting is checked.
    if (!Ordered)
      __threadfence();
  }
  __device__ void read(uint32_t round) {
    if (threadIdx.x != blockDim.x / 2)
      return;
    if (!Ordered)
      __threadfence();
    random_ = random_ * 1664525u + 1013904223u;
    const uint32_t other =
        (blockIdx.x + 1 + (random_ >> 8) % (gridDim.x - 1)) % gridDim.x;
    uint32_t found;
    asm volatile("ld.global.u32 %0, [%1];"
                 : "=r"(found)
                 : "l"(at(round, other))
                 : "memory");
    if (found != round && missedIn_ == 0)
      missedIn_ = round;
  }
  __device__ uint32_t missedIn() const { return missedIn_; }

private:
  __device__ uint32_t *at(uint32_t round, uint32_t block) const {
    return marks_ + (round & 1) * (Job::MarkCount / 2) + block;
  }
  uint32_t *marks_;
  uint32_t random_;
  uint32_t missedIn_ = 0;
};

template <class Design, bool Checked> __device__ void doRounds(const Job &job) {
  Marks<Design::Ordered> marks(job.marks);
  doBarrierLaps<Checked, 1>(job, marks,
                            [&](uint32_t round, Patience &patience) {
                              Design::pass(job.words, round, patience);
                            });
}

template <class Design, bool Checked>
__global__ void __launch_bounds__(1024) doGridRounds(Job job) {
  doRounds<Design, Checked>(job);
}

/// Says the size of the cluster to the compiler, which else looks at each
/// barrier whether there are clusters.
template <class Design, bool Checked>
__global__ void __launch_bounds__(1024)
    __cluster_dims__(Design::ClusterSize, 1, 1) doClusteredRounds(Job job) {
  doRounds<Design, Checked>(job);
}

template <class Design, bool Checked> JobKernel kernelOf() {
  if constexpr (Design::ClusterSize == 0)
    return doGridRounds<Design, Checked>;
  else
    return doClusteredRounds<Design, Checked>;
}

/// Returns a block for each multiprocessor, or as near to it as clusters come:
/// a group of multiprocessors that is no multiple of the cluster leaves some.
template <class Design> Shape wholeDevice(uint32_t threads) {
  Shape shape{multiprocessors(), threads};
  shape.alone = true;
  shape.cluster = Design::ClusterSize;
  shape.cooperative = shape.cluster == 0;
  if (shape.cluster != 0) {
    shape.blocks -= shape.blocks % shape.cluster;
    const Launch launch(kernelOf<Design, false>(), shape);
    shape.blocks =
        std::min(shape.blocks, launch.residentClusters() * shape.cluster);
  }
  return shape;
}

template <class Design> void measure(Rows &rows, const std::string &design) {
  for (uint32_t threads : {256u, 1024u}) {
    const Shape shape = wholeDevice<Design>(threads);
    addBarrier(rows,
               "grid-barrier-" + design + "-" + std::to_string(shape.blocks) +
                   "x" + std::to_string(threads),
               kernelOf<Design, false>(), kernelOf<Design, true>(), shape, 1);
  }
}

template <uint32_t Size> void measureClusters(Rows &rows) {
  constexpr Order O = Order::HalfFences;
  const std::string design = "clusters-of-" + std::to_string(Size);
  measure<Clusters<O, Size, Meeting::CounterOfLeaders>>(
      rows, design + "-counter-of-leaders");
  measure<Clusters<O, Size, Meeting::CounterOfAll>>(rows,
                                                    design + "-counter-of-all");
  measure<Clusters<O, Size, Meeting::FlagsOfAll>>(rows,
                                                  design + "-flags-of-all");
}

} // namespace

void measureBarriers() {
  require(multiprocessors() <= 256, "one warp reads all flags");
  Rows rows;
  measure<Counter<Order::FullFences>>(rows, "counter-full-fences");
  measure<Counter<Order::HalfFences>>(rows, "counter-half-fences");
  measure<Counter<Order::AcquireRelease>>(rows, "counter-acq-rel");
  measure<Counter<Order::Unordered>>(rows, "counter-unordered");
  measure<Generation<Order::FullFences>>(rows, "generation-full-fences");
  measure<Generation<Order::HalfFences>>(rows, "generation-half-fences");
  measure<Generation<Order::AcquireRelease>>(rows, "generation-acq-rel");
  measure<ReleaseLines<Order::HalfFences, 8>>(rows, "release-lines-of-8");
  measure<ReleaseLines<Order::HalfFences, 16>>(rows, "release-lines-of-16");
  measure<CooperativeGroups>(rows, "cooperative-groups");
  measure<PackedFlags<Order::FullFences>>(rows, "packed-flags-full-fences");
  measure<PackedFlags<Order::HalfFences>>(rows, "packed-flags-half-fences");
  measure<PackedFlags<Order::AcquireRelease>>(rows, "packed-flags-acq-rel");
  measure<PackedFlags<Order::Unordered>>(rows, "packed-flags-unordered");
  measure<ThreadPerFlag<Order::HalfFences>>(rows,
                                            "thread-per-flag-half-fences");
  measure<ThreadPerFlag<Order::AcquireRelease>>(rows,
                                                "thread-per-flag-acq-rel");
  measure<Tree<Order::HalfFences, 8>>(rows, "tree-of-8");
  measure<Tree<Order::HalfFences, 12>>(rows, "tree-of-12");
  measureClusters<2>(rows);
  measureClusters<4>(rows);
  measureClusters<8>(rows);
  rows.finish();
}

} // namespace rkbench
