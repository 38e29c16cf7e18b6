//===- StencilReduction.h - One number of a whole field ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reduces numbers to one, in double and in an order that depends on their
/// count alone, so that all back ends agree in every bit.
///
/// The numbers, in the order of cells, fall into chunks of 1024. In a chunk,
/// lane l of 32 combines the numbers l, l + 32, l + 64, ... one after the
/// other; then lane l takes in lane l + 16, and so on with 8, 4, 2 and 1. The
/// results of the chunks, in their order, are reduced in the same way, until
/// one is left. On the GPU a warp does a chunk.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilScalar.h"

namespace rk::abi {

/// Maximum and minimum pass over what is not a number.
enum class StencilCombine : uint32_t { Sum = 0, Minimum = 1, Maximum = 2 };
inline constexpr uint32_t StencilCombineCount = 3;

/// What is taken of a cell.
enum class StencilTerm : uint32_t {
  Value = 0,
  Square = 1,
  Change = 2, ///< the distance from `before`
};

inline constexpr int64_t ReductionLanes = 32;
inline constexpr int64_t ReductionChunk = 32 * ReductionLanes;

constexpr int64_t reductionChunks(int64_t count) {
  return (count + ReductionChunk - 1) / ReductionChunk;
}

/// One stage: makes a number of each chunk.
struct StencilReduction {
  uint64_t array;
  uint64_t before; ///< the array one time level earlier, for `Change`
  uint64_t results;
  int64_t origin;
  int64_t extent[3];
  int64_t pitch, plane;
  StencilScalar scalar;
  StencilTerm term;
  StencilCombine combine;
  uint32_t reserved;
};
static_assert(sizeof(StencilReduction) == 88);

constexpr int64_t reductionCount(const StencilReduction &reduction) {
  return reduction.extent[0] * reduction.extent[1] * reduction.extent[2];
}

/// What changes nothing when it is combined.
constexpr double reductionStart(StencilCombine combine) {
  if (combine == StencilCombine::Sum)
    return 0;
  return combine == StencilCombine::Minimum ? __builtin_inf()
                                            : -__builtin_inf();
}

constexpr double combineNumbers(StencilCombine combine, double all,
                                double one) {
  if (combine == StencilCombine::Sum)
    return all + one;
  if (combine == StencilCombine::Minimum)
    return one < all ? one : all;
  return one > all ? one : all;
}

/// Returns the term of cell `index` in the order of cells.
inline double reductionTerm(const StencilReduction &reduction, int64_t index) {
  const int64_t row = index / reduction.extent[0];
  const int64_t z = row / reduction.extent[1];
  const int64_t element = reduction.origin + index - row * reduction.extent[0] +
                          (row - z * reduction.extent[1]) * reduction.pitch +
                          z * reduction.plane;
  const double value = loadNumber(reduction.scalar, reduction.array, element);
  if (reduction.term == StencilTerm::Value)
    return value;
  if (reduction.term == StencilTerm::Square) {
    const double square = value * value; // its own rounding
    return square;
  }
  const double change =
      value - loadNumber(reduction.scalar, reduction.before, element);
  return change < 0 ? -change : change;
}

/// Returns what lane `lane` makes of chunk `chunk`.
inline double reduceLane(const StencilReduction &reduction, int64_t chunk,
                         int64_t lane) {
  const int64_t count = reductionCount(reduction);
  const int64_t first = chunk * ReductionChunk;
  const int64_t end =
      first + ReductionChunk < count ? first + ReductionChunk : count;
  double all = reductionStart(reduction.combine);
  for (int64_t index = first + lane; index < end; index += ReductionLanes) {
    const double term = reductionTerm(reduction, index);
    all = combineNumbers(reduction.combine, all, term);
  }
  return all;
}

/// Looks for numbers that are not finite.
struct StencilSearch {
  StencilReduction field;
  /// A uint64_t: the least key of such a cell, else all ones.
  uint64_t found;
  /// The key of cell 0: the step, times 2^`SearchCellBits`.
  uint64_t key;
};
inline constexpr uint32_t SearchCellBits = 40;

constexpr bool isFiniteNumber(double value) {
  return __builtin_fabs(value) < __builtin_inf();
}

} // namespace rk::abi
