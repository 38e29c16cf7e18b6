//===- outside.h - Places beyond the faces of a grid ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a stencil's boundary sees. It is a member function `boundary`, marked
/// `[[rk::boundary]]`, that gives fields their values beyond the faces for
/// which `rk::Boundary::Function` is chosen.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilOutside.h"
#include "rk/detail/StencilArray.h"

#include <cstdint>
#include <type_traits>

namespace rk {

/// A place beyond a face of a grid of 1 to 3 dimensions. What a boundary reads
/// is inside of that face, on the line through the place. Where a cell is asked
/// for that is beyond the other face, the grid is mirrored there.
///
/// Threads   lives for one call of `boundary`.
template <int Dimensions> class Outside {
  static_assert(Dimensions >= 1 && Dimensions <= 3,
                "a stencil has 1 to 3 dimensions");
  using Access = detail::StencilAccess;
  using From = abi::StencilFrom;

public:
  static constexpr int DimensionCount = Dimensions;

  /// Reads the cell at the face, or the one `Inward` cells further inside.
  template <int Inward = 0, class T, int L>
  T at(const Field<T, L> &field) const {
    return inside<T, 0, Inward>(&field);
  }
  template <int Inward = 0, class T>
  T at(const Coefficients<T> &coefficients) const {
    return inside<T, 0, Inward>(&coefficients);
  }

  /// Reads the value that this cell had one step earlier.
  template <int Inward = 0, class T, int L>
  T previous(const Field<T, L> &field) const {
    checkLevels<L>();
    return inside<T, 1, Inward>(&field);
  }

  /// Reads the cell that is as far inside of the face as the place is outside.
  /// It is what the place has if nothing is set.
  template <class T, int L> T mirrored(const Field<T, L> &field) const {
    return Access::inside<T, 0, From::Mirror, 0>(&field);
  }
  template <class T> T mirrored(const Coefficients<T> &coefficients) const {
    return Access::inside<T, 0, From::Mirror, 0>(&coefficients);
  }

  /// Reads the value that the place itself had one step earlier.
  template <class T, int L> T was(const Field<T, L> &field) const {
    checkLevels<L>();
    return Access::inside<T, 1, From::Place, 0>(&field);
  }

  /// Gives the place its value.
  template <class T, int L>
  void set(const Field<T, L> &field, std::type_identity_t<T> value) {
    Access::write<T>(&field, value);
  }

  /// The place: along the axis of the face it is below 0, or beyond the last
  /// cell. In a corner the other axes can be outside too.
  [[nodiscard]] std::int64_t x() const { return Access::position<0>(); }
  [[nodiscard]] std::int64_t y() const { return Access::position<1>(); }
  [[nodiscard]] std::int64_t z() const { return Access::position<2>(); }

  /// The face, in the order of `StencilOptions::faces`: low x, high x, low y,
  /// and so on.
  [[nodiscard]] std::int64_t face() const { return Access::position<3>(); }
  /// Cells from the face, from 1. The face itself is half a cell inside of the
  /// first, so the mirrored cell is 2 depth() - 1 cells away.
  [[nodiscard]] std::int64_t depth() const { return Access::position<4>(); }
  /// The step that reads the value, from 0: how many have been made.
  [[nodiscard]] std::int64_t step() const { return Access::position<5>(); }

private:
  template <class T, int Level, int Inward> static T inside(const void *array) {
    static_assert(Inward >= 0 && Inward <= int(abi::MaxStencilRadius),
                  "a boundary reads cells 0 to 8 cells inside of the face");
    return Access::inside<T, Level, From::Face, Inward>(array);
  }
  template <int Levels> static constexpr void checkLevels() {
    static_assert(Levels >= 2, "the field does not keep the step before: write "
                               "'rk::Field<T, 2>'");
  }
};

} // namespace rk
