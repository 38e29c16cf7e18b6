//===- options.h - How a system is started ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where a system runs and how much it may hold. Every field has a default that
/// suits a first program; 0 means "choose for me" where the comment says so.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/report.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace rk {

class Module;
class Scheduler;

/// Where actors run.
enum class BackendKind : std::uint32_t {
  /// A GPU if there is one that the module has code for, else the CPU. The
  /// environment variable `RK_BACKEND` (`cuda`, `cpu`, `auto`) decides first.
  Automatic = 0,
  Cuda = 1, ///< a GPU, or an error
  Cpu = 2,  ///< worker threads of this process
};

/// Whether actors change their worker while the system runs. They move in
/// groups, shards; what is promised about order and delivery holds all along.
enum class Balance : std::uint32_t {
  Off = 0, ///< every actor stays with the worker that it was given first
  /// Workers with a backlog that stays give shards to workers without one.
  Load = 1,
  /// Shards move at random, all the time: for tests of programs that must not
  /// depend on where an actor runs. Costs throughput.
  Random = 2,
};

/// Where messages of host threads wait for the device.
enum class LaneMemory : std::uint32_t {
  /// Device memory if the host can write to it, else host memory. The
  /// environment variable `RK_LANE_MEMORY` (`device`, `host`, `auto`) decides
  /// first.
  Automatic = 0,
  Host = 1, ///< the device reads host memory, a microsecond and more a read
  /// The host writes to device memory, or an error. Takes a GPU, its Vulkan
  /// driver with the loader `libvulkan.so.1`, and a processor with AVX-512; the
  /// first start in a process takes some 0.3 s longer.
  Device = 2,
};

struct SystemOptions {
  BackendKind backend = BackendKind::Automatic;

  /// Which GPU, in the driver's order. -1: `RK_DEVICE`, or else 0.
  int device = -1;

  /// How many workers run actors. 0: all that the device has room for, or on
  /// the CPU one for each hardware thread, at most 64. On a GPU a worker is a
  /// warp.
  std::uint32_t workers = 0;

  /// How many multiprocessors of a GPU the system leaves free: stencils of the
  /// program run on these alone while it does, and must have one at least. All
  /// other options then mean the rest of the GPU. Without effect on the CPU.
  std::uint32_t freeMultiprocessors = 0;

  /// How many actors may live at a time; at most 2^28 - 1.
  std::uint32_t maxActors = 1u << 20;

  /// How many resident actors may live at a time. 0: 64, or on a GPU all that
  /// one cluster of its blocks has room for beside the warps that serve the
  /// host. On a GPU each takes a warp for as long as the system runs. Without
  /// effect if the module has no resident actors.
  std::uint32_t residents = 0;

  /// How many actors with a block to themselves may live at a time, and how
  /// many with a cluster of eight blocks; at most 64 each. 0: 4, and 1. On a
  /// GPU each block takes a multiprocessor for as long as the system runs.
  /// There is one actor with a grid at a time, which on a GPU gets the
  /// multiprocessors that are left but for an eighth, or for what `workers`
  /// needs. Without effect if the module has no such actors.
  std::uint32_t blockActors = 0;
  std::uint32_t clusterActors = 0;

  /// The most memory that the state of actors may take, at most 256 GiB. 0:
  /// what `maxActors` of the largest type need, but no more than a quarter of
  /// the memory that is free. It is taken as actors are made.
  std::uint64_t stateBytes = 0;

  /// How much of it is taken at the start; no more than `stateBytes`. The
  /// runtime takes more ahead of use, by as much again, at most 128 MiB, when
  /// half of it or all but 64 MiB is in use. A spawn that comes before the
  /// memory waits for it, for half a second at most. 0: 128 MiB, or
  /// `stateBytes` if that is less. `System::memory` tells what is taken.
  std::uint64_t firstStateBytes = 0;

  /// Memory for messages that wait, beside the 32 KiB that each worker's inbox
  /// has anyway. 0: 1 KiB for each of `maxActors`, at least 128 MiB, at most 1
  /// GiB on a GPU and 256 MiB on the CPU, but no more than a quarter of the
  /// memory that is free.
  std::uint64_t messageBytes = 0;

  /// How many messages of more than 32 bytes can wait at a time. 0: as many as
  /// fit in 512 bytes for each of `maxActors`, at least 64 MiB, at most 512 MiB
  /// and an eighth of the memory that is free; at most 524288.
  std::uint32_t payloadBlocks = 0;

  /// Memory for bulk payloads (`rk/bulk.h`); it is also the most that one can
  /// have, rounded down to a power of two. 0: 256 MiB on a GPU, 64 MiB on the
  /// CPU, but no more than an eighth of the memory that is free. Without effect
  /// if no message carries one.
  std::uint64_t bulkBytes = 0;

  /// Ways from host threads to the device: one that threads share, and one each
  /// for the first `lanes` - 1 threads that send, as long as they live. 1 to 7.
  std::uint32_t lanes = 6;

  /// See `LaneMemory`. `RunDescription::laneMemory` tells what was chosen.
  LaneMemory laneMemory = LaneMemory::Automatic;

  /// See `Balance`. `Counters::moves` tells what it did.
  Balance balance = Balance::Off;

  /// How long `System::send`, `ask` and `spawn` wait for room towards the
  /// device before they fail with `MailboxFull`; 0: not at all. A call can say
  /// otherwise.
  std::chrono::nanoseconds sendTimeout = std::chrono::seconds(5);

  /// How long at most, for each 128 messages that wait at a receiver which does
  /// not keep up, those who send to it hold back after their turn: they take no
  /// messages until the receiver has caught up, or is no further behind than
  /// they are, or this time has passed. 0: nobody holds back.
  std::chrono::nanoseconds slowdown = std::chrono::microseconds(20);

  /// How long starting may take before it fails.
  std::chrono::nanoseconds startTimeout = std::chrono::seconds(20);

  /// A handler call that lasts longer is reported as a stall.
  std::chrono::nanoseconds stallThreshold = std::chrono::seconds(1);

  /// Called once for each stall, from a thread of the system. It must not wait
  /// for the system; it may call `shutdown` from another thread.
  std::function<void(const StallReport &)> onStall;

  /// Who decides which agent goes next; null: the operating system. On the CPU
  /// back end alone, which it makes the default, with two workers if `workers`
  /// is 0. For tests: see `rk/scheduler.h`.
  std::shared_ptr<Scheduler> scheduler;

  /// Which module to run. Null: the one that is registered (`Module::
  /// registered()`), which is an error if there are several.
  const Module *module = nullptr;
};

} // namespace rk
