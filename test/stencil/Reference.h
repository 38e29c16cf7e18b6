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

#include <algorithm>
#include <array>
#include <cmath>
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
    const auto isInside = [](std::int64_t place, std::int64_t extent) {
      return std::uint64_t(place) < std::uint64_t(extent);
    };
    if (isInside(x, size[0]) && isInside(y, size[1]) && isInside(z, size[2]))
      return values[std::size_t((z * size[1] + y) * size[0] + x)];
    return beyond(x, y, z);
  }

private:
  /// What lies beyond a face, or several.
  T beyond(std::int64_t x, std::int64_t y, std::int64_t z) const {
    std::int64_t place[] = {x, y, z};
    for (int axis = 2; axis >= 0; --axis) {
      std::int64_t &p = place[axis];
      const std::int64_t n = size[axis];
      if (p >= 0 && p < n)
        continue;
      const rk::Face &face = faces[std::size_t(2 * axis + (p < 0 ? 0 : 1))];
      rk::Boundary boundary = face.boundary == rk::Boundary::Absorbing
                                  ? rk::Boundary::Fixed
                                  : face.boundary;
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

/// What a place on an axis is multiplied by after a step.
inline double layerFactor(const rk::Face &low, const rk::Face &high,
                          std::int64_t place, std::int64_t size) {
  auto at = [](const rk::Face &face, std::int64_t distance) {
    if (face.boundary != rk::Boundary::Absorbing || distance >= face.width)
      return 1.0;
    const double depth =
        face.strength * double(face.width - distance) / double(face.width);
    return std::exp(-(depth * depth));
  };
  return at(low, place) * at(high, size - 1 - place);
}

/// What absorbing faces do to a field after each step.
template <class T> void absorb(Grid<T> &grid, int dimensions) {
  const Faces &faces = grid.faces;
  if (std::none_of(faces.begin(), faces.begin() + 2 * dimensions,
                   [](const rk::Face &face) {
                     return face.boundary == rk::Boundary::Absorbing;
                   }))
    return;
  forEachCell(grid, [&](auto x, auto y, auto z) {
    const std::int64_t place[] = {x, y, z};
    double factor = 1;
    for (int axis = 0; axis < dimensions; ++axis)
      factor = factor * layerFactor(faces[std::size_t(2 * axis)],
                                    faces[std::size_t(2 * axis + 1)],
                                    place[axis], grid.size[axis]);
    grid.cell(x, y, z) = grid.cell(x, y, z) * T(factor);
  });
}

inline Faces randomFaces(std::mt19937_64 &random, bool absorbs = false) {
  Faces faces;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const bool periodic = random() % 3 == 0;
    for (std::size_t side = 0; side < 2; ++side)
      faces[2 * axis + side] = {periodic            ? rk::Boundary::Periodic
                                : random() % 2 == 0 ? rk::Boundary::Fixed
                                                    : rk::Boundary::Reflecting,
                                double(random() % 9) / 8};
    for (std::size_t side = 0; side < 2 && absorbs && !periodic; ++side)
      if (rk::Face &face = faces[2 * axis + side]; random() % 2 == 0) {
        face.boundary = rk::Boundary::Absorbing;
        face.width = std::int64_t(random() % 12 + 1);
        face.strength = double(random() % 16) / 16;
      }
  }
  return faces;
}

/// The order of `abi/StencilFold.h`, in other words.
template <class T, class Combine>
T foldInOrder(std::vector<T> values, Combine combine) {
  do {
    std::vector<T> results;
    for (std::size_t first = 0; first < values.size(); first += 1024) {
      const std::size_t end = std::min(first + 1024, values.size());
      std::vector<T> lanes;
      for (std::size_t i = first; i < end; ++i)
        if (const std::size_t lane = (i - first) % 32; lane < lanes.size())
          lanes[lane] = combine(lanes[lane], values[i]);
        else
          lanes.push_back(values[i]);
      for (std::size_t half = 16; half > 0; half /= 2)
        for (std::size_t lane = 0; lane < half; ++lane)
          if (lane + half < lanes.size())
            lanes[lane] = combine(lanes[lane], lanes[lane + half]);
      results.push_back(lanes[0]);
    }
    values = results;
  } while (values.size() > 1);
  return values[0];
}

} // namespace reference
