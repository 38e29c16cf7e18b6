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
/// several steps before anybody else looks. CpuOutside.h has the same for faces
/// that are left to the stencil's boundary.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilHalo.h"
#include "rk/modfile/StencilModel.h"

#include <algorithm>
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

/// Places along an axis: from `begin` to before `end`.
struct Span {
  std::int64_t begin, end;
};

/// Calls `then(part, away)` for the parts of a span that may reach beyond
/// periodic faces: `part` is in the grid, and `away` from where it is needed.
template <class Then>
void forEachTurn(const Span &span, std::int64_t extent, Then then) {
  for (std::int64_t at = span.begin; at < span.end;) {
    const std::int64_t turn =
        at >= 0 ? at / extent : (at - extent + 1) / extent;
    const std::int64_t away = turn * extent;
    const std::int64_t stop = std::min(span.end, away + extent);
    then(Span{at - away, stop - away}, away);
    at = stop;
  }
}

/// The faces of a launch, and when what lies beyond them can be found: steps
/// update cells in rising order along each axis.
class CpuFaces {
public:
  /// `reach[axis]`: how far inside of a face of the axis that is left to the
  /// boundary this reads. `repeated`: a bit for each axis whose cells beyond
  /// periodic faces are updated as others are.
  CpuFaces(const modfile::StencilView &stencil,
           const abi::StencilLaunch &launch, const std::int64_t (&reach)[3],
           std::uint32_t repeated);

  /// Whether the box has the last cell that places beyond a face wait for.
  [[nodiscard]] bool finds(std::uint32_t axis, std::uint32_t side,
                           const abi::StencilBox &box) const {
    const std::int64_t last = last_[2 * axis + side];
    return last >= box.begin[axis] && last < box.end[axis];
  }
  /// The box's cells along an axis, and what lies beyond faces that it finds.
  [[nodiscard]] std::vector<Span> spans(std::uint32_t axis,
                                        const abi::StencilBox &box) const;
  /// How far any array is read along an axis.
  [[nodiscard]] std::int64_t width(std::uint32_t axis) const {
    return width_[axis];
  }

private:
  std::int64_t last_[abi::StencilFaceCount] = {};
  std::int64_t width_[3] = {}, extent_[3];
  std::uint32_t repeated_;
};

/// A place outside of the grid along an axis, and the cell whose value it has.
struct MirroredPlace {
  std::int64_t place, source;
};

/// The halos of one array that is written.
class DerivedHalo {
public:
  /// `axes` says which axes are kept; bit 0 is x. `mirrors`: what is left to
  /// the boundary is mirrored, as it does not set this array.
  DerivedHalo(const modfile::StencilArrayView &array,
              const abi::StencilLaunch &launch, std::uint32_t axes,
              bool mirrors);

  [[nodiscard]] bool isEmpty() const {
    return places_[0].empty() && places_[1].empty() && places_[2].empty();
  }
  /// Writes each place beyond faces of `axis` whose source is in `box`, of the
  /// array at `address`. Axes take their turns from x on: what was found along
  /// one is a source along those behind it.
  void derive(std::uint32_t axis, std::uint64_t address,
              const abi::StencilBox &box, const CpuFaces &faces) const;

private:
  void deriveRow(char *row, const abi::StencilBox &box) const;
  void copyRow(char *array, const std::vector<Span> &spans, std::int64_t toY,
               std::int64_t toZ, std::int64_t fromY, std::int64_t fromZ) const;

  std::vector<MirroredPlace> places_[3];
  std::int64_t bytes_, origin_, pitch_, plane_;
};

} // namespace rk::runtime
