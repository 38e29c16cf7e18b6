//===- ResidentTest.cpp - Bricks that exchange halos ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Resident stencils with threads of the CPU as those of a GPU: every cell
/// against a step by step computation, for random cuts, clusters and faces.
///
//===----------------------------------------------------------------------===//

#include "common/stencil/Run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstring>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace device = rk::device;
using device::stencil::BoardPiece;

namespace {

// Powers of two, as on a GPU.
constexpr uint32_t Computers = 4, Receivers = 4,
                   Threads = Computers + Receivers;
constexpr uint32_t MostBytes = 64 << 10;

struct Block {
  std::barrier<> all{Threads}, sent{Threads}, computers{Computers};
  std::atomic<uint64_t> came[2] = {}, expected[2] = {};
  alignas(16) unsigned char shared[MostBytes] = {};
};

/// What all blocks of a run have.
struct Run {
  explicit Run(uint32_t blocks, uint32_t clusterBlocks)
      : blocks(blocks), clusterBlocks(clusterBlocks) {
    for (uint32_t i = 0; i < blocks / clusterBlocks; ++i)
      clusters.push_back(
          std::make_unique<std::barrier<>>(Threads * clusterBlocks));
  }
  std::vector<Block> blocks;
  uint32_t clusterBlocks;
  std::vector<std::unique_ptr<std::barrier<>>> clusters;
  std::atomic<uint32_t> faults{0};
  std::mutex marked;
};

thread_local Run *run;
thread_local uint32_t blockNumber, threadNumber;

struct CpuMachine {
  static constexpr uint32_t Lanes = 2;
  static Block &own() { return run->blocks[blockNumber]; }
  static uint32_t block() { return blockNumber; }
  static uint32_t thread() { return threadNumber; }
  static uint32_t threads() { return Threads; }
  static uint32_t computers() { return Computers; }
  static uint32_t receivers() { return Receivers; }
  static bool computes() { return threadNumber < Computers; }
  static uint32_t receiver() { return threadNumber - Computers; }
  static void sync() { own().all.arrive_and_wait(); }
  static void syncTile() {
    run->clusters[blockNumber / run->clusterBlocks]->arrive_and_wait();
  }
  static void tellSent() { (void)own().sent.arrive(); }
  static void awaitSent() { own().sent.arrive_and_wait(); }
  static void syncLanes() {}
  static void syncComputers() { own().computers.arrive_and_wait(); }
  static void put(unsigned char *to, const BoardPiece &piece) {
    std::memcpy(to, piece.word, sizeof(piece.word));
  }
  static void pause(uint32_t) { std::this_thread::yield(); }
  static void beginArrivals(uint64_t *) {}
  static uint32_t counterOf(const uint64_t *counter) {
    return counter == reinterpret_cast<rk::abi::ResidentHeader *>(own().shared)
                          ->arrivals
               ? 0
               : 1;
  }
  static void expectNear(uint64_t *counter, uint32_t bytes) {
    own().expected[counterOf(counter)] += bytes;
  }
  static bool awaitNear(uint64_t *counter, uint32_t, const uint32_t *) {
    const uint32_t which = counterOf(counter);
    for (uint32_t tries = 0; tries < 1'000'000; ++tries) {
      if (own().came[which] >= own().expected[which])
        return true;
      std::this_thread::yield();
    }
    return false;
  }
  template <uint32_t Words>
  static void storeNear(uint32_t rank, uint32_t to, const uint32_t *words,
                        uint32_t counter) {
    Block &other =
        run->blocks[blockNumber / run->clusterBlocks * run->clusterBlocks +
                    rank];
    std::memcpy(other.shared + to, words, Words * 4);
    other.came[counter] += Words * 4;
  }
  static uint32_t fetchAdd(uint32_t *at, uint32_t value) {
    return std::atomic_ref(*at).fetch_add(value);
  }
  static uint32_t peek(const uint32_t *at) {
    return std::atomic_ref(*const_cast<uint32_t *>(at)).load();
  }
  static void poke(uint32_t *at, uint32_t value) {
    std::atomic_ref(*at).store(value);
  }
  static BoardPiece loadPiece(uint64_t from) {
    std::this_thread::yield();
    BoardPiece piece;
    for (uint32_t half = 0; half < 2; ++half) {
      const uint64_t bits =
          std::atomic_ref(reinterpret_cast<uint64_t *>(from)[half])
              .load(std::memory_order_relaxed);
      piece.word[2 * half] = uint32_t(bits);
      piece.word[2 * half + 1] = uint32_t(bits >> 32);
    }
    return piece;
  }
  static void storeHalf(uint64_t to, uint32_t value, uint32_t mark) {
    std::atomic_ref(*reinterpret_cast<uint64_t *>(to))
        .store(value | uint64_t(mark) << 32, std::memory_order_relaxed);
  }
  static void storePiece(uint64_t to, const BoardPiece &piece) {
    storeHalf(to, piece.word[0], piece.word[1]);
    storeHalf(to + 8, piece.word[2], piece.word[3]);
  }
  // No access of 16 bytes is one on every CPU.
  static rk::abi::Piece loadMarked(bool isAsked, uint64_t from) {
    std::this_thread::yield();
    if (!isAsked)
      return {};
    const std::lock_guard lock(run->marked);
    return *reinterpret_cast<const rk::abi::Piece *>(from);
  }
  static void storeMarked(uint64_t to, const rk::abi::Piece &piece) {
    const std::lock_guard lock(run->marked);
    *reinterpret_cast<rk::abi::Piece *>(to) = piece;
  }
  static device::stencil::MarkedWord loadHalf(bool isAsked, uint64_t from) {
    if (!isAsked)
      return {};
    const uint64_t bits = std::atomic_ref(*reinterpret_cast<uint64_t *>(from))
                              .load(std::memory_order_relaxed);
    return {uint32_t(bits), uint32_t(bits >> 32)};
  }
  static void reportFault(uint64_t, uint32_t) { ++run->faults; }
};

/// The sum of neighbours, some of them beside the cell along two axes, minus
/// the value before; in integers, so that the order of the sum is nothing.
template <class T, bool HasCorners, class At> T updated(At at, T before) {
  T sum = 3 * at(0, 0, 0) + at(-1, 0, 0) + 5 * at(1, 0, 0) + 7 * at(0, -1, 0) +
          11 * at(0, 1, 0) + 13 * at(0, 0, -1) + 17 * at(0, 0, 1);
  if (HasCorners)
    sum += 19 * at(1, -1, 1) + 23 * at(-1, 1, 1) + 29 * at(0, 1, -1);
  return sum - before;
}

bool isInLayer(const rk::abi::StencilLaunch &launch, int64_t x, int64_t y,
               int64_t z) {
  const int64_t place[] = {x, y, z};
  for (uint32_t axis = 0; axis < 3; ++axis)
    if (place[axis] < launch.clearBegin[axis] ||
        place[axis] >= launch.clearEnd[axis])
      return true;
  return false;
}
/// What a layer makes of a value, in place of a product; the step tells whether
/// the update was told how many were before.
template <class T> T dampedValue(T value, int64_t stepsBefore) {
  return 3 * value + T(stepsBefore);
}

template <class T, bool HasCorners>
void update(unsigned char *shared, const uint32_t *slots, uint32_t element,
            uint32_t strideY, uint32_t strideZ, unsigned char *carry,
            const rk::abi::StencilLaunch *launch, int64_t x, int64_t y,
            int64_t z, uint32_t count, unsigned char *made, uint32_t damped) {
  EXPECT_EQ(*reinterpret_cast<uint32_t *>(carry), element);
  *reinterpret_cast<uint32_t *>(carry) += strideZ;
  const T *const now = reinterpret_cast<T *>(shared + slots[0]) + element;
  T *const next = reinterpret_cast<T *>(shared + slots[1]) + element;
  for (uint32_t i = 0; i < count; ++i) {
    const auto at = [&](int64_t x, int64_t y, int64_t z) {
      return now[i + x + y * int64_t(strideY) + z * int64_t(strideZ)];
    };
    T value = updated<T, HasCorners>(at, next[i]);
    if (isInLayer(*launch, x + i, y, z)) {
      EXPECT_NE(damped, 0u);
      value = dampedValue<T>(value, damped - 1);
    }
    next[i] = value;
    reinterpret_cast<T *>(made)[i] = value;
  }
}

void prime(unsigned char *, const uint32_t *, uint32_t element, uint32_t,
           uint32_t, unsigned char *carry) {
  *reinterpret_cast<uint32_t *>(carry) = element;
}

/// What lies beyond a face that is left to the boundary: a sum of all that it
/// can know. `at(inward)` is a cell inside of the face.
template <class T, class At>
T outsideValue(const rk::abi::OutsidePlace &place, At at, T mirror) {
  return at(0) + 3 * at(1) + 5 * mirror +
         T(7 * place.place[0] + 11 * place.place[1] + 13 * place.place[2] +
           100 * place.face + 1000 * place.depth + 10000 * place.step);
}

template <class T>
void setOutside(unsigned char *shared, const uint32_t *slots, const void *,
                const rk::abi::OutsidePlace *place) {
  T *const now = reinterpret_cast<T *>(shared + slots[0]);
  const auto at = [&](int64_t inward) {
    return now[rk::abi::inwardElement(*place, inward)];
  };
  now[place->element] = outsideValue<T>(*place, at, now[place->mirror]);
}

class Trial {
public:
  explicit Trial(uint64_t seed) : random(seed) {}
  uint32_t upTo(uint32_t most) { return uint32_t(random() % (most + 1)); }

