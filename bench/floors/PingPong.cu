//===- PingPong.cu - One way between two multiprocessors -------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A flag, then a message of 64 bytes, goes to and fro through the L2 cache
/// between block 0 and one other block. Half of a round trip is one way. The
/// distance between multiprocessors matters, so several partners are tried:
/// "near" is the quickest of them, "far" the slowest.
///
//===----------------------------------------------------------------------===//

#include "Access.cuh"
#include "Floors.cuh"

namespace rkbench {
namespace {

constexpr uint32_t Trips = 20000;
/// Flags of the two directions lie this far apart, in words of four bytes.
constexpr uint32_t Apart = 4096;

enum class Flavour { Relaxed, AcquireRelease, Packet };

/// What block 0 writes beside the length of each trip.
struct Span {
  uint64_t cycles;
  uint64_t nanoseconds;
  uint64_t failed;
};

template <Flavour F>
__device__ bool awaitFlag(const uint32_t *flag, uint32_t i) {
  for (uint32_t polls = 0; polls < PollBound; ++polls)
    if ((F == Flavour::Relaxed ? loadRelaxedDevice(flag)
                               : loadAcquireDevice(flag)) == i)
      return true;
  return false;
}

template <Flavour F> __device__ void raiseFlag(uint32_t *flag, uint32_t i) {
  if (F == Flavour::Relaxed)
    storeRelaxedDevice(flag, i);
  else
    storeReleaseDevice(flag, i);
}

/// Four lanes move one message; the warp goes on once every piece is there.
__device__ bool awaitPacket(const uint4 *packet, uint32_t lane, uint32_t i) {
  for (uint32_t polls = 0; polls < PollBound; ++polls) {
    const uint4 piece =
        lane < 4 ? loadPiece(packet + lane) : make_uint4(i * 3, i * 5, lane, i);
    if (__all_sync(~0u, piece.w == i))
      return __all_sync(~0u, piece.x == i * 3 && piece.y == i * 5);
  }
  return false;
}

__device__ void sendPacket(uint4 *packet, uint32_t lane, uint32_t i) {
  if (lane < 4)
    storePiece(packet + lane, make_uint4(i * 3, i * 5, lane, i));
}

template <Flavour F>
__global__ void pingPong(uint32_t *memory, uint32_t partner, uint32_t trips,
                         uint32_t *tripCycles, Span *span) {
  const bool first = blockIdx.x == 0;
  const uint32_t lane = threadIdx.x;
  if (!first && blockIdx.x != partner)
    return;
  if (F != Flavour::Packet && lane != 0)
    return;
  uint32_t *mine = memory + (first ? 0 : Apart);
  uint32_t *theirs = memory + (first ? Apart : 0);
  const uint64_t beginCycles = clock64();
  const uint64_t beginTime = deviceNanosecondClock();
  uint64_t last = beginCycles;
  for (uint32_t i = 1; i <= trips; ++i) {
    bool arrived = true;
    if (F == Flavour::Packet) {
      if (first)
        sendPacket(reinterpret_cast<uint4 *>(mine), lane, i);
      arrived = awaitPacket(reinterpret_cast<uint4 *>(theirs), lane, i);
      if (!first)
        sendPacket(reinterpret_cast<uint4 *>(mine), lane, i);
    } else {
      if (first)
        raiseFlag<F>(mine, i);
      arrived = awaitFlag<F>(theirs, i);
      if (!first)
        raiseFlag<F>(mine, i);
    }
    if (!arrived) {
      if (lane == 0)
        span->failed = i;
      return;
    }
    if (first && lane == 0) {
      const uint64_t now = clock64();
      tripCycles[i - 1] = uint32_t(now - last);
      last = now;
    }
  }
  if (first && lane == 0) {
    span->cycles = clock64() - beginCycles;
    span->nanoseconds = deviceNanosecondClock() - beginTime;
  }
}

/// Returns the time of one way for each trip, in nanoseconds.
template <Flavour F> std::vector<double> measurePair(uint32_t partner) {
  DeviceArray<uint32_t> memory(2 * Apart);
  DeviceArray<uint32_t> cycles(Trips);
  DeviceArray<Span> span(1);
  pingPong<F><<<multiprocessors(), 32>>>(memory.get(), partner, 500,
                                         cycles.get(), span.get());
  RK_CUDA(cudaDeviceSynchronize());
  memory.clear();
  span.clear();
  pingPong<F><<<multiprocessors(), 32>>>(memory.get(), partner, Trips,
                                         cycles.get(), span.get());
  RK_CUDA(cudaDeviceSynchronize());
  const Span result = span.read()[0];
  require(result.failed == 0 && result.cycles != 0, "a trip did not arrive");
  const double perCycle = double(result.nanoseconds) / double(result.cycles);
  std::vector<double> oneWay;
  for (uint32_t trip : cycles.read())
    oneWay.push_back(double(trip) * perCycle / 2);
  return oneWay;
}

template <Flavour F> void measureFlavour(const std::string &name) {
  const uint32_t last = multiprocessors() - 1;
  Row near, far;
  for (uint32_t partner : {1u, 2u, 17u, last / 2, last}) {
    Row row = summarize(name, "ns", measurePair<F>(partner), Better::Lower,
                        "every trip counted");
    if (near.runs == 0 || row.p50 < near.p50)
      near = row;
    if (far.runs == 0 || row.p50 > far.p50)
      far = row;
  }
  near.name += "-near";
  far.name += "-far";
  print(near);
  print(far);
}

} // namespace

void measurePingPong() {
  measureFlavour<Flavour::Relaxed>("l2-flag-one-way-relaxed");
  measureFlavour<Flavour::AcquireRelease>("l2-flag-one-way-acq-rel");
  measureFlavour<Flavour::Packet>("l2-packet64-one-way");
}

} // namespace rkbench
