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
/// same for all cells. A member function `boundary`, marked `[[rk::boundary]]`,
/// says what lies beyond faces (`rk/outside.h`). Member functions marked
/// `[[rk::reduce]]` make a value of each cell, and all values one:
/// `T name(const rk::Cell<...> &cell) const`. `rk/stencil_run.h` runs it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stencil.h"
#include "rk/abi/StencilFold.h"
#include "rk/detail/Handlers.h"
#include "rk/detail/StencilArray.h"
#include "rk/outside.h"

#include <cstdint>
#include <type_traits>

namespace rk {

/// Which neighbours an update may read: all within the radius, or those on the
/// axes.
enum class Shape : std::uint32_t { Box = 0, Star = 1 };

/// How the values of a reduction become one:
/// `[[rk::reduce(rk::Combine::Sum)]]`. Without it, their type says how, by a
/// member `static T combine(const T &, const T &)`. Minimum and maximum pass
/// over NaN.
using Combine = abi::StencilCombine;

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
    return Access::read<T, 0, X, Y, Z>(&field);
  }
  template <int X = 0, int Y = 0, int Z = 0, class T>
  T at(const Coefficients<T> &coefficients) const {
    checkOffset<X, Y, Z>();
    return Access::read<T, 0, X, Y, Z>(&coefficients);
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
    return Access::read<T, Level, X, Y, Z>(&field);
  }

  /// Gives this cell its new value. If a field is set twice, the last value
  /// counts; one that is not set keeps its value.
  template <int X = 0, int Y = 0, int Z = 0, class T, int L>
  void set(const Field<T, L> &field, std::type_identity_t<T> value) {
    static_assert(X == 0 && Y == 0 && Z == 0,
                  "an update writes its own cell only: let the neighbour read "
                  "what it needs from this one");
    Access::write<T>(&field, value);
  }
  template <int X = 0, int Y = 0, int Z = 0, class T>
  void set(const Coefficients<T> &, std::type_identity_t<T>) {
    static_assert(sizeof(T) == 0, "an update cannot change coefficients: "
                                  "make it an rk::Field");
  }

  /// This cell's place in the grid, from 0.
  [[nodiscard]] std::int64_t x() const { return Access::position<0>(); }
  [[nodiscard]] std::int64_t y() const { return Access::position<1>(); }
  [[nodiscard]] std::int64_t z() const { return Access::position<2>(); }

private:
  using Access = detail::StencilAccess;

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
};

namespace detail {

template <class S, class C> C cellOf(void (S::*)(C &) const);

/// Names a reduction, for the host and for the device.
template <auto Method> struct ReductionTag {};

template <auto Method> struct ReductionOf;
template <class S, class T, class C, T (S::*Method)(const C &) const>
struct ReductionOf<Method> {
  using Stencil = S;
  using Value = T;
  using Cell = C;
};

#if defined(__RKC__)
template <class T> bool isNaN(const T &value) {
  if constexpr (std::is_floating_point_v<T>)
    return __builtin_isnan(value);
  else
    return false;
}

/// Puts `one` into `all`.
template <class T, std::uint32_t How> void combineValues(T *all, const T *one) {
  if constexpr (How == std::uint32_t(Combine::Sum))
    *all = *all + *one;
  else if constexpr (How == std::uint32_t(Combine::Minimum))
    *all = *one < *all || isNaN(*all) ? *one : *all;
  else if constexpr (How == std::uint32_t(Combine::Maximum))
    *all = *one > *all || isNaN(*all) ? *one : *all;
  else
    *all = T::combine(*all, *one);
}

template <auto Method> ReductionTag<Method> reductionTag();

/// What the device calls for one cell, for two values, and for one index of a
/// later stage of a reduction.
template <auto Method>
[[gnu::used]] void
reduceThunk(const typename ReductionOf<Method>::Stencil &self,
            typename ReductionOf<Method>::Value *result) {
  const typename ReductionOf<Method>::Cell cell;
  *result = (self.*Method)(cell);
}
template <class T, std::uint32_t How>
[[gnu::used]] void combineThunk(T *all, const T *one) {
  combineValues<T, How>(all, one);
}
template <class T, std::uint32_t How>
[[gnu::used]] void foldThunk(const abi::StencilFold *fold, int64_t index) {
  abi::foldIndex<T>(*fold, index, combineValues<T, How>);
}

// What the kernel of a boundary calls beside it.
extern "C" [[gnu::used]] inline bool
rk_stencil_locate(const abi::StencilOutside *outside, int64_t index,
                  abi::OutsidePlace *place) {
  return abi::locateOutside(*outside, index, *place);
}
extern "C" [[gnu::used]] inline int64_t
rk_stencil_inward(const abi::OutsidePlace *place, int64_t distance) {
  return abi::inwardElement(*place, distance);
}

/// What the device calls for one place beyond a face.
template <class S> [[gnu::used]] void boundaryThunk(const S &self) {
  decltype(cellOf(&S::boundary)) place;
  self.boundary(place);
}

/// What the device calls for one cell; rkc instantiates it for each stencil.
template <class S> [[gnu::used]] void stencilThunk(const S &self) {
  decltype(cellOf(&S::update)) cell;
  self.update(cell);
}
#endif

} // namespace detail

} // namespace rk
