//===- ResidentLayoutTest.cpp - How grids are cut into bricks -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/ResidentLayout.h"
#include "rk/modfile/StencilModel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <random>
#include <string>

using namespace rk::modfile;
using rk::abi::StencilBoundary;

namespace {

/// An H200, as its driver answers.
DeviceFigures device() {
  DeviceFigures figures = referenceDevice();
  const std::uint32_t clusters[] = {132, 66, 30, 15, 7};
  std::copy(std::begin(clusters), std::end(clusters),
            std::begin(figures.clusters));
  return figures;
}

/// A stencil with one field that is written, and a grid for it.
struct Case {
  Case(std::uint32_t dimensions, std::uint32_t elementBytes,
       std::uint32_t entries) {
    stencil.dimensions = dimensions;
    StencilArrayView array;
    array.elementBytes = elementBytes;
    array.isWritten = true;
    array.levels = array.entries = entries;
    stencil.arrays.push_back(array);
  }
  /// Sets an axis: what is read along it, its cells, and both faces.
  void setAxis(std::uint32_t axis, std::uint32_t halo, std::int64_t cells,
               StencilBoundary boundary) {
    stencil.arrays.front().halo[axis] = halo;
    extent[axis] = cells;
    faces.boundary[2 * axis] = faces.boundary[2 * axis + 1] = boundary;
  }
  [[nodiscard]] std::optional<ResidentLayout> layOut() const {
    return layOutResident(stencil, extent, faces, device());
  }
  [[nodiscard]] std::string text() const {
    return std::to_string(extent[0]) + " x " + std::to_string(extent[1]) +
           " x " + std::to_string(extent[2]);
  }

  StencilView stencil;
  StencilExtent extent = {1, 1, 1};
  StencilFaces faces;
};

/// A block that is launched alone cannot write to itself as to a near block:
/// small grids between reflecting or periodic faces are of one block.
TEST(ResidentLayouts, areNearInClustersOnly) {
  std::mt19937_64 random(51);
  bool hasAlone = false, hasNear = false;
  for (int round = 0; round < 2000; ++round) {
    const auto dimensions = std::uint32_t(random() % 3 + 1);
    Case drawn(dimensions, random() % 2 ? 4 : 8, 2);
    for (std::uint32_t axis = 0; axis < dimensions; ++axis) {
      const auto halo = std::uint32_t(random() % 3 + 1);
      const std::int64_t cells =
          std::int64_t(random() % (random() % 2 ? 9 : 90)) + 1;
      drawn.setAxis(axis, halo, cells, StencilBoundary(random() % 3));
    }
    const auto layout = drawn.layOut();
    if (!layout)
      continue;
    const auto &tile = layout->grid.tile;
    const bool isAlone = tile[0] * tile[1] * tile[2] == 1;
    hasAlone |= isAlone;
    hasNear |= layout->grid.isNear != 0;
    EXPECT_FALSE(isAlone && layout->grid.isNear) << drawn.text();
  }
  EXPECT_TRUE(hasAlone);
  EXPECT_TRUE(hasNear);
}

/// Blocks find what lies beyond faces that are left to the boundary from whole
/// rows, in halos that nobody else writes at the time.
TEST(ResidentLayouts, leaveFacesToWholeRowsWithoutClusters) {
  std::mt19937_64 random(53);
  for (int round = 0; round < 500; ++round) {
    const auto dimensions = std::uint32_t(random() % 3 + 1);
    Case drawn(dimensions, random() % 2 ? 4 : 8, 2);
    for (std::uint32_t axis = 0; axis < dimensions; ++axis)
      drawn.setAxis(axis, 1, std::int64_t(random() % 90) + 1,
                    StencilBoundary(random() % 3));
    const auto left = std::uint32_t(random() % (2 * dimensions));
    drawn.faces.boundary[left] = StencilBoundary::Function;
    const auto layout = drawn.layOut();
    ASSERT_TRUE(layout) << drawn.text();
    EXPECT_EQ(layout->grid.leftFaces, 1u << left);
    EXPECT_FALSE(layout->grid.isNear || layout->grid.isDirect) << drawn.text();
    EXPECT_TRUE(layout->grid.bricks[0] == 1 || dimensions == 1) << drawn.text();
  }
}

/// A thread receives what it reads where an update reads on the axes only.
TEST(ResidentLayouts, areDirectForStars) {
  using rk::abi::StencilNeighbours;
  Case cube(3, 8, 2);
  for (std::uint32_t axis = 0; axis < 3; ++axis)
    cube.setAxis(axis, 1, 64, StencilBoundary::Fixed);
  double cycles[3];
  for (const auto kind : {StencilNeighbours::Unknown, StencilNeighbours::Star,
                          StencilNeighbours::Other}) {
    cube.stencil.neighbours = kind;
    const auto layout = cube.layOut();
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->grid.isDirect != 0, kind != StencilNeighbours::Other);
    cycles[std::size_t(kind)] = layout->cycles;
  }
  EXPECT_EQ(cycles[0], cycles[1]);
  EXPECT_GT(cycles[2], 1.2 * cycles[1]);
}

/// What is read of rows above and below alone would come as whole rows.
TEST(ResidentLayouts, rowsAreCutOnlyWhereTheirEndsAreExchanged) {
  std::mt19937_64 random(52);
  int cut = 0, exchanging = 0;
  for (int round = 0; round < 2000; ++round) {
    Case drawn(3, 4, 2);
    drawn.stencil.arrays.front().levels = 1;
    for (std::uint32_t axis = 0; axis < 3; ++axis) {
      const auto halo = std::uint32_t(random() % 2);
      const std::int64_t cells = std::int64_t(random() % 70) + 1;
      drawn.setAxis(axis, halo, cells, StencilBoundary(random() % 3));
    }
    const auto layout = drawn.layOut();
    if (!layout)
      continue;
    const auto &grid = layout->grid;
    cut += grid.bricks[0] > 1;
    exchanging += grid.exchanges != 0;
    EXPECT_TRUE(grid.bricks[0] == 1 || grid.exchanges == 0 ||
                (grid.exchanges & 1) != 0)
        << drawn.text();
  }
  EXPECT_GT(cut, 0);
  EXPECT_GT(exchanging, 100);
}

} // namespace
