//===- Room.h - What waves meet --------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Open cells, walls and absorbers, as coefficients of the wave equation.
///
/// A wall gives back the share `reflection` of what arrives at a right angle;
/// its admittance is (1 - reflection) / (1 + reflection), and the scheme is
/// that of C. Webb and S. Bilbao, "Computing room acoustics with CUDA: 3D FDTD
/// schemes with boundary losses and viscosity", ICASSP 2011: a cell with K open
/// neighbours of 2 D loses by the admittances of the others.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_run.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace example {

/// A box of cells, without those of `last`.
struct Box {
  rk::GridPoint first, last;
};

/// A room of two or three dimensions; one of two has one cell along z.
class Room {
public:
  Room(rk::GridPoint extent, unsigned dimensions)
      : extent_(extent), dimensions_(dimensions),
        reflection_(std::size_t(extent.x * extent.y * extent.z), Open),
        absorption_(reflection_.size(), 0) {
    faces_.fill(1);
  }

  /// What the faces of the grid give back: low x, high x, low y, ...
  void setFace(unsigned face, double reflection) { faces_[face] = reflection; }

  /// Fills a box with wall.
  void addWall(const Box &box, double reflection) {
    for (std::int64_t z = box.first.z; z < box.last.z; ++z)
      for (std::int64_t y = box.first.y; y < box.last.y; ++y)
        for (std::int64_t x = box.first.x; x < box.last.x; ++x)
          reflection_[place({x, y, z})] = float(reflection);
  }

  /// Lets a face absorb: what arrives at a right angle is taken by the face
  /// itself; cells before it take from what arrives askew, slowly at first, so
  /// that little comes back from waves that are shorter than the layer.
  void addAbsorber(unsigned face, std::int64_t depth) {
    faces_[face] = 0;
    for (std::int64_t z = 0; z < extent_.z; ++z)
      for (std::int64_t y = 0; y < extent_.y; ++y)
        for (std::int64_t x = 0; x < extent_.x; ++x) {
          const std::int64_t at[] = {x, y, z};
          const std::int64_t size[] = {extent_.x, extent_.y, extent_.z};
          const unsigned axis = face / 2;
          const std::int64_t away =
              face % 2 == 0 ? at[axis] : size[axis] - 1 - at[axis];
          if (away >= depth)
            continue;
          const double share = double(depth - away) / double(depth);
          float &loss = absorption_[place({x, y, z})];
          loss = std::max(loss, float(0.1 * share * share));
        }
  }

  /// Lets all cells absorb, as air does.
  void addLoss(double loss) {
    for (float &one : absorption_)
      one += float(loss);
  }

  [[nodiscard]] bool isWall(rk::GridPoint cell) const {
    return reflection_[place(cell)] != Open;
  }
  /// Which cells of a box are wall, x fastest.
  [[nodiscard]] std::vector<bool> wallsOf(const Box &box) const {
    std::vector<bool> walls;
    for (std::int64_t z = box.first.z; z < box.last.z; ++z)
      for (std::int64_t y = box.first.y; y < box.last.y; ++y)
        for (std::int64_t x = box.first.x; x < box.last.x; ++x)
          walls.push_back(isWall({x, y, z}));
    return walls;
  }

  /// How many neighbours of a cell are open; none for a wall.
  [[nodiscard]] std::vector<std::int8_t> neighbours() const {
    std::vector<std::int8_t> counts;
    forEach([&](rk::GridPoint cell) {
      int open = 0;
      for (unsigned face = 0; face < 2 * dimensions_; ++face)
        open += isOpen(neighbour(cell, face));
      counts.push_back(std::int8_t(isWall(cell) ? 0 : open));
    });
    return counts;
  }

  /// What a cell loses in a step; `courant` is speed * time step / cell size.
  [[nodiscard]] std::vector<float> losses(double courant) const {
    std::vector<float> result;
    forEach([&](rk::GridPoint cell) {
      double loss = absorption_[place(cell)];
      for (unsigned face = 0; face < 2 * dimensions_; ++face)
        if (const rk::GridPoint other = neighbour(cell, face); !isOpen(other)) {
          const double reflection = isInside(other)
                                        ? double(reflection_[place(other)])
                                        : faces_[face];
          loss += courant / 2 * (1 - reflection) / (1 + reflection);
        }
      result.push_back(float(loss));
    });
    return result;
  }

private:
  static constexpr float Open = 2; // no wall reflects more than 1

  [[nodiscard]] std::size_t place(rk::GridPoint cell) const {
    return std::size_t((cell.z * extent_.y + cell.y) * extent_.x + cell.x);
  }
  [[nodiscard]] bool isInside(rk::GridPoint cell) const {
    return cell.x >= 0 && cell.x < extent_.x && cell.y >= 0 &&
           cell.y < extent_.y && cell.z >= 0 && cell.z < extent_.z;
  }
  [[nodiscard]] bool isOpen(rk::GridPoint cell) const {
    return isInside(cell) && !isWall(cell);
  }
  static rk::GridPoint neighbour(rk::GridPoint cell, unsigned face) {
    std::int64_t *const axes[] = {&cell.x, &cell.y, &cell.z};
    *axes[face / 2] += face % 2 == 0 ? -1 : 1;
    return cell;
  }
  template <class Body> void forEach(Body body) const {
    for (std::int64_t z = 0; z < extent_.z; ++z)
      for (std::int64_t y = 0; y < extent_.y; ++y)
        for (std::int64_t x = 0; x < extent_.x; ++x)
          body({x, y, z});
  }

  rk::GridPoint extent_;
  unsigned dimensions_;
  std::vector<float> reflection_, absorption_;
  std::array<double, 6> faces_;
};

} // namespace example
