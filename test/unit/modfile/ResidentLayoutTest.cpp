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
#include <random>

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

/// A block that is launched alone cannot write to itself as to a near block:
/// small grids between reflecting or periodic faces are of one block.
TEST(ResidentLayouts, areNearInClustersOnly) {
  std::mt19937_64 random(51);
  bool hasAlone = false, hasNear = false;
  for (int round = 0; round < 2000; ++round) {
    StencilView stencil;
    stencil.dimensions = std::uint32_t(random() % 3 + 1);
    StencilArrayView array;
    array.elementBytes = random() % 2 ? 4 : 8;
    array.isWritten = true;
    array.levels = array.entries = 2;
    StencilExtent extent = {1, 1, 1};
    StencilFaces faces;
    for (std::uint32_t axis = 0; axis < stencil.dimensions; ++axis) {
      array.halo[axis] = std::uint32_t(random() % 3 + 1);
      extent[axis] = std::int64_t(random() % (random() % 2 ? 9 : 90)) + 1;
      faces.boundary[2 * axis] = faces.boundary[2 * axis + 1] =
          StencilBoundary(random() % 3);
    }
    stencil.arrays.push_back(array);
    const auto layout = layOutResident(stencil, extent, faces, device());
    if (!layout)
      continue;
    const auto &tile = layout->grid.tile;
    const bool isAlone = tile[0] * tile[1] * tile[2] == 1;
    hasAlone |= isAlone;
    hasNear |= layout->grid.isNear != 0;
    EXPECT_FALSE(isAlone && layout->grid.isNear)
        << extent[0] << " x " << extent[1] << " x " << extent[2];
  }
  EXPECT_TRUE(hasAlone);
  EXPECT_TRUE(hasNear);
}

/// What is read of rows above and below alone would come as whole rows.
TEST(ResidentLayouts, rowsAreCutOnlyWhereTheirEndsAreExchanged) {
  std::mt19937_64 random(52);
  int cut = 0, exchanging = 0;
  for (int round = 0; round < 2000; ++round) {
    StencilView stencil;
    stencil.dimensions = 3;
    StencilArrayView array;
    array.elementBytes = 4;
    array.isWritten = true;
    array.levels = 1;
    array.entries = 2;
    StencilExtent extent = {1, 1, 1};
    StencilFaces faces;
    for (std::uint32_t axis = 0; axis < 3; ++axis) {
      array.halo[axis] = std::uint32_t(random() % 2);
      extent[axis] = std::int64_t(random() % 70) + 1;
      faces.boundary[2 * axis] = faces.boundary[2 * axis + 1] =
          StencilBoundary(random() % 3);
    }
    stencil.arrays.push_back(array);
    const auto layout = layOutResident(stencil, extent, faces, device());
    if (!layout)
      continue;
    const auto &grid = layout->grid;
    cut += grid.bricks[0] > 1;
    exchanging += grid.exchanges != 0;
    EXPECT_TRUE(grid.bricks[0] == 1 || grid.exchanges == 0 ||
                (grid.exchanges & 1) != 0)
        << extent[0] << " x " << extent[1] << " x " << extent[2];
  }
  EXPECT_GT(cut, 0);
  EXPECT_GT(exchanging, 100);
}

} // namespace
