//===- Rounds.cuh - Rounds that are timed one by one -----------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the measurements of barriers and of the ways between actors share: a
/// kernel does very many rounds, thread 0 of block 0 times them, and nothing
/// can hang. A wait that takes too long is given up, and so is every later wait
/// of that thread; the kernel then runs to its end without waiting, so that
/// hardware barriers, which all threads have to reach, are still reached.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Access.cuh"
#include "Floors.cuh"

namespace rkbench {

inline constexpr uint32_t WarmUpLaps = 200, LapCount = 10'000;
inline constexpr uint32_t AllLaps = WarmUpLaps + LapCount;

enum class Fault : uint32_t { None, WaitGivenUp, MarkNotSeen };

/// What a kernel says at its end.
struct Verdict {
  uint64_t cycles, nanoseconds; ///< of all laps together
  uint32_t fault;               ///< the first `Fault`
  uint32_t round, block;        ///< where it was
};

/// What every kernel of rounds is given. Shape: `words` and `marks` are zeroed.
struct Job {
  static constexpr uint32_t WordCount = 1u << 16, MarkCount = 1u << 12;
  uint32_t *words; ///< the design's own
  uint32_t *marks; ///< what the check writes and reads
  uint32_t *laps;
  Verdict *verdict;
};
using JobKernel = void (*)(Job);

/// Words between two things that should share no cache line.
inline constexpr uint32_t LineWords = 32;

__device__ inline void reportFault(const Job &job, Fault fault,
                                   uint32_t round) {
  if (round == 0 || atomicCAS(&job.verdict->fault, 0u, uint32_t(fault)) != 0)
    return;
  job.verdict->round = round;
  job.verdict->block = blockIdx.x;
}

__device__ inline uint64_t cycleClock() {
  uint64_t value;
  asm volatile("mov.u64 %0, %%clock64;" : "=l"(value)::"memory");
  return value;
}

/// The bounded waits of one thread, or of a warp that asks with one voice.
class Patience {
public:
  /// Polls until `ready()`. It must not suspend the thread.
  template <class Ready> __device__ void until(uint32_t round, Ready ready) {
    if (gaveUpIn_ != 0)
      return;
    for (uint32_t polls = 0; polls < Polls; ++polls)
      if (ready())
        return;
    gaveUpIn_ = round;
  }
  /// The same for a poll that suspends the thread for a while that only the
  /// hardware knows: the bound is a time.
  template <class Ready>
  __device__ void untilSuspended(uint32_t round, Ready ready) {
    if (gaveUpIn_ != 0 || ready())
      return;
    const uint64_t begin = cycleClock();
    while (!ready())
      if (cycleClock() - begin > Cycles) {
        gaveUpIn_ = round;
        return;
      }
  }
  /// Returns the round whose wait was given up, or 0.
  __device__ uint32_t gaveUpIn() const { return gaveUpIn_; }

private:
  static constexpr uint32_t Polls = 1u << 20;       // 0.7 s through L2
  static constexpr uint64_t Cycles = 1'000'000'000; // 0.5 s
  uint32_t gaveUpIn_ = 0;
};

/// Times laps. They are kept in shared memory, since a store to global memory
/// that is still under way would be waited for by the next fence.
class Stopwatch {
public:
  __device__ explicit Stopwatch(uint32_t *laps)
      : laps_(laps), beginTime_(deviceNanosecondClock()), begin_(cycleClock()),
        last_(begin_) {}
  __device__ void lap(uint32_t index) {
    const uint64_t now = cycleClock();
    laps_[index] = uint32_t(now - last_);
    last_ = now;
  }
  __device__ void stop(Verdict *verdict) const {
    verdict->cycles = last_ - begin_;
    verdict->nanoseconds = deviceNanosecondClock() - beginTime_;
  }

private:
  uint32_t *laps_;
  uint64_t beginTime_, begin_, last_;
};

/// Copies block 0's laps out; all its threads call it after the last lap.
__device__ inline void publishLaps(const Job &job, const uint32_t *laps) {
  __syncthreads();
  if (blockIdx.x == 0)
    for (uint32_t i = threadIdx.x; i < AllLaps; i += blockDim.x)
      job.laps[i] = laps[i];
}

/// Calls `doRound` with the numbers from 1 on, `PerLap` times in each lap, until
/// all laps are done or it returns false. One thread of all `keepsTime`.
template <uint32_t PerLap, class DoRound>
__device__ void doLaps(const Job &job, uint32_t *laps, bool keepsTime,
                       DoRound doRound) {
  Stopwatch watch(laps);
  uint32_t round = 0;
#pragma unroll 1
  for (uint32_t lap = 0; lap < AllLaps; ++lap) {
#pragma unroll 1
    for (uint32_t i = 0; i < PerLap; ++i)
      if (!doRound(++round))
        return;
    if (keepsTime)
      watch.lap(lap);
  }
  if (keepsTime)
    watch.stop(job.verdict);
}

/// The laps of a barrier, of which thread 0 of block 0 keeps the time. With
/// `Checked`, marks are written before each pass and read after it.
template <bool Checked, uint32_t PerLap, class Marks, class Pass>
__device__ void doBarrierLaps(const Job &job, Marks &marks, Pass pass) {
  extern __shared__ uint32_t laps[];
  Patience patience;
  doLaps<PerLap>(job, laps, blockIdx.x == 0 && threadIdx.x == 0,
                 [&](uint32_t round) {
                   if (Checked)
                     marks.write(round);
                   pass(round, patience);
                   if (Checked)
                     marks.read(round);
                   return true;
                 });
  reportFault(job, Fault::WaitGivenUp, patience.gaveUpIn());
  reportFault(job, Fault::MarkNotSeen, marks.missedIn());
  publishLaps(job, laps);
}

/// The cluster's own barrier. The aligned form is the quick one and wants the
/// whole warp at once.
__device__ inline void arriveAtCluster() {
  __syncwarp();
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
}
__device__ inline void awaitCluster() {
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}
__device__ inline void syncCluster() {
  arriveAtCluster();
  awaitCluster();
}
__device__ inline uint32_t rankInCluster() {
  uint32_t rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}

__device__ inline uint32_t sharedAddress(const void *address) {
  return uint32_t(__cvta_generic_to_shared(address));
}
/// Where block `rank` of the cluster has what lies at `address` here.
__device__ inline uint32_t addressInBlock(uint32_t address, uint32_t rank) {
  uint32_t mapped;
  asm volatile("mapa.shared::cluster.u32 %0, %1, %2;"
               : "=r"(mapped)
               : "r"(address), "r"(rank));
  return mapped;
}

/// Returns its argument in a way that the compiler cannot see through, so that
/// a loop keeps an address in a register instead of making it anew each time.
/// The whole warp calls it.
__device__ inline uint32_t kept(uint32_t value) {
  return __shfl_sync(~0u, value, int(threadIdx.x % 32));
}

__device__ inline void initPhase(uint32_t barrier, uint32_t arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier),
               "r"(arrivals)
               : "memory");
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

