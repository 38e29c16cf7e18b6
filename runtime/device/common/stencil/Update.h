//===- Update.h - What rkc makes of a stencil -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions that compute cells, and what a thread keeps for them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Send.h"

#include "rk/abi/Packet.h"
#include "rk/abi/StencilOutside.h"

namespace rk::device::stencil {

/// Computes `count` cells from (x, y, z) on, at `element` of each entry; entry
/// i lies `slots[i]` bytes into `shared`. Leaves the new values of written
/// array i at `made` + i * `MadeBytes` too, and in `carry` what the row above,
/// which comes next, reads again. `damped`: 0 where no cell lies in a layer or
/// reads of one, else 1 more than the steps of this launch before. Made by rkc
/// for each stencil.
using Update = void(unsigned char *shared, const uint32_t *slots,
                    uint32_t element, uint32_t strideY, uint32_t strideZ,
                    unsigned char *carry, const abi::StencilLaunch *launch,
                    int64_t x, int64_t y, int64_t z, uint32_t count,
                    unsigned char *made, uint32_t damped);
/// Fills `carry` for the first row.
using Prime = void(unsigned char *shared, const uint32_t *slots,
                   uint32_t element, uint32_t strideY, uint32_t strideZ,
                   unsigned char *carry);

/// Gives all fields that change their values at a place, whose numbers are
/// those of elements in shared memory. Made by rkc for each stencil that has a
/// boundary.
using SetOutside = void(unsigned char *shared, const uint32_t *slots,
                        const void *parameters, const abi::OutsidePlace *place);

struct Functions {
  Update *update;
  Prime *prime;
  /// For rows that are a thread's only ones: `primeSingle` fills `carry` with
  /// what the row reads of itself, before each step.
  Update *updateSingle;
  Prime *primeSingle;
  SetOutside *outside = nullptr; ///< null: no boundary
};

/// What a thread keeps; apart from all else, so that it can be taken to pieces
/// before loops are unrolled.
struct ThreadValues {
  /// Where each entry lies; level 0 first, what is written last.
  uint32_t slots[abi::MaxStencilEntries];
  alignas(16) unsigned char made[abi::MaxStencilArrays * MadeBytes];
  alignas(16) unsigned char carry[abi::MaxResidentCarried * MadeBytes];
  /// Where the boards of the arrays lie.
  uint64_t boards[abi::MaxStencilArrays];
};

/// Who reads a row, as far as registers have it.
struct Readers {
  uint32_t cell, isFar, count, near[2];
};
[[nodiscard]] __attribute__((always_inline)) inline Readers
readersOf(const ResidentRow &row) {
  return {row.cell, row.isFar, row.count, {row.near[0], row.near[1]}};
}

} // namespace rk::device::stencil
