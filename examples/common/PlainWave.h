//===- PlainWave.h - Waves without RingKernel ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "wave.h"

#include "rk/stencil_run.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace example {

/// The wave equation as loops over arrays, by one thread: what the stencils are
/// compared with, bit for bit. Beyond the faces the pressure is 0.
template <unsigned Dimensions> class PlainWave {
public:
  PlainWave(rk::GridPoint extent, const std::vector<std::int8_t> &neighbours,
            const std::vector<float> &loss, float courant2)
      : extent_(extent), row_(extent.x + 2), plane_(row_ * (extent.y + 2)),
        courant2_(courant2), neighbours_(neighbours), loss_(loss),
        now_(std::size_t(plane_ * (extent.z + 2)), 0), before_(now_) {}

  void set(rk::GridPoint cell, float value) { now_[place(cell)] = value; }

  void step() {
    forEachRow([&](std::size_t from, std::size_t cell) {
      for (std::int64_t x = 0; x < extent_.x; ++x, ++from, ++cell)
        before_[from] = nextOf(from, cell);
    });
    std::swap(now_, before_);
  }

  /// The same without an array for the new values, which is wrong: a cell sees
  /// new values on one side and old ones on the other. What comes out depends
  /// on the order; by several threads at once, on their luck.
  void stepInPlace() {
    forEachRow([&](std::size_t from, std::size_t cell) {
      for (std::int64_t x = 0; x < extent_.x; ++x, ++from, ++cell)
        before_[from] = std::exchange(now_[from], nextOf(from, cell));
    });
  }

  [[nodiscard]] std::vector<float> values() const {
    std::vector<float> result;
    result.reserve(neighbours_.size());
    forEachRow([&](std::size_t from, std::size_t) {
      result.insert(result.end(), now_.begin() + std::ptrdiff_t(from),
                    now_.begin() + std::ptrdiff_t(from) + extent_.x);
    });
    return result;
  }

private:
  [[nodiscard]] std::size_t place(rk::GridPoint cell) const {
    return std::size_t((cell.z + 1) * plane_ + (cell.y + 1) * row_ + cell.x +
                       1);
  }

  [[nodiscard]] float nextOf(std::size_t from, std::size_t cell) const {
    const auto row = std::size_t(row_), plane = std::size_t(plane_);
    float around =
        now_[from + 1] + now_[from - 1] + now_[from + row] + now_[from - row];
    if constexpr (Dimensions == 3)
      around = around + now_[from + plane] + now_[from - plane];
    return nextPressure(now_[from], before_[from], around, neighbours_[cell],
                        loss_[cell], courant2_);
  }

  /// Calls body(place of the row's first cell, number of that cell).
  template <class Body> void forEachRow(Body body) const {
    std::size_t cell = 0;
    for (std::int64_t z = 0; z < extent_.z; ++z)
      for (std::int64_t y = 0; y < extent_.y;
           ++y, cell += std::size_t(extent_.x))
        body(place({0, y, z}), cell);
  }

  rk::GridPoint extent_;
  std::int64_t row_, plane_;
  float courant2_;
  const std::vector<std::int8_t> &neighbours_;
  const std::vector<float> &loss_;
  std::vector<float> now_, before_;
};

} // namespace example
