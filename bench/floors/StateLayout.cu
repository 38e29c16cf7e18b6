//===- StateLayout.cu - Actors' states whole or in tiles -------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The state side of a worker's turn and nothing else: 32 lanes find the states
/// of 32 actors, read some bytes of each, and write them back. A state lies in
/// one piece, or spread over a tile of 32 actors so that pieces of the same
/// number lie side by side. docs/rationale/state-layout.md has the model.
///
//===----------------------------------------------------------------------===//

#include "Floors.cuh"

namespace rkbench {
namespace {

constexpr uint32_t Lanes = 32, Threads = 512;
constexpr uint32_t Workers = 2048, Actors = 1u << 20;
constexpr uint32_t PerWorker = Actors / Workers, Tiles = PerWorker / Lanes;

/// How the 32 actors of a turn are chosen among the worker's, and where they
/// lie.
enum class Traffic : uint32_t {
  Random,     ///< one of each tile or so: no two are neighbours
  Interlaced, ///< neighbours of a worker, in slot order: workers take turns
  Together,   ///< neighbours of a worker, and of each other in memory
};

/// How a worker finds a state.
enum class Way : uint32_t {
  Computed, ///< from the slot
  Row,      ///< from the row of the actor table
};

struct Layout {
  uint32_t stateBytes;
  uint32_t pieceBytes; ///< 0: states whole
};

struct Run {
  unsigned char *states;
  const uint4 *rows;
  Layout layout;
  Traffic traffic;
  Way way;
  uint32_t turns;
};

__device__ uint64_t placeOf(const Layout &layout, uint32_t position) {
  if (layout.pieceBytes == 0)
    return uint64_t(position) * layout.stateBytes;
  return uint64_t(position / Lanes * Lanes) * layout.stateBytes +
         position % Lanes * layout.pieceBytes;
}

__device__ uint32_t positionOf(Traffic traffic, uint32_t worker, uint32_t turn,
                               uint32_t lane) {
  uint32_t random = (turn * Workers + worker) * 2654435761u;
  random ^= random >> 15;
  if (traffic != Traffic::Random) {
    const uint32_t index = random % Tiles * Lanes + lane;
    return traffic == Traffic::Together ? worker * PerWorker + index
                                        : index * Workers + worker;
  }
  uint32_t own = (random + lane) * 2246822519u;
  own ^= own >> 13;
  return worker * PerWorker + own % Tiles * Lanes + lane;
}

__device__ void addOne(uint4 &piece) { ++piece.x; }
__device__ void addOne(uint2 &piece) { ++piece.x; }
__device__ void addOne(uint32_t &piece) { ++piece; }

/// Each turn raises the first word of `Count` pieces of each of 32 states.
template <class Piece, uint32_t Count> __global__ void takeTurns(Run run) {
  const uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t worker = thread / Lanes, lane = thread % Lanes;
  const uint32_t step =
      run.layout.pieceBytes == 0 ? sizeof(Piece) : Lanes * sizeof(Piece);
  constexpr uint32_t Together = Count < 8 ? Count : 8;
  for (uint32_t turn = 0; turn < run.turns; ++turn) {
    const uint32_t position = positionOf(run.traffic, worker, turn, lane);
    uint64_t place = placeOf(run.layout, position);
    if (run.way == Way::Row) {
      const uint4 row = __ldcg(run.rows + position);
      place = uint64_t(row.w) << 32 | row.z;
    }
    unsigned char *at = run.states + place;
    for (uint32_t i = 0; i < Count; i += Together) {
      Piece pieces[Together];
#pragma unroll
      for (uint32_t k = 0; k < Together; ++k)
        pieces[k] = *reinterpret_cast<Piece *>(at + uint64_t(i + k) * step);
#pragma unroll
      for (uint32_t k = 0; k < Together; ++k) {
        addOne(pieces[k]);
        *reinterpret_cast<Piece *>(at + uint64_t(i + k) * step) = pieces[k];
      }
    }
    __syncwarp();
  }
}

__global__ void writeRows(uint4 *rows, Layout layout) {
  const uint32_t position = blockIdx.x * blockDim.x + threadIdx.x;
  const uint64_t place = placeOf(layout, position);
  rows[position] = make_uint4(1, 1, uint32_t(place), uint32_t(place >> 32));
}

/// Adds up the first words of the first pieces.
__global__ void addStates(const unsigned char *states, Layout layout,
                          unsigned long long *sum) {
  const uint32_t position = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(sum,
            static_cast<unsigned long long>(*reinterpret_cast<const uint32_t *>(
                states + placeOf(layout, position))));
}

class Bench {
public:
  explicit Bench(uint32_t stateBytes)
      : states_(uint64_t(Actors) * stateBytes), rows_(Actors), sum_(1),
        stateBytes_(stateBytes) {}

  template <class Piece, uint32_t Count> void measure(const char *touched) {
    const uint32_t turns = Count > 8 ? 64 : 512;
    for (const Way way : {Way::Computed, Way::Row})
      for (const Traffic traffic :
           {Traffic::Random, Traffic::Interlaced, Traffic::Together})
        for (const uint32_t piece : {0u, uint32_t(sizeof(Piece))}) {
          // Tiles are for neighbours that lie together.
          if (traffic == Traffic::Interlaced && piece != 0)
            continue;
          const Run run{states_.get(), rows_.get(), {stateBytes_, piece},
                        traffic,       way,         turns};
          print(time<Piece, Count>(run, touched));
        }
  }

private:
  static std::string nameOf(const Run &run, const char *touched) {
    constexpr const char *Traffics[] = {"random", "interlaced", "together"};
    return "state-" + std::to_string(run.layout.stateBytes) + "B-" + touched +
           (run.way == Way::Row ? "-row-" : "-") +
           Traffics[uint32_t(run.traffic)] + "-" +
           (run.layout.pieceBytes == 0
                ? std::string("whole")
                : "tiles-" + std::to_string(run.layout.pieceBytes));
  }

  template <class Piece, uint32_t Count>
  Row time(const Run &run, const char *touched) {
    constexpr uint32_t Runs = 4;
    const uint64_t messages = uint64_t(run.turns) * Workers * Lanes;
    states_.clear();
    sum_.clear();
    writeRows<<<Actors / Threads, Threads>>>(rows_.get(), run.layout);
    std::vector<double> rates;
    for (uint32_t i = 0; i < Runs; ++i) {
      const double nanoseconds = deviceNanoseconds([&] {
        takeTurns<Piece, Count><<<Workers * Lanes / Threads, Threads>>>(run);
      });
      if (i > 0)
        rates.push_back(double(messages) / nanoseconds);
    }
    addStates<<<Actors / Threads, Threads>>>(states_.get(), run.layout,
                                             sum_.get());
    require(sum_.read()[0] == messages * Runs, "a turn was lost");
    return summarize(nameOf(run, touched), "G msg/s", rates, Better::Higher,
                     "sum of all states");
  }

  DeviceArray<unsigned char> states_;
  DeviceArray<uint4> rows_;
  DeviceArray<unsigned long long> sum_;
  uint32_t stateBytes_;
};

template <uint32_t StateBytes> void measureSize() {
  Bench bench(StateBytes);
  bench.measure<uint32_t, 1>("4");
  bench.measure<uint2, 1>("8");
  if constexpr (StateBytes > 16)
    bench.measure<uint4, StateBytes / 32>("half");
  bench.measure<uint4, StateBytes / 16>("all");
}

} // namespace

void measureStateLayout() {
  measureSize<16>();
  measureSize<32>();
  measureSize<64>();
  measureSize<256>();
  measureSize<1024>();
}

} // namespace rkbench
