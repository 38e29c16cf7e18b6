//===- Reference.h - Grids without any of our code -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A plain grid: what lies beyond a face is found cell by cell, by the rule in
/// words, with z resolved first.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_run.h"

#include <array>
#include <cstdint>
#include <random>
#include <vector>

namespace reference {

using Faces = std::array<rk::Face, 6>;

template <class T> struct Grid {
  std::int64_t size[3];
  Faces faces;
  bool continues = false; ///< beyond a fixed face, as coefficients do
  std::vector<T> values;

  Grid(rk::GridPoint extent, const Faces &faces)
      : size{extent.x, extent.y ? extent.y : 1, extent.z ? extent.z : 1},
        faces(faces), values(std::size_t(size[0] * size[1] * size[2])) {}

  T &cell(std::int64_t x, std::int64_t y, std::int64_t z) {
    return values[std::size_t((z * size[1] + y) * size[0] + x)];
  }

  T at(std::int64_t x, std::int64_t y = 0, std::int64_t z = 0) const {
    std::int64_t place[] = {x, y, z};
    for (int axis = 2; axis >= 0; --axis) {
      std::int64_t &p = place[axis];
      const std::int64_t n = size[axis];
      if (p >= 0 && p < n)
        continue;
      const rk::Face &face = faces[std::size_t(2 * axis + (p < 0 ? 0 : 1))];
      rk::Boundary boundary = face.boundary;
      if (boundary == rk::Boundary::Fixed) {
        if (!continues)
          return T(face.value);
        boundary = rk::Boundary::Reflecting;
      }
      while (p < 0 || p >= n) {
        if (boundary == rk::Boundary::Periodic)
          p += p < 0 ? n : -n;
        else
          p = p < 0 ? -1 - p : 2 * n - 1 - p;
      }
    }
    return values[std::size_t((place[2] * size[1] + place[1]) * size[0] +
                              place[0])];
  }
};

/// Fills a grid with values of about 1.
template <class T> void randomize(Grid<T> &grid, std::mt19937_64 &random) {
  for (T &value : grid.values) {
    const double number = double(random() >> 11) * 0x1p-53;
    value = std::is_integral_v<T> ? T(number * 2) : T(2 * number - 1);
  }
}

/// Calls `update` for each cell.
template <class T, class Update>
void forEachCell(const Grid<T> &grid, Update update) {
  for (std::int64_t z = 0; z < grid.size[2]; ++z)
    for (std::int64_t y = 0; y < grid.size[1]; ++y)
      for (std::int64_t x = 0; x < grid.size[0]; ++x)
        update(x, y, z);
}

inline Faces randomFaces(std::mt19937_64 &random) {
  Faces faces;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool periodic = random() % 3 == 0;
    for (std::size_t side = 0; side < 2; ++side)
      faces[2 * axis + side] = {periodic            ? rk::Boundary::Periodic
                                : random() % 2 == 0 ? rk::Boundary::Fixed
                                                    : rk::Boundary::Reflecting,
                                double(random() % 9) / 8};
  }
  return faces;
}

} // namespace reference
