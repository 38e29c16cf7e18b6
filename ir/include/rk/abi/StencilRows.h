//===- StencilRows.h - Rows of a plane, for a CPU --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The second argument of a temporal plan's function on a CPU, `void
/// entry(const StencilLaunch *, const StencilRows *)`: it makes one step in some
/// rows of one plane. In two dimensions a plane is a row, and has one row.
///
/// `planes` has, for each array in the order of the class, each of its levels
/// and, if it is written, the new values: the address of the cell x = y = 0 of
/// the planes -radius, ..., radius from the one to make, where `radius` is how
/// far any array is read along the last axis, at least 1. Only those that the
/// update reads are looked at. Rows of a plane are a pitch apart.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::abi {

struct StencilRows {
  const uint64_t *planes;
  /// The place along the last axis that the update sees.
  int64_t place;
  /// The cells along x, then the rows along y; `shift` is what the update sees
  /// more: the extent, below a periodic face.
  int64_t first[2];
  int64_t end[2];
  int64_t shift[2];
};
static_assert(sizeof(StencilRows) == 64);

} // namespace rk::abi