  template <class T, bool HasCorners> void check() {
    layOut<T, HasCorners>();
    std::vector<T> levels[2];
    for (std::vector<T> &level : levels) {
      level.resize(size_t(launch().plane * (launch().extent[2] + 2)));
      for (T &value : level)
        value = T(random());
      fill(level, launch().firstStep);
    }
    std::vector<T> expected[2] = {levels[0], levels[1]};
    drawMoves<T>();
    for (int step = 0; step < Steps; ++step)
      plainStep<T, HasCorners>(expected[step % 2], expected[1 - step % 2],
                               step);
    for (uint32_t level = 0; level < 2; ++level)
      launch().entries[level] = uint64_t(levels[level].data());
    launch().steps = Steps;
    runBlocks<T, HasCorners>();
    ASSERT_EQ(moved<T>(), expectedMoved<T>()) << text();
    for (uint32_t level = 0; level < 2; ++level)
      for (int64_t z = 0; z < launch().extent[2]; ++z)
        for (int64_t y = 0; y < launch().extent[1]; ++y)
          for (int64_t x = 0; x < launch().extent[0]; ++x) {
            const auto at = size_t(elementOf(x, y, z));
            ASSERT_EQ(levels[level][at], expected[level][at])
                << x << " " << y << " " << z << ", level " << level << ", "
                << text();
          }
    // The host finds what lies beyond faces for the newest level only.
    checkOutside(levels[(Steps + 1) % 2], expected[(Steps + 1) % 2]);
  }

private:
  /// Calls `visit(place, axis, isHigh)` for all places beyond faces, in the
  /// order in which halos are filled.
  template <class Visit> void forEachOutside(Visit visit) {
    for (uint32_t axis = 0; axis < 3; ++axis) {
      int64_t begin[3], end[3], at[3];
      for (uint32_t other = 0; other < 3; ++other) {
        begin[other] = other <= axis ? -1 : 0;
        end[other] = launch().extent[other] + (other <= axis ? 1 : 0);
      }
      for (at[2] = begin[2]; at[2] < end[2]; ++at[2])
        for (at[1] = begin[1]; at[1] < end[1]; ++at[1])
          for (at[0] = begin[0]; at[0] < end[0]; ++at[0])
            if (at[axis] < 0 || at[axis] >= launch().extent[axis])
              visit(at, axis, at[axis] >= 0);
    }
  }

