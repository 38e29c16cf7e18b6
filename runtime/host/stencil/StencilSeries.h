//===- StencilSeries.h - Values of cells over time --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What sources feed and probes record, step by step.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilCells.h"
#include "rk/abi/StencilScalar.h"
#include "rk/modfile/Module.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rk::runtime {

/// The arrays of a member: one, or one for each word of its values.
[[nodiscard]] std::span<const modfile::StencilArrayView>
partsOf(const modfile::StencilView &stencil,
        const modfile::StencilArrayView &first);
/// Units     bytes: a value of the member.
[[nodiscard]] inline std::size_t
valueBytes(std::span<const modfile::StencilArrayView> parts) {
  return parts.size() * parts.front().elementBytes;
}

/// Memory of the backend.
struct StencilBuffer {
  std::uint64_t address = 0;
  std::size_t bytes = 0;
};
/// The values of cells over time: to be fed, or as they were.
struct StencilSeries {
  /// The arrays of the field: one for each word of its values.
  std::span<const modfile::StencilArrayView> parts;
  std::vector<std::int64_t> elements;
  std::vector<std::int64_t> places; ///< x, y and z of each cell
  abi::StencilTransfer transfer = abi::StencilTransfer::Record;
  abi::StencilScalar scalar = abi::StencilScalar::Bytes;
  bool sharesValues = false; ///< one value is for all cells
  bool touchesHalo = false;
  std::int64_t every = 1; ///< of the steps that are recorded
  std::int64_t begin = 0; ///< how many steps are made before the first fed
  /// What is fed has a step's first words of all cells side by side, then the
  /// second ones; what was recorded has whole values.
  std::vector<std::byte> values;
  std::vector<std::int64_t> steps; ///< that were recorded
  /// What of `values` has been used when the current slice began, and in it.
  std::size_t used = 0, usedInSlice = 0;
  /// `cellBuffer` has the elements and then the places.
  StencilBuffer cellBuffer, valueBuffer;

  /// Of a source: for how many steps there are values.
  [[nodiscard]] std::int64_t stepsLeft() const {
    return transfer == abi::StencilTransfer::Record
               ? 0
               : std::int64_t((values.size() - used - usedInSlice) /
                              stepBytes());
  }
  [[nodiscard]] std::size_t stepBytes() const {
    return valuesOfStep() * valueBytes(parts);
  }
  [[nodiscard]] std::size_t valuesOfStep() const {
    return sharesValues ? 1 : elements.size();
  }
};

} // namespace rk::runtime
