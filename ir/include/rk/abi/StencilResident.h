//===- StencilResident.h - What a resident stencil gets --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The argument of the kernel of the plan `resident`, and what rkc tells the
/// device library about a stencil.
///
/// Each block owns a brick of cells for all steps of a launch, in shared
/// memory: every entry of every array, with a halo. After `depth` steps, blocks
/// exchange halos over the boards: for each written array, one packet for each
/// cell in each of `2 * depth` slots, in global memory. A packet has the value
/// and a mark, the number of the step that made it; the mark arrives with the
/// value. Only the cells near the faces of bricks are ever written there.
///
/// A packet of a value of 8 bytes is {low, mark, high, mark}, of any other
/// {value, mark}: each 8 bytes vouch for themselves.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stencil.h"

namespace rk::abi {

inline constexpr uint32_t MaxStencilArrays = MaxStencilEntries;
inline constexpr uint32_t MaxResidentDepth = 4;
/// Threads of a block that update cells, and that receive halos.
inline constexpr uint32_t ResidentComputers = 512;
inline constexpr uint32_t ResidentReceivers = 256;
inline constexpr uint32_t ResidentThreads =
    ResidentComputers + ResidentReceivers;

/// How rkc describes an array to the device library; constant in the image.
struct ResidentArrayShape {
  uint32_t entries;
  uint32_t elementBytes;
  uint32_t levels;
  uint32_t isWritten;
  uint32_t hasHalo; ///< a cell reads it of its neighbours
};
struct ResidentShape {
  uint32_t arrays;
  uint32_t vector; ///< cells along x that one call of the update computes
  ResidentArrayShape array[MaxStencilArrays];
};
static_assert(sizeof(ResidentShape) == 8 + 20 * MaxStencilArrays);

struct ResidentArray {
  /// The array's packets; 0 if none are exchanged.
  uint64_t board;
  /// Units     bytes: where the first entry lies in shared memory, and from
  ///           one entry to the next.
  uint32_t shared;
  uint32_t entryBytes;
};

/// How the host has cut the grid. Units: cells and elements, unless noted.
struct ResidentGrid {
  uint32_t bricks[3];
  /// Steps from one exchange to the next: a power of two.
  uint32_t depth;
  /// How far the update reads along each axis.
  int32_t width[3];
  /// Bit `axis`: halos along it are received, as there are several bricks or
  /// the faces are not fixed.
  uint32_t exchanges;
  /// A row of a brick in shared memory: elements before its first cell; from
  /// one row, and one plane, to the next.
  uint32_t left;
  uint32_t strideY;
  uint32_t strideZ;
  /// From one row to the next on a board, and from one slot to the next.
  uint32_t boardPitch;
  uint64_t boardCells;
  /// Lanes side by side along x, as powers of two: of those that compute, and
  /// of those that receive.
  uint32_t computeLanes;
  uint32_t receiveLanes;
  /// Units     bytes: where the lists of rows lie in shared memory.
  uint32_t rows;
  uint32_t sources;
  /// The mark of the launch's first step is one more.
  uint32_t mark;
  uint32_t reserved;
  /// The address of a 32-bit word: the mark that a block has waited for in
  /// vain, or 0.
  uint64_t fault;
  ResidentArray arrays[MaxStencilArrays];
};

struct ResidentLaunch {
  StencilLaunch launch;
  ResidentGrid grid;
};
static_assert(sizeof(ResidentGrid) == 88 + 16 * MaxStencilArrays &&
              sizeof(ResidentLaunch) == 1392 + 608);

/// What lies at the start of a block's shared memory.
struct ResidentHeader {
  int32_t first[3];
  int32_t size[3];
  /// Rows near faces, other rows of the brick, and the rings around it.
  uint32_t classes[2 + MaxResidentDepth];
  uint32_t cursors[2 + MaxResidentDepth];
  /// In the list of sources: received rows from the front, the brick's from
  /// the back.
  uint32_t received, own;
  uint32_t hasGivenUp;
  uint32_t reserved[11];
};
static_assert(sizeof(ResidentHeader) == 128);

/// A row to be computed: where it lies in shared memory and on the boards, and
/// which row of the grid it is.
struct ResidentRow {
  uint32_t element;
  uint32_t cell;
  int32_t y, z;
};
/// A row to be received.
struct ResidentSource {
  uint32_t element;
  uint32_t cell;
};

} // namespace rk::abi