  template <class T>
  void checkOutside(const std::vector<T> &found,
                    const std::vector<T> &expected) {
    forEachOutside([&](const int64_t (&at)[3], uint32_t axis, bool isHigh) {
      const auto element = size_t(elementOf(at[0], at[1], at[2]));
      if (boundaryOf(axis, isHigh) == rk::abi::StencilBoundary::Function) {
        EXPECT_EQ(found[element], expected[element])
            << "beyond a face, at " << at[0] << " " << at[1] << " " << at[2]
            << ", " << text();
      }
    });
  }
  rk::abi::StencilBoundary boundaryOf(uint32_t axis, bool isHigh) {
    return rk::abi::StencilBoundary(
        launch().boundary[2 * axis + (isHigh ? 1 : 0)]);
  }

  rk::abi::StencilLaunch &launch() { return resident.launch; }
  int64_t elementOf(int64_t x, int64_t y, int64_t z) {
    return launch().origin + x + y * launch().pitch + z * launch().plane;
  }
  std::string text() {
    std::string all = "cells";
    for (uint32_t axis = 0; axis < 3; ++axis)
      all += " " + std::to_string(launch().extent[axis]) + " in " +
             std::to_string(resident.grid.bricks[axis]) + " by " +
             std::to_string(resident.grid.tile[axis]) + ", faces " +
             std::to_string(launch().boundary[2 * axis]) +
             std::to_string(launch().boundary[2 * axis + 1]);
    return all + (resident.grid.isNear ? ", near" : ", far");
  }

