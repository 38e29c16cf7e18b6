//===- CpuOutside.h - A stencil's boundary between steps --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Calls the stencil's `boundary` for the places whose values follow from a box
/// of cells that was just updated, by the thread that did so: see CpuHalo.h.
///
/// A place is found once the last cell that it reads is there, which is the one
/// at a high face, or the innermost at a low one. Cells that were updated
/// before are not overwritten yet: tiles lean by at least as much as a boundary
/// reads.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "stencil/CpuHalo.h"

#include "rk/abi/StencilOutside.h"

namespace rk::runtime {

/// A kernel of the CPU that handles indices of a range.
using CpuFunction = void(const void *, std::int64_t, std::int64_t);

class CpuOutside {
public:
  /// `steps`: of a launch, which halos in memory are wide for.
  CpuOutside(const modfile::StencilView &stencil,
             const abi::StencilLaunch &launch, CpuFunction *boundary,
             std::int64_t steps);

  /// How far inside of the faces of each axis this reads; -1: none is left.
  [[nodiscard]] const std::int64_t (&reach() const)[3] { return reach_; }
  /// Sets what lies beyond faces of `axis` and follows from `box`. `launch` has
  /// the values of all levels and the number of the step that reads them.
  void set(const abi::StencilLaunch &launch, std::uint32_t axis,
           const abi::StencilBox &box, const CpuFaces &faces) const;

private:
  struct Call;
  void callParts(Call &call, const abi::StencilBox &box,
                 std::uint32_t other) const;
  void callRows(const Call &call, const abi::StencilBox &box) const;

  CpuFunction *boundary_;
  std::int64_t reach_[3] = {-1, -1, -1};
  std::uint32_t leftFaces_ = 0;
  std::int64_t steps_;
};

} // namespace rk::runtime
