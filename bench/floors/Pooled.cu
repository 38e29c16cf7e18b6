//===- Pooled.cu - Messages between a great many actors --------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A scheduler with nothing in it but the movement of messages: no types, no
/// lifecycle, no flow control. An actor belongs to a warp; a warp reads one
/// inbox for all its actors, up to 32 messages at a time. Every message adds to
/// its actor's state and sends one message on to a random actor, so that the
/// number in flight stays the same.
///
//===----------------------------------------------------------------------===//

#include "Access.cuh"
#include "Floors.cuh"

#include <numeric>

namespace rkbench {
namespace {

constexpr uint32_t InboxSlots = 2048;
/// Words between two inboxes' counters, so that they share no cache line.
constexpr uint32_t CounterStride = 32;

struct World {
  uint32_t *tails; ///< next free place of each inbox; written by senders
  uint32_t *heads; ///< next place to read; written by the owner
  uint4 *inboxes;
  unsigned long long *states;
  unsigned long long *handled;
  uint32_t *overruns;
  uint32_t actors;
  uint32_t seedsPerWarp;
  uint64_t nanoseconds;
};

struct Lane {
  uint32_t lane, warp, warps, random;
};

/// Each active lane sends `amount` to a random actor. Places are taken lane by
/// lane, then four lanes together store each message.
__device__ void sendOn(const World &world, Lane &self, bool active,
                       uint32_t amount) {
  self.random = self.random * 1664525u + 1013904223u;
  const uint32_t actor =
      uint32_t((uint64_t(self.random >> 4) * world.actors) >> 28);
  const uint32_t receiver = actor % self.warps;
  uint32_t place = 0;
  if (active) {
    place = atomicAdd(world.tails + receiver * CounterStride, 1u);
    // A short wait for room at the busiest inboxes; with these numbers in
    // flight it is rare, and a floor with losses would be none.
    uint32_t *const head = world.heads + receiver * CounterStride;
    uint32_t spins = 0;
    while (place - loadRelaxedDevice(head) >= InboxSlots &&
           ++spins < 1u << 20) {
    }
    if (spins == 1u << 20)
      atomicAdd(world.overruns, 1u);
  }
  const uint32_t live = __ballot_sync(~0u, active);
#pragma unroll
  for (uint32_t round = 0; round < 4; ++round) {
    const uint32_t source = round * 8 + self.lane / 4;
    const uint32_t to = __shfl_sync(~0u, receiver, source);
    const uint32_t at = __shfl_sync(~0u, place, source);
    const uint32_t whom = __shfl_sync(~0u, actor, source);
    const uint32_t what = __shfl_sync(~0u, amount, source);
    uint4 *slot = world.inboxes +
                  (size_t(to) * InboxSlots + at % InboxSlots) * 4 +
                  self.lane % 4;
    if (live >> source & 1)
      storePiece(slot, make_uint4(whom, what, self.lane, at / InboxSlots + 1));
  }
}

/// Reads up to 32 messages at `position`; lane i gets the i-th.
__device__ uint32_t receive(const World &world, const Lane &self,
                            uint32_t position, uint32_t &actor,
                            uint32_t &amount) {
  const uint4 *inbox = world.inboxes + size_t(self.warp) * InboxSlots * 4;
  uint4 piece[4];
#pragma unroll
  for (uint32_t round = 0; round < 4; ++round) {
    const uint32_t at = position + round * 8 + self.lane / 4;
    piece[round] = loadPiece(inbox + at % InboxSlots * 4 + self.lane % 4);
  }
  uint32_t count = 0;
  bool open = true;
#pragma unroll
  for (uint32_t round = 0; round < 4; ++round) {
    const uint32_t at = position + round * 8 + self.lane / 4;
    const uint32_t present =
        __ballot_sync(~0u, piece[round].w == at / InboxSlots + 1);
    const uint32_t whole = present == ~0u ? 8 : (__ffs(~present) - 1) / 4;
    count += open ? whole : 0;
    open = open && whole == 8;
    const uint32_t whom = __shfl_sync(~0u, piece[round].x, self.lane % 8 * 4);
    const uint32_t what = __shfl_sync(~0u, piece[round].y, self.lane % 8 * 4);
    if (self.lane / 8 == round) {
      actor = whom;
      amount = what;
    }
  }
  return count;
}

/// Runs the lanes' messages; those of one actor one after the other.
__device__ void handle(const World &world, const Lane &self, bool mine,
                       uint32_t actor, uint32_t amount) {
  uint32_t waiting = __ballot_sync(~0u, mine);
  while (waiting) {
    const bool waits = waiting >> self.lane & 1;
    const uint32_t alike =
        __match_any_sync(~0u, waits ? actor : 0x80000000u | self.lane);
    const bool now = waits && __ffs(alike) - 1 == int(self.lane);
    if (now)
      world.states[actor] += amount;
    waiting &= ~__ballot_sync(~0u, now);
    __syncwarp();
  }
}

__global__ void __launch_bounds__(1024) runWorld(World world) {
  Lane self;
  self.lane = threadIdx.x % 32;
  self.warp = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
  self.warps = gridDim.x * blockDim.x / 32;
  self.random = (self.warp * 32 + self.lane) * 2654435761u + 12345;
  const uint64_t end = deviceNanosecondClock() + world.nanoseconds;
  uint32_t position = 0;
  unsigned long long handled = 0;
  for (uint32_t i = 0; i < world.seedsPerWarp; i += 32)
    sendOn(world, self, i + self.lane < world.seedsPerWarp, 1);
  for (uint32_t turn = 0;; ++turn) {
    if (turn % 64 == 0 && __any_sync(~0u, deviceNanosecondClock() > end))
      break;
    uint32_t actor = 0, amount = 0;
    const uint32_t count = receive(world, self, position, actor, amount);
    if (count == 0) {
      __nanosleep(20);
      continue;
    }
    position += count;
    if (self.lane == 0)
      storeRelaxedDevice(world.heads + self.warp * CounterStride, position);
    const bool mine = self.lane < count;
    handle(world, self, mine, actor, amount);
    handled += mine;
    sendOn(world, self, mine, amount);
  }
  atomicAdd(world.handled, handled);
}

/// Returns millions of messages a second.
double runOnce(uint32_t actors, uint32_t threads, uint32_t perWarp,
               uint64_t nanoseconds) {
  const uint32_t blocks = multiprocessors();
  const uint32_t warps = blocks * threads / 32;
  DeviceArray<uint32_t> tails(warps * CounterStride);
  DeviceArray<uint32_t> heads(warps * CounterStride);
  DeviceArray<uint4> inboxes(size_t(warps) * InboxSlots * 4);
  DeviceArray<unsigned long long> states(actors), handled(1);
  DeviceArray<uint32_t> overruns(1);
  const World world{tails.get(),  heads.get(),   inboxes.get(),
                    states.get(), handled.get(), overruns.get(),
                    actors,       perWarp,       nanoseconds};
  const double time =
      deviceNanoseconds([&] { runWorld<<<blocks, threads>>>(world); });
  const std::vector<unsigned long long> sums = states.read();
  const uint64_t sum = std::accumulate(sums.begin(), sums.end(), uint64_t(0));
  require(overruns.read()[0] == 0, "an inbox was overrun");
  require(sum == handled.read()[0] && sum != 0, "sums of the states differ");
  return double(sum) / time * 1e3;
}

/// Tries block sizes, keeps the best, and repeats it.
void measureWorld(const char *name, uint32_t actors, uint32_t perWarp) {
  constexpr uint64_t Probe = 10'000'000, Run = 40'000'000;
  uint32_t best = 0;
  double bestRate = 0;
  for (uint32_t threads : {128u, 256u, 512u, 1024u}) {
    const double rate = runOnce(actors, threads, perWarp, Probe);
    if (rate > bestRate) {
      bestRate = rate;
      best = threads;
    }
  }
  std::vector<double> rates;
  for (int run = 0; run < 5; ++run)
    rates.push_back(runOnce(actors, best, perWarp, Run));
  print(summarize(name, "M msg/s", rates, Better::Higher,
                  "sum of all states, " + std::to_string(best) +
                      " threads a block, " + std::to_string(perWarp) +
                      " messages in flight a warp"));
}

} // namespace

void measurePooled() {
  measureWorld("pooled-32K-actors", 1u << 15, 32);
  measureWorld("pooled-1M-actors", 1u << 20, 32);
  measureWorld("pooled-1M-actors-8-in-flight", 1u << 20, 8);
}

} // namespace rkbench