  void drawFaces(uint32_t axis, bool hasOutside) {
    rk::abi::ResidentGrid &grid = resident.grid;
    const bool isPeriodic = upTo(2) == 0;
    for (uint32_t side = 0; side < 2; ++side)
      if (uint32_t &boundary = launch().boundary[2 * axis + side]; isPeriodic) {
        boundary = 2;
      } else if (boundary = upTo(1); hasOutside && upTo(2) != 0) {
        boundary = uint32_t(rk::abi::StencilBoundary::Function);
        grid.leftFaces |= 1u << (2 * axis + side);
      }
    if (grid.bricks[axis] > 1 || rk::abi::isCopied(boundaryOf(axis, false)) ||
        rk::abi::isCopied(boundaryOf(axis, true)))
      grid.exchanges |= 1u << axis;
  }

  template <class T, bool HasCorners> void layOut() {
    rk::abi::ResidentGrid &grid = resident.grid;
    std::memset(static_cast<void *>(&resident), 0, sizeof(resident));
    constexpr uint32_t Vector = sizeof(T) == 8 ? 2 : 4;
    const bool hasOutside = upTo(2) == 0;
    const bool isDirect = !hasOutside && !HasCorners && upTo(3) != 0;
    grid.isNear = sizeof(T) >= 4 && !hasOutside && !isDirect && upTo(3) != 0;
    launch().firstStep = upTo(9);
    launch().factors[0] = 1;
    for (uint32_t axis = 0; axis < 3; ++axis) {
      grid.tile[axis] = grid.isNear && axis != 0 ? 1 + upTo(1) : 1;
      grid.bricks[axis] =
          axis == 0 ? (grid.isNear || isDirect || hasOutside ? 1 : 1 + upTo(1))
                    : grid.tile[axis] * (1 + upTo(hasOutside ? 2 : 1));
      const uint32_t thick = axis == 1 ? 2 : 1;
      launch().extent[axis] = axis == 0 ? grid.bricks[0] * (1 + upTo(8))
                                        : grid.bricks[axis] * thick + upTo(4);
      if (isDirect)
        launch().extent[axis] = axis == 0   ? Vector * (1 + upTo(1))
                                : axis == 1 ? grid.bricks[1] * 2
                                            : grid.bricks[2] * (1 + upTo(7));
      grid.width[axis] = 1;
      drawFaces(axis, hasOutside);
      launch().clearBegin[axis] = int64_t(upTo(3)) - 1;
      launch().clearEnd[axis] = launch().extent[axis] + 1 - int64_t(upTo(3));
    }
    arrange<T>(isDirect);
  }

  /// Where things lie, and how threads divide a brick.
  template <class T> void arrange(bool isDirect) {
    rk::abi::ResidentGrid &grid = resident.grid;
    launch().pitch = (launch().extent[0] + 2 + 31) / 32 * 32;
    launch().plane = launch().pitch * (launch().extent[1] + 2);
    launch().origin = launch().plane + launch().pitch + 1;
    const auto part = [&](uint32_t axis) {
      return uint32_t((launch().extent[axis] + grid.bricks[axis] - 1) /
                      grid.bricks[axis]);
    };
    grid.left = 4;
    grid.strideY = 8 + (part(0) + 3) / 4 * 4;
    grid.strideZ = grid.strideY * (part(1) + 2);
    grid.rows = sizeof(rk::abi::ResidentHeader);
    grid.inlets =
        grid.rows + part(1) * part(2) * uint32_t(sizeof(rk::abi::ResidentRow));
    grid.column = isDirect ? part(2) : 1 + upTo(2);
    grid.sources = grid.inlets + part(1) * part(2) *
                                     rk::abi::residentInletPlaces(grid.column) *
                                     uint32_t(sizeof(rk::abi::ResidentSource));
    const uint32_t allRows = (part(1) + 2) * (part(2) + 2);
    grid.arrays[0].shared = (grid.sources + 8 * allRows + 15) / 16 * 16;
    grid.arrays[0].entryBytes =
        (allRows * grid.strideY * uint32_t(sizeof(T)) + 15) / 16 * 16;
    ASSERT_LE(grid.arrays[0].shared + 2 * grid.arrays[0].entryBytes, MostBytes);
    grid.boardPitch = uint32_t(launch().extent[0] + 3) / 4 * 4;
    grid.boardCells =
        uint64_t(grid.boardPitch * launch().extent[1] * launch().extent[2]);
    grid.computeLanes = isDirect ? 1 : upTo(1);
    grid.receiveLanes = upTo(2);
    grid.isDirect = isDirect;
    grid.mark = upTo(5);
    board.assign(2 * grid.boardCells * (sizeof(T) == 8 ? 2 : 1) + 1, 0);
    // Packets lie at multiples of their 16 bytes.
    grid.arrays[0].board = (uint64_t(board.data()) + 15) / 16 * 16;
  }

