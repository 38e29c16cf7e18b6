//===- HostRings.cuh - Flags and rings of a host and a device --*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A flag goes to and fro between a host thread and one device thread; and
/// messages of 64 bytes go from host threads to warps, each of which reads a
/// ring of its own. Where the flag and the rings lie, and how the host stores
/// to them, is the caller's.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Access.cuh"
#include "Floors.cuh"

#include <emmintrin.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace rkbench {

static __global__ void answerFlags(const uint64_t *request, uint64_t *answer,
                                   uint64_t trips, bool ordered) {
  for (uint64_t i = 1; i <= trips; ++i) {
    uint32_t polls = 0;
    while ((ordered ? loadAcquireSystem(request)
                    : loadRelaxedSystem(request)) != i)
      if (++polls == PollBound)
        return;
    if (ordered)
      storeReleaseSystem(answer, i);
    else
      storeRelaxedSystem(answer, i);
  }
}

/// Memory that the host writes and the device reads, for which each has an
/// address of its own; zero.
template <class T> struct SharedPlace {
  T *host;
  const T *device;
};

/// `store(place, value)` writes the host's flag.
template <class Store>
void measureRoundTrip(const char *name, bool ordered,
                      SharedPlace<uint64_t> flag, Store store) {
  constexpr uint64_t WarmUp = 5000, Trips = 100000;
  HostArray<uint64_t> words(512);
  std::atomic_ref<uint64_t> answer(words.get()[0]);
  answerFlags<<<1, 1>>>(flag.device, words.get(), WarmUp + Trips, ordered);
  RK_CUDA(cudaGetLastError());
  std::vector<double> samples;
  samples.reserve(Trips);
  const Clock::time_point begin = Clock::now();
  for (uint64_t i = 1; i <= WarmUp + Trips; ++i) {
    const Clock::time_point sent = Clock::now();
    store(flag.host, i);
    while (answer.load(std::memory_order_acquire) != i) {
      _mm_pause();
      if ((i & 1023) == 1 && secondsSince(begin) > 20)
        throw std::runtime_error("the device did not answer within 20 s");
    }
    if (i > WarmUp)
      samples.push_back(nanosecondsSince(sent));
  }
  RK_CUDA(cudaDeviceSynchronize());
  print(summarize(name, "ns", samples, Better::Lower,
                  "every answer equals its request"));
}

inline constexpr uint32_t RingSlots = 2048;
inline constexpr uint32_t PiecesPerSlot = 4;
/// Words between two rings' counters, so that they share no cache line.
inline constexpr uint32_t CounterStride = 16;

/// Counts how many of the messages that start at `position` have arrived,
/// eight at a time with four lanes each, and adds up what they carry.
static __device__ uint32_t readBatch(const uint4 *ring, uint64_t position,
                              uint32_t lane, uint32_t &sum) {
  uint4 piece[4];
#pragma unroll
  for (uint32_t k = 0; k < 4; ++k) {
    const uint64_t slot = (position + k * 8 + lane / 4) % RingSlots;
    piece[k] = loadPiece(ring + slot * PiecesPerSlot + lane % 4);
  }
  uint32_t arrived = 0;
  bool open = true;
#pragma unroll
  for (uint32_t k = 0; k < 4; ++k) {
    const uint64_t message = position + k * 8 + lane / 4;
    const uint32_t mark = uint32_t(message / RingSlots) + 1;
    const uint32_t present = __ballot_sync(~0u, piece[k].w == mark);
    const uint32_t whole = present == ~0u ? 8 : (__ffs(~present) - 1) / 4;
    if (open) {
      if (lane / 4 < whole)
        sum += piece[k].x + piece[k].y;
      arrived += whole;
    }
    open = open && whole == 8;
  }
  return arrived;
}

