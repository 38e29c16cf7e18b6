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
/// memory: every entry of every array, with a halo. After a step, blocks
/// exchange halos in one of two ways.
///
/// - Near: blocks of one cluster write the new values straight into each
/// other's
///   halos, and an mbarrier counts the bytes that have come.
/// - Far: over the boards. For each written array there is one packet for each
///   cell in each of two slots, in global memory. A packet has the value and a
///   mark, the number of the step that made it; the mark arrives with the
///   value. Only the cells near the faces of bricks are ever written there. A
///   packet of a value of 8 bytes is {low, mark, high, mark}, of any other
///   {value, mark}: each 8 bytes vouch for themselves. Where computing threads
///   receive, packets are those of whole vectors instead
///   (runtime/device/common/stencil/VectorBoard.h).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stencil.h"

namespace rk::abi {

inline constexpr uint32_t MaxStencilArrays = MaxStencilEntries;
/// How many rows near a block can need one row, if bricks are at least as wide
/// as what is read, and along one axis twice as wide.
inline constexpr uint32_t MaxResidentReaders = 5;
/// Vectors that a thread keeps of one row for the next.
inline constexpr uint32_t MaxResidentCarried = 64;
/// Threads of a block that update cells, and that receive halos.
inline constexpr uint32_t ResidentComputers = 512;
inline constexpr uint32_t ResidentReceivers = 128;
inline constexpr uint32_t ResidentThreads =
    ResidentComputers + ResidentReceivers;

/// What the names of the plan's kernels end with, by ResidentShape::isDirect
/// and twice ResidentShape::between. Those that are direct are there for stars
/// alone.
inline constexpr const char *ResidentSuffixes[] = {"", "_direct", "_between",
                                                   "_direct_between"};

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
  /// A cell reads of rows that lie beside it along y and z at once.
  uint32_t readsCorners;
  /// In the kernel of a star whose computing threads receive.
  uint32_t isDirect;
  /// In a kernel that also damps layers, feeds sources and records probes.
  uint32_t between;
  ResidentArrayShape array[MaxStencilArrays];
};
static_assert(sizeof(ResidentShape) == 20 + 20 * MaxStencilArrays);

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
  /// How many bricks along each axis the blocks of a cluster have.
  uint32_t tile[3];
  /// How far the update reads along each axis.
  int32_t width[3];
  /// Bit `axis`: halos along it come from other bricks, or from the brick
  /// itself as the faces are not fixed.
  uint32_t exchanges;
  /// Blocks of a cluster, each of them with itself too, exchange without the
  /// boards. False where a cluster would be one block.
  uint32_t isNear;
  /// A row of a brick in shared memory: elements before its first cell; from
  /// one row, and one plane, to the next.
  uint32_t left;
  uint32_t strideY;
  uint32_t strideZ;
  /// From one row to the next on a board, and from one slot to the next.
  uint32_t boardPitch;
  /// Lanes side by side along x, as powers of two: of those that compute, and
  /// of those that receive. Rows above each other that a thread computes.
  uint32_t computeLanes;
  uint32_t receiveLanes;
  uint32_t column;
  /// Units     bytes: where the lists of rows lie in shared memory. The inlets
  /// of a column are `residentInletPlaces` sources; the first one's `element`
  /// is how many there are.
  uint32_t rows;
  uint32_t sources;
  uint32_t inlets;
  /// Each thread computes one column of whole vectors at most, and receives
  /// over the boards: a kernel with ResidentShape::isDirect.
  uint32_t isDirect;
  /// The mark of the launch's first step is one more.
  uint32_t mark;
  /// A bit for each face that is left to the stencil's boundary.
  uint32_t leftFaces;
  uint64_t boardCells;
  /// The address of a 32-bit word: the mark that a block has waited for in
  /// vain, or 0.
  uint64_t fault;
  ResidentArray arrays[MaxStencilArrays];
};

struct ResidentLaunch {
  StencilLaunch launch;
  ResidentGrid grid;
};
static_assert(sizeof(ResidentGrid) == 112 + 16 * MaxStencilArrays &&
              sizeof(ResidentLaunch) == 1472 + 624);

/// What lies at the start of a block's shared memory.
struct ResidentHeader {
  /// Two mbarriers, for even and odd steps: the bytes that came near.
  uint64_t arrivals[2];
  int32_t first[3];
  int32_t size[3];
  /// In the list of sources: far rows from the front, the brick's from the
  /// back. Near rows are only counted.
  uint32_t received, own, near;
  uint32_t hasGivenUp;
  uint32_t reserved[2];
};
static_assert(sizeof(ResidentHeader) == 64);

/// A row of the brick, and who reads it.
struct alignas(16) ResidentRow {
  uint32_t cell; ///< where it lies on the boards
  uint32_t isFar;
  uint32_t count; ///< of the readers that are near
  /// The rank of a block in the cluster, by 2^24, and the element of its copy.
  uint32_t near[MaxResidentReaders];
};
static_assert(sizeof(ResidentRow) == 32);

/// A row to be received from the boards.
struct ResidentSource {
  uint32_t element;
  uint32_t cell;
};

/// Places in the list of what a column of rows reads of other bricks: its
/// length, one for each row at both sides, and one above and below.
constexpr uint32_t residentInletPlaces(uint32_t column) {
  return 3 + 2 * column;
}

} // namespace rk::abi