  /// A probe of some cells and a source that adds to others, in one case of
  /// two. What they move lies behind each other: each time's values.
  template <class T> void drawMoves() {
    const rk::abi::StencilTransfer transfers[] = {
        rk::abi::StencilTransfer::Record, rk::abi::StencilTransfer::Add,
        rk::abi::StencilTransfer::Set};
    moves.clear();
    for (uint32_t number = 0; number < 3; ++number) {
      places[number].clear();
      values[number].clear();
      expectedValues[number].clear();
      if (upTo(1) == 0)
        continue;
      rk::abi::StencilMove move{};
      move.cells.transfer = transfers[number];
      move.cells.count = 1 + upTo(2);
      move.cells.valueStride = 1;
      move.cells.elementBytes = sizeof(T);
      move.cells.scalar = sizeof(T) == 8   ? rk::abi::StencilScalar::U64
                          : sizeof(T) == 4 ? rk::abi::StencilScalar::U32
                                           : rk::abi::StencilScalar::U16;
      move.every = number == 0 ? 1 + upTo(2) : 1;
      move.first = 1 + upTo(move.every - 1);
      move.times = number == 0 ? Steps : upTo(Steps - 1);
      move.stepBytes = move.cells.count * int64_t(sizeof(T));
      for (int64_t i = 0; i < move.cells.count; ++i)
        for (uint32_t axis = 0; axis < 3; ++axis)
          // No cell twice: the first coordinate tells them apart, or is one.
          places[number].push_back(
              axis == 0 ? i % launch().extent[0]
                        : int64_t(upTo(uint32_t(launch().extent[axis] - 1))));
      if (move.cells.count > launch().extent[0])
        move.cells.count = 1;
      for (int64_t i = 0; i < Steps * 3; ++i)
        values[number].push_back(uint64_t(random()) >> 40);
      move.places = uint64_t(places[number].data());
      bytes[number].resize(values[number].size() * sizeof(T));
      for (size_t i = 0; i < values[number].size(); ++i)
        reinterpret_cast<T *>(bytes[number].data())[i] = T(values[number][i]);
      expectedValues[number] = values[number];
      move.cells.values = uint64_t(bytes[number].data());
      moves.push_back(move);
      movers[moves.size() - 1] = number;
    }
    launch().moves = uint64_t(moves.data());
    launch().moveCount = moves.size();
  }
  template <class T> void movePlain(std::vector<T> &level, uint32_t made) {
    for (size_t i = 0; i < moves.size(); ++i) {
      const rk::abi::StencilMove &move = moves[i];
      const uint32_t number = movers[i];
      if (made < move.first || (made - move.first) % move.every != 0 ||
          (made - move.first) / move.every >= move.times)
        continue;
      const auto time = int64_t((made - move.first) / move.every);
      for (int64_t cell = 0; cell < move.cells.count; ++cell) {
        const int64_t *const at = places[number].data() + 3 * cell;
        T &here = level[size_t(elementOf(at[0], at[1], at[2]))];
        uint64_t &value = expectedValues[number][size_t(
            time * (move.stepBytes / int64_t(sizeof(T))) + cell)];
        if (number == 0)
          value = here;
        else
          here = number == 1 ? T(here + T(value)) : T(value);
      }
    }
  }
  /// What probes recorded, in a run and in plain C++.
  template <class T> std::vector<uint64_t> moved() {
    std::vector<uint64_t> all;
    for (size_t i = 0; i < values[0].size(); ++i)
      all.push_back(reinterpret_cast<const T *>(bytes[0].data())[i]);
    return all;
  }
  template <class T> std::vector<uint64_t> expectedMoved() {
    std::vector<uint64_t> all;
    for (const uint64_t value : expectedValues[0])
      all.push_back(T(value));
    return all;
  }

