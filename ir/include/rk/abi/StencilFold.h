//===- StencilFold.h - Reductions of the source -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How the values of all cells become one by `[[rk::reduce]]`. The order is
/// that of `abi/StencilReduction.h`: chunks of 1024 values, in which lane l of
/// 32 combines the values l, l + 32, l + 64, ... one after the other, and takes
/// in lane l + 16, then l + 8, and so on; the results of the chunks, in their
/// order, are reduced in the same way. Lanes without a value are left out, so
/// nothing is needed that changes no value when it is combined.
///
/// A stage is two kernels: one makes the lanes, of cells or of the results of
/// the stage before, and one makes a result of the lanes of each chunk.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilReduction.h"

#include "rk/abi/Stencil.h"

namespace rk::abi {

struct StencilFold {
  /// How many lanes, or results, are made.
  int64_t count;
  /// How many values the stage reduces.
  int64_t values;
  /// The lanes of chunks become results; else values become lanes.
  uint64_t makesResults;
  /// Addresses: the values or lanes, and what is made of them.
  uint64_t from;
  uint64_t to;
  uint64_t reserved;
  /// Where the cells are, in the kernel that makes lanes of them.
  StencilLaunch launch;
};
static_assert(offsetof(StencilFold, values) == 8 &&
              offsetof(StencilFold, to) == 32 &&
              offsetof(StencilFold, launch) == 48 &&
              sizeof(StencilFold) == 1520);

/// One index of a stage, for values of type T; `combine(all, one)` puts `one`
/// into `all`.
template <class T, class Combine>
inline void foldIndex(const StencilFold &fold, int64_t index, Combine combine) {
  T *from = reinterpret_cast<T *>(fold.from);
  T *to = reinterpret_cast<T *>(fold.to);
  if (fold.makesResults) {
    // The lanes of a chunk are this index's alone.
    T *lanes = from + index * ReductionLanes;
    const int64_t left = fold.values - index * ReductionChunk;
    const int64_t count = left < ReductionLanes ? left : ReductionLanes;
    for (int64_t distance = ReductionLanes / 2; distance != 0; distance /= 2)
      for (int64_t lane = 0; lane < distance && lane + distance < count; ++lane)
        combine(&lanes[lane], &lanes[lane + distance]);
    to[index] = lanes[0];
    return;
  }
  const int64_t chunk = index / ReductionLanes;
  const int64_t begin = chunk * ReductionChunk + index % ReductionLanes;
  const int64_t limit = (chunk + 1) * ReductionChunk;
  const int64_t end = limit < fold.values ? limit : fold.values;
  if (begin >= end)
    return;
  T all = from[begin];
  for (int64_t value = begin + ReductionLanes; value < end;
       value += ReductionLanes)
    combine(&all, &from[value]);
  to[index] = all;
}

} // namespace rk::abi