static __global__ void readRings(const uint4 *rings, uint64_t perRing,
                          uint64_t *consumed, unsigned long long *sums) {
  const uint32_t warp = (blockIdx.x * blockDim.x + threadIdx.x) / 32;
  const uint32_t lane = threadIdx.x % 32;
  const uint4 *ring = rings + size_t(warp) * RingSlots * PiecesPerSlot;
  uint64_t position = 0;
  uint32_t sum = 0, idle = 0;
  while (position < perRing && idle < PollBound) {
    const uint32_t arrived = readBatch(ring, position, lane, sum);
    ++idle;
    if (arrived == 0)
      continue;
    idle = 0;
    const uint64_t before = position;
    position += arrived;
    const bool quarter = position / (RingSlots / 4) != before / (RingSlots / 4);
    if (lane == 0 && (quarter || position >= perRing))
      storeRelaxedSystem(consumed + warp * CounterStride, position);
  }
  atomicAdd(sums + warp, (unsigned long long)sum);
}

struct Rings {
  uint32_t count;
  uint64_t perRing;
  SharedPlace<uint4> slots;
  uint64_t *consumed;
};

/// Writes the messages of ring `first`, `first + step`, and so on, in turns, by
/// `store(slot, piece)`, which writes four times the piece.
template <class Store>
void writeRings(const Rings &rings, uint32_t first, uint32_t step,
                Store store) {
  std::vector<uint64_t> written(rings.count, 0);
  bool more = true;
  while (more) {
    more = false;
    for (uint32_t ring = first; ring < rings.count; ring += step) {
      const uint64_t consumed =
          std::atomic_ref<uint64_t>(rings.consumed[ring * CounterStride])
              .load(std::memory_order_acquire);
      const uint64_t room = RingSlots - (written[ring] - consumed);
      const uint64_t count =
          std::min({room, uint64_t(64), rings.perRing - written[ring]});
      uint4 *base = rings.slots.host + size_t(ring) * RingSlots * PiecesPerSlot;
      for (uint64_t end = written[ring] + count; written[ring] < end;) {
        const uint64_t position = written[ring]++;
        const __m128i piece = _mm_set_epi32(int(position / RingSlots) + 1, 7,
                                            int(ring), int(position));
        store(base + position % RingSlots * PiecesPerSlot, piece);
      }
      more = more || written[ring] < rings.perRing;
    }
  }
}

/// One run; `slots` are zero. Returns millions of messages a second.
template <class Store>
double injectOnce(uint32_t warps, uint32_t threads, uint64_t messages,
                  SharedPlace<uint4> slots, Store store) {
  const uint64_t perRing = messages / warps;
  HostArray<uint64_t> consumed(size_t(warps) * CounterStride);
  DeviceArray<unsigned long long> sums(warps);
  const uint32_t blockWarps = warps >= 4 ? 4 : 1;
  readRings<<<warps / blockWarps, blockWarps * 32>>>(
      slots.device, perRing, consumed.get(), sums.get());
  RK_CUDA(cudaGetLastError());
  const Rings rings{warps, perRing, slots, consumed.get()};
  const Clock::time_point begin = Clock::now();
  std::vector<std::thread> writers;
  for (uint32_t t = 0; t < threads; ++t)
    writers.emplace_back(
        [&rings, t, threads, store] { writeRings(rings, t, threads, store); });
  for (std::thread &writer : writers)
    writer.join();
  RK_CUDA(cudaDeviceSynchronize());
  const double seconds = secondsSince(begin);
  const std::vector<unsigned long long> found = sums.read();
  for (uint32_t ring = 0; ring < warps; ++ring) {
    const uint64_t positions = perRing * (perRing - 1) / 2;
    const uint32_t expected =
        uint32_t(PiecesPerSlot * (positions + perRing * ring));
    require(uint32_t(found[ring]) == expected, "a message was lost or changed");
  }
  return double(perRing) * warps / seconds / 1e6;
}

/// `zeroed()` gives the slots of a run. Prints the row `name`.
template <class Zeroed, class Store>
void measureInjection(const std::string &name, uint32_t warps, uint32_t threads,
                      Zeroed zeroed, Store store) {
  const uint64_t messages = warps == 1 ? 2000000 : 8000000;
  std::vector<double> rates;
  injectOnce(warps, threads, messages / 8, zeroed(), store);
  for (int run = 0; run < 5; ++run)
    rates.push_back(injectOnce(warps, threads, messages, zeroed(), store));
  print(summarize(name + "-" + std::to_string(warps) + "-rings-" +
                      std::to_string(threads) + "-threads",
                  "M msg/s", rates, Better::Higher, "sum of every ring"));
}

} // namespace rkbench
