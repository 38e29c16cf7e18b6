//===- CpuHalo.h - Values beyond faces, by rows -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Two ways to keep halos as boundary conditions say: all of one axis of an
/// array, as `abi::fillHalo` does cell by cell; and what follows from a box of
/// cells that was just updated, by the thread that did so, for plans that make
/// several steps before anybody else looks.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilHalo.h"
#include "rk/modfile/StencilModel.h"

#include <cstdint>
#include <vector>

namespace rk::runtime {

/// Rows along x that an axis of a halo has: pieces of work for `fillHaloRow`.
constexpr std::int64_t haloRows(const abi::StencilHalo &halo) {
  return abi::haloSpan(halo, 1) * abi::haloSpan(halo, 2);
}
/// Writes what `abi::fillHalo` writes in row `row` of 0 to `haloRows` - 1.
/// Rows do not touch each other.
void fillHaloRow(const abi::StencilHalo &halo, std::int64_t row);

/// A place outside of the grid along an axis, and the cell whose value it has.
struct MirroredPlace {
  std::int64_t place, source;
};

/// The halos of one array that is written.
class DerivedHalo {
public:
  /// `axes` says which axes are kept; bit 0 is x.
  DerivedHalo(const modfile::StencilArrayView &array,
              const abi::StencilLaunch &launch, std::uint32_t axes);

  [[nodiscard]] bool isEmpty() const {
    return places_[0].empty() && places_[1].empty() && places_[2].empty();
  }
  /// Writes each place whose source is in `box`, of the array at `address`.
  void derive(std::uint64_t address, const abi::StencilBox &box) const;

private:
  /// The part of a row that is copied with it.
  struct Span {
    std::int64_t begin, end;
  };
  void deriveRow(char *row, const abi::StencilBox &box) const;
  void copyRow(char *array, const Span &span, std::int64_t toY,
               std::int64_t toZ, std::int64_t fromY, std::int64_t fromZ) const;

  std::vector<MirroredPlace> places_[3];
  std::int64_t bytes_, origin_, pitch_, plane_, extentX_, reachX_;
};

} // namespace rk::runtime
