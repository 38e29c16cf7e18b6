//===- ReceiveCutTest.cpp - Halos of bricks that are cut along x ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One block receives: every cell of its halo that others have or that a face
/// shows, and nothing else is written. Packets come late, those of other steps
/// are on the boards, and what is never sent is never asked for.
///
//===----------------------------------------------------------------------===//

#include "common/stencil/ReceiveCut.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace device = rk::device;
using device::stencil::BoardPiece;

namespace {

/// The boards, on which packets of 8 bytes come one question later.
struct Boards {
  std::vector<uint64_t> packets; ///< value and mark
  std::map<uint64_t, uint32_t> questions;
  uint32_t faults = 0;
  uint32_t mark = 0;
  uint32_t patience = 1'000;
};

Boards *boards;
uint32_t receiverNumber, receiverCount;

struct LateMachine {
  static uint32_t receiver() { return receiverNumber; }
  static uint32_t receivers() { return receiverCount; }
  static BoardPiece loadPiece(uint64_t from) {
    EXPECT_EQ(from % 16, 0u);
    BoardPiece piece;
    std::memcpy(piece.word, reinterpret_cast<const void *>(from), 16);
    // What is on the boards at first is of the step before, with other values.
    for (uint32_t half = 0; half < 2; ++half)
      if (const uint32_t asked = boards->questions[from + 8 * half]++;
          asked <= (from / 16 + half) % 3 &&
          piece.word[2 * half + 1] == boards->mark) {
        piece.word[2 * half] += 77;
        piece.word[2 * half + 1] = boards->mark - 2;
      }
    if (boards->questions[from] > boards->patience)
      boards->faults = 1;
    return piece;
  }
  static uint32_t peek(const uint32_t *) { return boards->faults; }
  static void poke(uint32_t *, uint32_t) {}
  static void reportFault(uint64_t, uint32_t) { boards->faults = 1; }
};

/// A brick of a grid that is cut along all axes, in the middle or at faces.
template <class T> class CutTrial {
public:
  explicit CutTrial(uint64_t seed) : random(seed) {}

  void check() {
    layOut();
    fillBoards();
    listSources();
    const std::vector<T> expected = halo();
    receiverCount = 1u << upTo(4);
    grid.receiveLanes = upTo(3);
    receiverCount = std::max(receiverCount, 1u << grid.receiveLanes);
    const device::stencil::Exchange exchange = {
        &launch,      &grid,  reinterpret_cast<unsigned char *>(shared.data()),
        boardAddress, target, sizeof(T),
        boards.mark};
    ::boards = &boards;
    for (receiverNumber = 0; receiverNumber < receiverCount; ++receiverNumber)
      device::stencil::receiveCut<LateMachine>(exchange);
    ASSERT_EQ(boards.faults, 0u)
        << "asked in vain for what nobody sends, " << text();
    for (size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(cells()[i], expected[i]) << "element " << i << ", " << text();
  }

private:
  uint32_t upTo(uint32_t most) { return uint32_t(random() % (most + 1)); }
  T *cells() {
    return reinterpret_cast<T *>(
        reinterpret_cast<unsigned char *>(shared.data()) + target);
  }
  std::string text() {
    std::string all = std::to_string(sizeof(T)) + " bytes, cells";
    for (uint32_t axis = 0; axis < 3; ++axis)
      all += " " + std::to_string(launch.extent[axis]) + " from " +
             std::to_string(header().first[axis]) + " on " +
             std::to_string(header().size[axis]) + " by " +
             std::to_string(grid.width[axis]);
    for (const uint32_t boundary : launch.boundary)
      all += " " + std::to_string(boundary);
    return all;
  }
  device::stencil::ResidentHeader &header() {
    return *reinterpret_cast<device::stencil::ResidentHeader *>(shared.data());
  }

  void layOut() {
    int32_t size[3], first[3];
    for (uint32_t axis = 0; axis < 3; ++axis) {
      grid.width[axis] = int32_t(axis == 0 ? 1 + upTo(3) : upTo(2));
      size[axis] = int32_t(axis == 0 ? 1 + upTo(40) : 1 + upTo(3));
      // A halo may be all of the grid.
      first[axis] = int32_t(upTo(3) == 0 ? 0 : upTo(9));
      const uint32_t behind = upTo(3) == 0 ? 0 : upTo(9);
      launch.extent[axis] = first[axis] + size[axis] + int32_t(behind);
      const bool isPeriodic = upTo(2) == 0;
      for (uint32_t side = 0; side < 2; ++side) {
        constexpr uint32_t Kinds[] = {0, 1, 4};
        launch.boundary[2 * axis + side] = isPeriodic ? 2 : Kinds[upTo(2)];
      }
    }
    grid.left = 4;
    high = uint32_t(size[1] + 2 * grid.width[1]);
    allRows = high * uint32_t(size[2] + 2 * grid.width[2]);
    grid.strideY = 8 + uint32_t(size[0] + 3) / 4 * 4;
    grid.strideZ = grid.strideY * high;
    grid.sources = sizeof(device::stencil::ResidentHeader);
    target = (grid.sources +
              allRows * uint32_t(sizeof(rk::abi::ResidentSource)) + 15) /
             16 * 16;
    shared.assign((target + allRows * grid.strideY * sizeof(T)) / 16 + 1, {});
    for (uint32_t axis = 0; axis < 3; ++axis) {
      header().first[axis] = first[axis];
      header().size[axis] = size[axis];
    }
    T value = 0;
    for (uint32_t i = 0; i < allRows * grid.strideY; ++i)
      cells()[i] = value = T(value * 5 + 3);
    grid.boardPitch = uint32_t(launch.extent[0] + 3) / 4 * 4;
  }

  /// Of cells of the grid, a packet of this step; of all else none.
  void fillBoards() {
    boards.mark = 4 + 2 * upTo(100);
    constexpr size_t Each = sizeof(T) == 8 ? 2 : 1;
    const auto count = size_t(grid.boardPitch) *
                       size_t(launch.extent[1] * launch.extent[2]) * Each;
    boards.packets.assign(count + 3, 0);
    auto *begin = boards.packets.data();
    while (uint64_t(begin) % 16 != 0)
      ++begin;
    boardAddress = uint64_t(begin);
    for (int64_t row = 0; row < launch.extent[1] * launch.extent[2]; ++row)
      for (int64_t x = 0; x < launch.extent[0]; ++x) {
        const auto cell = uint32_t(row * grid.boardPitch + x);
        const auto value = uint64_t(valueOf(cell));
        for (size_t half = 0; half < Each; ++half)
          begin[Each * cell + half] =
              (value >> (32 * half) & 0xffffffff) | uint64_t(boards.mark) << 32;
      }
  }
  static T valueOf(uint32_t cell) {
    return T(0x9e3779b97f4a7c15u * (uint64_t(cell) + 1) >> 3);
  }

  /// Where the place of a row lies, and whether it shows a row of the grid.
  bool seen(uint32_t row, int64_t &y, int64_t &z) {
    y = device::stencil::sourceAlong(
        launch, 1, header().first[1] + int64_t(row % high) - grid.width[1]);
    z = device::stencil::sourceAlong(
        launch, 2, header().first[2] + int64_t(row / high) - grid.width[2]);
    return y >= 0 && y < launch.extent[1] && z >= 0 && z < launch.extent[2];
  }
  bool isOwn(uint32_t row) {
    return device::stencil::isOwn(
        {{}, {}, {header().size[0], header().size[1], header().size[2]}},
        int32_t(row % high) - grid.width[1],
        int32_t(row / high) - grid.width[2]);
  }

  /// As Brick.h does, but for rows near the block.
  void listSources() {
    auto *sources = reinterpret_cast<rk::abi::ResidentSource *>(
        reinterpret_cast<unsigned char *>(shared.data()) + grid.sources);
    for (uint32_t row = 0; row < allRows; ++row) {
      int64_t y, z;
      if (!seen(row, y, z))
        continue;
      const rk::abi::ResidentSource source = {
          grid.left + row % high * grid.strideY + row / high * grid.strideZ,
          uint32_t((z * launch.extent[1] + y) * grid.boardPitch)};
      if (isOwn(row))
        sources[allRows - 1 - header().own++] = source;
      else
        sources[header().received++] = source;
    }
  }

  /// What the brick's memory should hold afterwards.
  std::vector<T> halo() {
    std::vector<T> all(cells(), cells() + allRows * grid.strideY);
    for (uint32_t row = 0; row < allRows; ++row) {
      int64_t y, z;
      if (!seen(row, y, z))
        continue;
      for (int32_t x = -grid.width[0]; x < header().size[0] + grid.width[0];
           ++x) {
        if (isOwn(row) && x >= 0 && x < header().size[0])
          continue; // its own
        const int64_t from =
            device::stencil::sourceAlong(launch, 0, header().first[0] + x);
        if (from < 0 || from >= launch.extent[0])
          continue; // a face that shows no cell
        all[size_t(int64_t(grid.left + row % high * grid.strideY +
                           row / high * grid.strideZ) +
                   x)] =
            valueOf(
                uint32_t((z * launch.extent[1] + y) * grid.boardPitch + from));
      }
    }
    return all;
  }

  struct alignas(16) Word {
    unsigned char bytes[16];
  };
  std::mt19937_64 random;
  rk::abi::StencilLaunch launch{};
  rk::abi::ResidentGrid grid{};
  std::vector<Word> shared;
  Boards boards;
  uint64_t boardAddress = 0;
  uint32_t target = 0, high = 0, allRows = 0;
};

template <class T> class ReceiveCut : public testing::Test {};
using Elements = testing::Types<uint8_t, uint16_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(ReceiveCut, Elements);

TYPED_TEST(ReceiveCut, bringsTheHaloAndNothingElse) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    CutTrial<TypeParam>(seed).check();
    if (testing::Test::HasFatalFailure())
      FAIL() << "seed " << seed;
  }
}

/// A packet that never comes is given up after a while, and reported.
TEST(ReceiveCutFault, isReported) {
  using device::stencil::Exchange;
  rk::abi::StencilLaunch launch{};
  rk::abi::ResidentGrid grid{};
  launch.extent[0] = 8;
  launch.extent[1] = launch.extent[2] = 1;
  grid.width[0] = 1;
  grid.sources = sizeof(rk::abi::ResidentHeader);
  alignas(16) unsigned char shared[256] = {};
  auto &header = *reinterpret_cast<rk::abi::ResidentHeader *>(shared);
  header.first[0] = 4;
  header.size[0] = 4;
  header.size[1] = header.size[2] = header.own = 1;
  alignas(16) uint64_t packets[8] = {};
  Boards mine;
  mine.mark = 9;
  mine.patience = 20;
  boards = &mine;
  receiverNumber = 0;
  receiverCount = 1;
  device::stencil::receiveCut<LateMachine>(Exchange{
      &launch, &grid, shared, uint64_t(packets), 192, sizeof(uint32_t), 9});
  EXPECT_EQ(mine.faults, 1u);
}

} // namespace
