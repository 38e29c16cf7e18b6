//===- stencil.h - Writing stencils ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a stencil's source includes. A stencil is a class, marked
/// `[[rk::stencil]]`, with the fields of a grid of cells as its members, and
/// one member function `update`, marked `[[rk::update]]`, that computes a
/// cell's new values from its neighbourhood. Other members are parameters, the
/// same for all cells. `rk/stencil_run.h` runs it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stencil.h"
#include "rk/detail/Handlers.h"
#include "rk/detail/HostStubs.h"
#include "rk/detail/Markers.h"

#include <bit>
#include <cstdint>
#include <type_traits>

namespace rk {

/// Which neighbours an update may read: all within the radius, or those on the
/// axes.
enum class Shape : std::uint32_t { Box = 0, Star = 1 };

namespace detail {

template <class T> constexpr void requireElement() {
  static_assert(std::is_trivially_copyable_v<T> && std::is_object_v<T> &&
                    (sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 ||
                     sizeof(T) == 8),
                "the values of a field are trivially copyable and have 1, 2, 4 "
                "or 8 bytes: put larger ones into several fields");
}

} // namespace detail

/// A value of T in every cell that changes from step to step. An update can
/// read the values of the last `Levels` steps.
template <class T, int Levels = 1> class Field {
public:
  using Value = T;
  static constexpr int LevelCount = Levels;
  static_assert(Levels >= 1 && Levels <= int(abi::MaxStencilLevels),
                "a field has 1 to 4 time levels");
};

/// A value of T in every cell that no step changes.
template <class T> class Coefficients {
public:
  using Value = T;
};

/// The cell that an update is for, in a grid of 1 to 3 dimensions. Offsets are
/// template arguments, in cells along x, y and z, at most `Radius` each.
///
/// Threads   lives for one call of `update`.
template <int Dimensions, int Radius = 1, Shape Form = Shape::Box> class Cell {
  static_assert(Dimensions >= 1 && Dimensions <= 3,
                "a stencil has 1 to 3 dimensions");
  static_assert(Radius >= 1 && Radius <= int(abi::MaxStencilRadius),
                "the radius of a stencil is 1 to 8");

public:
  static constexpr int DimensionCount = Dimensions;
  static constexpr int RadiusInCells = Radius;
  static constexpr Shape FormOfAccess = Form;

  /// Reads the value that a cell had before this step.
  template <int X = 0, int Y = 0, int Z = 0, class T, int L>
  T at(const Field<T, L> &field) const {
    checkOffset<X, Y, Z>();
    return read<T, 0, X, Y, Z>(&field);
  }
  template <int X = 0, int Y = 0, int Z = 0, class T>
  T at(const Coefficients<T> &coefficients) const {
    checkOffset<X, Y, Z>();
    return read<T, 0, X, Y, Z>(&coefficients);
  }

  /// Reads the value that a cell had one step earlier than `at` does.
  template <int X = 0, int Y = 0, int Z = 0, class T, int L>
  T previous(const Field<T, L> &field) const {
    return earlier<1, X, Y, Z>(field);
  }

  /// Reads the value that a cell had `Level` steps earlier than `at` does.
  template <int Level, int X = 0, int Y = 0, int Z = 0, class T, int L>
  T earlier(const Field<T, L> &field) const {
    checkOffset<X, Y, Z>();
    static_assert(Level >= 0 && Level < L,
                  "the field keeps fewer time levels: write "
                  "'rk::Field<T, levels>' with one level for each step back, "
                  "and one for the last");
    return read<T, Level, X, Y, Z>(&field);
  }

  /// Gives this cell its new value. If a field is set twice, the last value
  /// counts; one that is not set keeps its value.
  template <int X = 0, int Y = 0, int Z = 0, class T, int L>
  void set(const Field<T, L> &field, std::type_identity_t<T> value) {
    static_assert(X == 0 && Y == 0 && Z == 0,
                  "an update writes its own cell only: let the neighbour read "
                  "what it needs from this one");
    write<T>(&field, value);
  }
  template <int X = 0, int Y = 0, int Z = 0, class T>
  void set(const Coefficients<T> &, std::type_identity_t<T>) {
    static_assert(sizeof(T) == 0, "an update cannot change coefficients: "
                                  "make it an rk::Field");
  }

  /// This cell's place in the grid, from 0.
  [[nodiscard]] std::int64_t x() const { return position<0>(); }
  [[nodiscard]] std::int64_t y() const { return position<1>(); }
  [[nodiscard]] std::int64_t z() const { return position<2>(); }

private:
  template <int X, int Y, int Z> static constexpr void checkOffset() {
    static_assert(X >= -Radius && X <= Radius && Y >= -Radius && Y <= Radius &&
                      Z >= -Radius && Z <= Radius,
                  "the neighbour is farther away than the radius: give "
                  "rk::Cell a larger one");
    static_assert((Dimensions >= 2 || Y == 0) && (Dimensions >= 3 || Z == 0),
                  "the neighbour is along an axis that the stencil has not: "
                  "give rk::Cell more dimensions");
    static_assert(Form == Shape::Box || (X != 0) + (Y != 0) + (Z != 0) <= 1,
                  "the neighbour is not on an axis of this cell: a star has "
                  "none there, use rk::Shape::Box");
  }

  template <class T, int Level, int X, int Y, int Z>
  static T read(const void *array) {
    detail::requireElement<T>();
#if defined(__RKC__)
    if constexpr (std::is_same_v<T, float>)
      return __rk_stencil_read_f32(array, Level, X, Y, Z);
    else if constexpr (std::is_same_v<T, double>)
      return __rk_stencil_read_f64(array, Level, X, Y, Z);
    else if constexpr (sizeof(T) == 1)
      return std::bit_cast<T>(__rk_stencil_read_8(array, Level, X, Y, Z));
    else if constexpr (sizeof(T) == 2)
      return std::bit_cast<T>(__rk_stencil_read_16(array, Level, X, Y, Z));
    else if constexpr (sizeof(T) == 4)
      return std::bit_cast<T>(__rk_stencil_read_32(array, Level, X, Y, Z));
    else if constexpr (sizeof(T) == 8)
      return std::bit_cast<T>(__rk_stencil_read_64(array, Level, X, Y, Z));
#else
    (void)array;
    return detail::NotOnHost{};
#endif
  }

  template <class T> static void write(const void *array, const T &value) {
    detail::requireElement<T>();
#if defined(__RKC__)
    if constexpr (std::is_same_v<T, float>)
      __rk_stencil_write_f32(array, value);
    else if constexpr (std::is_same_v<T, double>)
      __rk_stencil_write_f64(array, value);
    else if constexpr (sizeof(T) == 1)
      __rk_stencil_write_8(array, std::bit_cast<std::uint8_t>(value));
    else if constexpr (sizeof(T) == 2)
      __rk_stencil_write_16(array, std::bit_cast<std::uint16_t>(value));
    else if constexpr (sizeof(T) == 4)
      __rk_stencil_write_32(array, std::bit_cast<std::uint32_t>(value));
    else if constexpr (sizeof(T) == 8)
      __rk_stencil_write_64(array, std::bit_cast<std::uint64_t>(value));
#else
    (void)array;
    (void)value;
    (void)static_cast<int>(detail::NotOnHost{});
#endif
  }

  template <std::uint32_t Axis> static std::int64_t position() {
#if defined(__RKC__)
    return __rk_stencil_position(Axis);
#else
    return detail::NotOnHost{};
#endif
  }
};

namespace detail {

template <class S, class C> C cellOf(void (S::*)(C &) const);

#if defined(__RKC__)
/// What the device calls for one cell; rkc instantiates it for each stencil.
template <class S> [[gnu::used]] void stencilThunk(const S &self) {
  decltype(cellOf(&S::update)) cell;
  self.update(cell);
}
#endif

} // namespace detail

} // namespace rk
