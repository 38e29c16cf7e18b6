//===- PropertyValues.h - Values of random stencils, in plain C++ *- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What grids do with values that are no numbers of C++: numbers of two bytes,
/// and structures.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "PropertyTypes.h"
#include "Reference.h"

#include <concepts>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace property {

template <class T>
concept ShortNumber = std::same_as<T, _Float16> || std::same_as<T, rk::bf16>;
template <class T>
concept Structure = std::is_class_v<T> && !ShortNumber<T>;

/// Calls `visit` with each number of a value.
template <class T, class Visit> void forEachNumber(T &value, Visit visit) {
  using Plain = std::remove_const_t<T>;
  if constexpr (!Structure<Plain>)
    visit(value);
  else if constexpr (std::same_as<Plain, Pair>)
    (visit(value.a), visit(value.b));
  else if constexpr (std::same_as<Plain, Triple> || std::same_as<Plain, Mixed>)
    (visit(value.a), visit(value.b), visit(value.c));
  else
    (visit(value.a), visit(value.b), visit(value.c), visit(value.d),
     visit(value.e), visit(value.f), visit(value.g), visit(value.h),
     visit(value.i));
}

/// What a fixed face gives a field.
template <class T> T valueAtFace(double number) {
  if constexpr (ShortNumber<T>) {
    return T(float(number));
  } else if constexpr (std::same_as<T, Triple>) {
    return {float(number), float(number), float(number)};
  } else if constexpr (Structure<T>) {
    return {}; // another value than 0 is refused
  } else {
    return T(number);
  }
}

/// Whether a face may have a value beside such a field.
template <class T>
constexpr bool TakesFaceValue = !Structure<T> || std::same_as<T, Triple>;

/// What an absorbing layer leaves. A structure's word is damped if it is one
/// number.
template <class T> void damp(T &value, double factor) {
  if constexpr (ShortNumber<T>)
    value = T(float(value) * float(factor));
  else if constexpr (std::floating_point<T>)
    value = value * T(factor);
  else if constexpr (std::same_as<T, Triple>)
    forEachNumber(value, [&](auto &number) { damp(number, factor); });
  else if constexpr (std::same_as<T, Mixed>)
    damp(value.a, factor);
  else if constexpr (std::same_as<T, Wide>)
    for (double *number :
         {&value.a, &value.b, &value.c, &value.d, &value.e, &value.f, &value.g})
      damp(*number, factor);
}

/// Whether a source can add to such a field.
template <class T>
constexpr bool TakesSums = !Structure<T> || std::same_as<T, Triple>;

template <class T> T sumOf(const T &a, const T &b) {
  if constexpr (ShortNumber<T>)
    return T(float(a) + float(b));
  else if constexpr (std::same_as<T, Triple>)
    return {a.a + b.a, a.b + b.b, a.c + b.c};
  else
    return T(a + b);
}

template <class T> void randomizeValue(T &value, std::mt19937_64 &random) {
  forEachNumber(value, [&](auto &number) {
    using Number = std::remove_reference_t<decltype(number)>;
    const double drawn = double(random() >> 11) * 0x1p-53;
    if constexpr (std::is_integral_v<Number>)
      number = Number(drawn * 2);
    else if constexpr (ShortNumber<Number>)
      number = Number(float(2 * drawn - 1));
    else
      number = Number(2 * drawn - 1);
  });
}

template <class T> std::string textOf(const T &value) {
  std::string text;
  forEachNumber(value, [&](const auto &number) {
    char buffer[32];
    using Number = std::remove_cvref_t<decltype(number)>;
    if constexpr (ShortNumber<Number>)
      std::snprintf(buffer, sizeof(buffer), "%.9g", double(float(number)));
    else
      std::snprintf(buffer, sizeof(buffer), "%.17g", double(number));
    text += (text.empty() ? "" : ", ") + std::string(buffer);
  });
  return text;
}

template <class T> class Field;

