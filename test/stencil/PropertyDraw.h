//===- PropertyDraw.h - What is drawn for random stencils ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Grids, faces, cells and numbers of steps, and the account of what was done.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Reference.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace property {

using reference::Faces;

struct Request {
  std::string plan; ///< empty: the one that is taken by itself
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint64_t count = 100;
  double seconds = 0; ///< go on for so long, whatever `count` is
  bool spoils = false;
};

/// What a stencil is that options depend on.
struct Traits {
  int dimensions;
  bool hasBoundary;
  /// Whether fixed faces may have other values than 0.
  bool takesValues;
};

struct Totals {
  std::uint64_t grids = 0, steps = 0, updates = 0, compared = 0, wrong = 0;
  std::map<std::string, std::uint64_t> refusals;
  std::string device;
  bool hasLostDevice = false; ///< nothing after it can be right
};

inline std::int64_t drawExtent(std::mt19937_64 &random, std::int64_t most) {
  const std::uint64_t kind = random() % 10;
  if (kind < 3)
    return std::int64_t(random() % 10) + 1;
  const auto any = std::int64_t(random() % std::uint64_t(most)) + 1;
  if (kind < 5) // at a tile's edge, or one off
    return std::max<std::int64_t>(1, (any + 15) / 16 * 16 - 1 +
                                         std::int64_t(random() % 3));
  return any;
}
inline rk::GridPoint drawSize(std::mt19937_64 &random, int dimensions) {
  constexpr std::int64_t Most[3][3] = {
      {3000, 0, 0}, {300, 90, 0}, {150, 44, 40}};
  const std::int64_t (&most)[3] = Most[dimensions - 1];
  rk::GridPoint size;
  size.x = drawExtent(random, most[0]);
  size.y = dimensions > 1 ? drawExtent(random, most[1]) : 0;
  size.z = dimensions > 2 ? drawExtent(random, most[2]) : 0;
  return size;
}
/// Few steps mostly, and sometimes enough for a graph of launches.
inline std::vector<int> drawRuns(std::mt19937_64 &random, rk::GridPoint size) {
  constexpr std::int64_t MostUpdates = 1'500'000;
  const std::int64_t cells = size.x * std::max<std::int64_t>(size.y, 1) *
                             std::max<std::int64_t>(size.z, 1);
  std::int64_t steps = std::int64_t(random() % 13) + 1;
  if (random() % 8 == 0)
    steps = std::int64_t(random() % 150) + 1;
  steps = std::clamp<std::int64_t>(MostUpdates / cells, 1, steps);
  std::vector<int> runs;
  for (int more = int(random() % 3); more > 0 && steps > 1; --more) {
    const auto part = std::int64_t(random() % std::uint64_t(steps - 1)) + 1;
    runs.push_back(int(part));
    steps -= part;
  }
  runs.push_back(int(steps));
  return runs;
}

/// Makes faces what the stencil can have.
inline void adaptFaces(std::mt19937_64 &random, Faces &faces,
                       const Traits &traits) {
  const bool leaves = traits.hasBoundary && random() % 4 != 0;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    rk::Face &face = faces[i];
    if (!traits.takesValues)
      face.value = 0;
    if (leaves && int(i) < 2 * traits.dimensions &&
        face.boundary != rk::Boundary::Periodic && random() % 3 != 0)
      face.boundary = rk::Boundary::Function;
  }
}

/// Some cells of a grid, none of them twice.
inline std::vector<rk::GridPoint> drawCells(std::mt19937_64 &random,
                                            rk::GridPoint size) {
  std::vector<rk::GridPoint> cells;
  for (auto count = random() % 5 + 1; count > 0; --count) {
    auto draw = [&](std::int64_t extent) {
      return extent ? std::int64_t(random() % std::uint64_t(extent)) : 0;
    };
    const rk::GridPoint cell = {draw(size.x), draw(size.y), draw(size.z)};
    if (std::none_of(cells.begin(), cells.end(), [&](const auto &other) {
          return other.x == cell.x && other.y == cell.y && other.z == cell.z;
        }))
      cells.push_back(cell);
  }
  return cells;
}

/// A refusal without its names and numbers.
inline std::string reasonOf(const std::string &detail) {
  std::string reason;
  bool isQuoted = false;
  for (const char c : detail) {
    if (c == '\'')
      isQuoted = !isQuoted;
    const bool isDigit = c >= '0' && c <= '9';
    if (isQuoted || c == '\'' || (isDigit && reason.ends_with('#')))
      continue;
    reason += isDigit ? '#' : c == '"' || c == '\\' ? ' ' : c;
  }
  return reason;
}

} // namespace property