/// Blocks and threads of a launch.
struct Shape {
  uint32_t blocks, threads;
  uint32_t cluster = 0;     ///< blocks of a cluster; 0: no clusters
  bool cooperative = false; ///< all blocks are resident, or it does not start
  bool alone = false;       ///< at most one block on each multiprocessor
};

/// A launch configuration, with the attributes that it points to.
class Launch {
public:
  Launch(JobKernel kernel, const Shape &shape) : kernel_(kernel) {
    // More than half of the shared memory keeps a second block away.
    const uint32_t bytes = shape.alone ? 120 * 1024 : AllLaps * 4;
    RK_CUDA(cudaFuncSetAttribute(
        kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(bytes)));
    config_.gridDim = shape.blocks;
    config_.blockDim = shape.threads;
    config_.dynamicSmemBytes = bytes;
    config_.attrs = attributes_;
    if (shape.cooperative) {
      cudaLaunchAttribute &attribute = attributes_[config_.numAttrs++];
      attribute.id = cudaLaunchAttributeCooperative;
      attribute.val.cooperative = 1;
    }
    if (shape.cluster != 0)
      formClusters(shape.cluster);
  }
  Launch(const Launch &) = delete;
  Launch &operator=(const Launch &) = delete;

  /// Returns how many of these clusters are resident at the same time.
  uint32_t residentClusters() const {
    int count = 0;
    RK_CUDA(cudaOccupancyMaxActiveClusters(&count, kernel_, &config_));
    return uint32_t(count);
  }
  void operator()(const Job &job) const {
    RK_CUDA(cudaLaunchKernelEx(&config_, kernel_, job));
  }

private:
  void formClusters(uint32_t size) {
    if (size > 8)
      RK_CUDA(cudaFuncSetAttribute(
          kernel_, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
    cudaLaunchAttribute &attribute = attributes_[config_.numAttrs++];
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim.x = size;
    attribute.val.clusterDim.y = 1;
    attribute.val.clusterDim.z = 1;
  }
  JobKernel kernel_;
  cudaLaunchConfig_t config_ = {};
  cudaLaunchAttribute attributes_[2] = {};
};

inline void requireNoFault(const Verdict &verdict) {
  const std::string where = " in round " + std::to_string(verdict.round) +
                            " by block " + std::to_string(verdict.block);
  if (verdict.fault == uint32_t(Fault::WaitGivenUp))
    throw std::runtime_error("a wait was given up" + where);
  if (verdict.fault == uint32_t(Fault::MarkNotSeen))
    throw std::runtime_error("what another wrote was not seen" + where);
}

/// Runs the kernel and returns its laps, each divided by `perLap`, in ns.
inline std::vector<double> timeLaps(JobKernel kernel, const Shape &shape,
                                    double perLap) {
  DeviceArray<uint32_t> words(Job::WordCount), marks(Job::MarkCount);
  DeviceArray<uint32_t> laps(AllLaps);
  DeviceArray<Verdict> verdict(1);
  const Launch launch(kernel, shape);
  if (shape.cluster != 0)
    require(launch.residentClusters() >= shape.blocks / shape.cluster,
            "the clusters are not all resident");
  launch({words.get(), marks.get(), laps.get(), verdict.get()});
  RK_CUDA(cudaDeviceSynchronize());
  const Verdict result = verdict.read()[0];
  requireNoFault(result);
  require(result.cycles != 0, "the kernel did not reach its end");
  const double perCycle = double(result.nanoseconds) / double(result.cycles);
  std::vector<double> times;
  const std::vector<uint32_t> found = laps.read();
  for (uint32_t i = WarmUpLaps; i < AllLaps; ++i)
    times.push_back(double(found[i]) * perCycle / perLap);
  return times;
}

/// Rows of which one may fail without the others: each failure is printed in
/// the row's place, and the group fails at its end.
class Rows {
public:
  template <class Measure> void add(const std::string &name, Measure measure) {
    try {
      print(measure());
    } catch (const std::exception &failure) {
      printFailure(name, failure.what());
      ++failures_;
    }
  }
  void finish() const {
    if (failures_ != 0)
      throw std::runtime_error(std::to_string(failures_) + " rows failed");
  }

private:
  uint32_t failures_ = 0;
};

/// A barrier's row. Its time is of rounds that hold nothing else; before, as
/// many rounds are run in which marks show that everybody had arrived.
inline void addBarrier(Rows &rows, const std::string &name, JobKernel alone,
                       JobKernel checked, const Shape &shape, uint32_t perLap) {
  rows.add(name, [&] {
    const Row whole = summarize(name, "ns", timeLaps(checked, shape, perLap),
                                Better::Lower, "");
    char with[32];
    std::snprintf(with, sizeof(with), "%.0f ns", whole.p50);
    std::string how = "a mark of another in each of " +
                      std::to_string(AllLaps * perLap) +
                      " rounds before, which took " + with + " with it";
    if (perLap != 1)
      how += "; means of " + std::to_string(perLap) + " rounds";
    return summarize(name, "ns", timeLaps(alone, shape, perLap), Better::Lower,
                     how);
  });
}

} // namespace rkbench