  /// All halos, one axis after the other.
  template <class T> void fill(std::vector<T> &level, int64_t step) {
    forEachOutside([&](const int64_t (&at)[3], uint32_t axis, bool isHigh) {
      const int64_t extent = launch().extent[axis];
      const auto cellOf = [&](int64_t place) -> T & {
        int64_t to[3] = {at[0], at[1], at[2]};
        to[axis] = place;
        return level[size_t(elementOf(to[0], to[1], to[2]))];
      };
      const auto mirrorOf = [&](int64_t place) -> T {
        return cellOf(rk::abi::haloSource(rk::abi::StencilBoundary::Reflecting,
                                          place, extent));
      };
      const auto boundary = boundaryOf(axis, isHigh);
      T &cell = cellOf(at[axis]);
      if (boundary == rk::abi::StencilBoundary::Fixed) {
        cell = T(99);
      } else if (rk::abi::isCopied(boundary)) {
        cell = cellOf(rk::abi::haloSource(boundary, at[axis], extent));
      } else {
        rk::abi::OutsidePlace place{};
        std::copy_n(at, 3, place.place);
        place.face = int64_t(2 * axis) + (isHigh ? 1 : 0);
        place.depth = 1;
        place.step = step;
        cell = outsideValue<T>(
            place,
            [&](int64_t inward) {
              return mirrorOf(isHigh ? extent - 1 - inward : inward);
            },
            mirrorOf(at[axis]));
      }
    });
  }

  template <class T, bool HasCorners>
  void plainStep(const std::vector<T> &now, std::vector<T> &next, int step) {
    for (int64_t z = 0; z < launch().extent[2]; ++z)
      for (int64_t y = 0; y < launch().extent[1]; ++y)
        for (int64_t x = 0; x < launch().extent[0]; ++x) {
          const auto at = [&](int64_t dx, int64_t dy, int64_t dz) {
            return now[size_t(elementOf(x + dx, y + dy, z + dz))];
          };
          T &cell = next[size_t(elementOf(x, y, z))];
          cell = updated<T, HasCorners>(at, cell);
          if (isInLayer(launch(), x, y, z))
            cell = dampedValue<T>(cell, step);
        }
    movePlain(next, step + 1);
    fill(next, launch().firstStep + step + 1);
  }

  template <class T, bool HasCorners> void runBlocks() {
    rk::abi::ResidentShape shape{};
    shape.arrays = 1;
    shape.vector = sizeof(T) == 8 ? 2 : 4;
    shape.readsCorners = HasCorners;
    shape.isDirect = resident.grid.isDirect;
    shape.between = 1;
    shape.array[0] = {2, sizeof(T), 2, 1, 1};
    const rk::abi::ResidentGrid &grid = resident.grid;
    Run blocks(grid.bricks[0] * grid.bricks[1] * grid.bricks[2],
               grid.tile[0] * grid.tile[1] * grid.tile[2]);
    std::vector<std::thread> threads;
    for (uint32_t block = 0; block < blocks.blocks.size(); ++block)
      for (uint32_t thread = 0; thread < Threads; ++thread)
        threads.emplace_back([&, block, thread] {
          run = &blocks;
          blockNumber = block;
          threadNumber = thread;
          device::stencil::runResident<CpuMachine>(
              resident, shape, blocks.blocks[block].shared,
              {update<T, HasCorners>, prime, update<T, HasCorners>, prime,
               setOutside<T>});
        });
    for (std::thread &thread : threads)
      thread.join();
    ASSERT_EQ(blocks.faults, 0u) << text();
  }

  static constexpr int Steps = 5;
  std::mt19937_64 random;
  rk::abi::ResidentLaunch resident;
  std::vector<rk::abi::StencilMove> moves;
  uint32_t movers[3] = {};
  std::vector<int64_t> places[3];
  std::vector<uint64_t> values[3], expectedValues[3];
  std::vector<unsigned char> bytes[3];
  std::vector<uint64_t> board;
};

TEST(Resident, exchangesHalos) {
  for (uint64_t seed = 1; seed <= 48; ++seed) {
    Trial trial(seed);
    switch (seed % 5) {
    case 0:
      trial.check<uint32_t, false>();
      break;
    case 1:
      trial.check<uint32_t, true>();
      break;
    case 2:
      trial.check<uint64_t, false>();
      break;
    case 3:
      trial.check<uint16_t, false>();
      break;
    default:
      trial.check<uint64_t, true>();
    }
    if (testing::Test::HasFatalFailure())
      FAIL() << "seed " << seed;
  }
}

} // namespace
