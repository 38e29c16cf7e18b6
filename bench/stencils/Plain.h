//===- Plain.h - The grids that are measured, in plain C++ -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "stencils.h"

#include <rk/stencil_run.h>

#include <cstddef>
#include <string>
#include <vector>

/// Cubes by `Wave`, squares by `Membrane`; both with radius 4.
enum class Equation { Wave, Membrane, Wide, WideMembrane };

struct Shape {
  long n = 0;
  Equation equation = Equation::Wave;
  /// All faces absorb, and there are a source and a probe.
  bool isOpen = false;

  [[nodiscard]] bool isFlat() const {
    return equation == Equation::Membrane || equation == Equation::WideMembrane;
  }
  [[nodiscard]] bool isWide() const {
    return equation == Equation::Wide || equation == Equation::WideMembrane;
  }
  [[nodiscard]] long planes() const { return isFlat() ? 1 : n; }
  [[nodiscard]] double cells() const {
    return double(n) * double(n) * double(planes());
  }
  [[nodiscard]] rk::GridPoint extent() const {
    return {n, n, isFlat() ? 0 : n};
  }
  [[nodiscard]] std::string text() const {
    return std::to_string(n) + (isFlat() ? "^2" : "^3") +
           (isWide() ? "-radius-4" : "") + (isOpen ? "-open" : "");
  }
};

template <class T> std::vector<T> start(const Shape &shape) {
  std::vector<T> values(std::size_t(shape.cells()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = T(i * 2654435761u % 1024) / 1024;
  return values;
}

/// One step in plain C++; `before` becomes the new values.
template <class T>
void plainStep(const Shape &shape, const std::vector<T> &now,
               std::vector<T> &before) {
  const long n = shape.n, planes = shape.planes();
  auto at = [&](long x, long y, long z) {
    const bool inside =
        x >= 0 && x < n && y >= 0 && y < n && z >= 0 && z < planes;
    return inside ? now[std::size_t((z * n + y) * n + x)] : T(0);
  };
  auto ring = [&](long x, long y, long z, long r) {
    const T flat =
        at(x + r, y, z) + at(x - r, y, z) + at(x, y + r, z) + at(x, y - r, z);
    return shape.isFlat() ? flat : flat + at(x, y, z + r) + at(x, y, z - r);
  };
  auto change = [&](long x, long y, long z) {
    const T here = at(x, y, z);
    if (!shape.isWide())
      return T(0.25) * (ring(x, y, z, 1) - T(shape.isFlat() ? 4 : 6) * here);
    T sum = (shape.isFlat() ? 2 : 3) * T(Wide<T>::Weights[0]) * here;
    for (long r = 1; r <= 4; ++r)
      sum = sum + T(Wide<T>::Weights[r]) * ring(x, y, z, r);
    return T(0.0625) * sum;
  };
  for (long z = 0; z < planes; ++z)
    for (long y = 0; y < n; ++y)
      for (long x = 0; x < n; ++x) {
        T &value = before[std::size_t((z * n + y) * n + x)];
        value = 2 * at(x, y, z) - value + change(x, y, z);
      }
}