/// A place beyond a face that is left to the stencil's boundary.
struct Place {
  std::int64_t cell[3];
  int axis;
  bool isHigh;
  std::int64_t extent, steps;

  [[nodiscard]] int face() const { return 2 * axis + (isHigh ? 1 : 0); }
  [[nodiscard]] std::int64_t depth() const {
    return isHigh ? cell[axis] - extent + 1 : -cell[axis];
  }
  [[nodiscard]] std::int64_t x() const { return cell[0]; }
  [[nodiscard]] std::int64_t y() const { return cell[1]; }
  [[nodiscard]] std::int64_t z() const { return cell[2]; }
  [[nodiscard]] std::int64_t step() const { return steps; }
  /// The cell at the face, or some further inside.
  template <class T>
  T at(const Field<T> &field, std::int64_t inward = 0) const {
    return from(field, isHigh ? extent - 1 - inward : inward);
  }
  template <class T> T mirrored(const Field<T> &field) const {
    return from(field, isHigh ? 2 * extent - 1 - cell[axis] : -1 - cell[axis]);
  }

private:
  template <class T> T from(const Field<T> &field, std::int64_t inside) const {
    while (inside < 0 || inside >= extent)
      inside = inside < 0 ? -1 - inside : 2 * extent - 1 - inside;
    std::int64_t other[] = {cell[0], cell[1], cell[2]};
    other[axis] = inside;
    return field.at(other[0], other[1], other[2]);
  }
};

/// One level of a field, or coefficients: a grid that also knows faces that are
/// left to a function.
template <class T> class Field {
public:
  Field(rk::GridPoint extent, const reference::Faces &faces, bool continues,
        const std::int64_t &steps)
      : size{extent.x, extent.y ? extent.y : 1, extent.z ? extent.z : 1},
        values(std::size_t(size[0] * size[1] * size[2])), faces_(&faces),
        steps_(&steps), continues_(continues) {}

  std::int64_t size[3];
  std::vector<T> values;
  /// What the boundary sets; empty: nothing, so that cells are mirrored.
  std::function<T(const Place &)> boundary;

  T &cell(std::int64_t x, std::int64_t y, std::int64_t z) {
    return values[std::size_t((z * size[1] + y) * size[0] + x)];
  }
  T at(std::int64_t x, std::int64_t y, std::int64_t z) const {
    const auto isInside = [this](std::int64_t place, int axis) {
      return std::uint64_t(place) < std::uint64_t(size[axis]);
    };
    if (isInside(x, 0) && isInside(y, 1) && isInside(z, 2))
      return values[std::size_t((z * size[1] + y) * size[0] + x)];
    return beyond(x, y, z);
  }

private:
  T beyond(std::int64_t x, std::int64_t y, std::int64_t z) const {
    std::int64_t place[] = {x, y, z};
    for (int axis = 2; axis >= 0; --axis) {
      const std::int64_t n = size[axis];
      std::int64_t &p = place[axis];
      if (p >= 0 && p < n)
        continue;
      const bool isHigh = p >= n;
      const rk::Face &face =
          (*faces_)[std::size_t(2 * axis + (isHigh ? 1 : 0))];
      if (face.boundary == rk::Boundary::Function && boundary)
        return boundary(
            {{place[0], place[1], place[2]}, axis, isHigh, n, *steps_});
      if ((face.boundary == rk::Boundary::Fixed ||
           face.boundary == rk::Boundary::Absorbing) &&
          !continues_)
        return valueAtFace<T>(face.value);
      while (p < 0 || p >= n)
        if (face.boundary == rk::Boundary::Periodic)
          p += p < 0 ? n : -n;
        else
          p = p < 0 ? -1 - p : 2 * n - 1 - p;
    }
    return values[std::size_t((place[2] * size[1] + place[1]) * size[0] +
                              place[0])];
  }

  const reference::Faces *faces_;
  const std::int64_t *steps_;
  bool continues_;
};

} // namespace property
