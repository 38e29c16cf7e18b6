//===- Stencil.h - What a stencil's kernel gets ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How the arrays of a stencil lie in memory, and the argument of its kernels.
///
/// All arrays of a stencil have one geometry. The cell (x, y, z) is the element
/// `origin + x + y * pitch + z * plane` of each, whatever its type. Around the
/// cells lies a halo, as wide along each axis as the update reads there, which
/// holds what the boundary conditions say. `origin` and `pitch` are multiples
/// of `StencilRowElements`, so that rows start at 128 bytes for 4-byte values.
///
/// The table of addresses has, for each array in the order of the class, its
/// `entries`: level 0, level 1, ... and, if there is one more entry than
/// levels, the array to be written. Without one more, the oldest level is
/// overwritten. After a step, the host turns the entries of the fields that
/// are written by one place: what was written is level 0.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace rk::abi {

inline constexpr uint32_t MaxStencilEntries = 32;
inline constexpr uint32_t MaxStencilParameterBytes = 1024;
inline constexpr uint32_t MaxStencilRadius = 8;
inline constexpr uint32_t MaxStencilLevels = 4;
inline constexpr uint32_t StencilRowElements = 32;
inline constexpr uint32_t MaxStencilElementBytes = 64;
inline constexpr uint32_t MaxStencilResultBytes = 64;

/// What lies beyond a face of the grid.
enum class StencilBoundary : uint32_t {
  Fixed = 0,      ///< a value that never changes
  Reflecting = 1, ///< the cells themselves, mirrored at the face
  Periodic = 2,   ///< the cells of the opposite face
  Absorbing = 3,  ///< fixed, with a layer before it that damps
  Function = 4,   ///< what the stencil's `boundary` sets
};
inline constexpr uint32_t StencilBoundaryCount = 5;

/// Whether what lies beyond a face are copies of cells.
constexpr bool isCopied(StencilBoundary boundary) {
  return boundary == StencilBoundary::Reflecting ||
         boundary == StencilBoundary::Periodic;
}

/// Where the neighbours are that an update reads.
enum class StencilNeighbours : uint32_t {
  Unknown = 0, ///< the module does not say
  Star = 1,    ///< on the axes of the cell only
  Other = 2,
};

/// The faces in the order of `StencilLaunch::boundary`: low and high x, y, z.
inline constexpr uint32_t StencilFaceCount = 6;

/// The argument of every stencil kernel: by value on the GPU, by address on
/// the CPU, where the address of a `StencilBox` follows.
struct StencilLaunch {
  /// Units     cells along x, y, z; 1 for an axis that the stencil has not.
  int64_t extent[3];
  /// Units     elements; from one row, or plane, to the next.
  int64_t pitch;
  int64_t plane;
  /// The element of the cell (0, 0, 0).
  int64_t origin;
  /// The number of the first step of this launch, and how many it makes.
  int64_t firstStep;
  int64_t steps;
  /// A `StencilBoundary` for each face. The halos of a plan of one step a
  /// launch are filled by the host between launches.
  uint32_t boundary[StencilFaceCount];
  /// Units     planes along the last axis that a block of a plan that walks
  ///           along it is for.
  uint32_t depth;
  uint32_t reserved;
  /// Layers of absorbing faces. For each axis the address of a double for each
  /// place, that of place 0; there are some for the places of the halo too,
  /// infinity where no cell is seen. 0: there are no layers.
  uint64_t factors[3];
  /// Cells from `begin` to before `end` along all axes are in no layer, and
  /// read no earlier level in one.
  int64_t clearBegin[3];
  int64_t clearEnd[3];
  /// Sources and probes between the steps of a launch: the address of
  /// `StencilMove`s, and how many.
  uint64_t moves;
  uint64_t moveCount;
  /// Addresses; see above.
  uint64_t entries[MaxStencilEntries];
  /// The object of the user's class.
  alignas(16) unsigned char parameters[MaxStencilParameterBytes];
};
static_assert(offsetof(StencilLaunch, boundary) == 64 &&
              offsetof(StencilLaunch, factors) == 96 &&
              offsetof(StencilLaunch, entries) == 184 &&
              offsetof(StencilLaunch, parameters) == 448 &&
              sizeof(StencilLaunch) == 1472);

/// What the name of a kernel ends with that damps the cells of layers, beside
/// one that does not: those of the CPU, and of the plans `global` and
/// `temporal`. See abi/StencilDamping.h.
inline constexpr const char *DampedSuffix = "_damped";

/// A part of the grid that a kernel of the CPU updates in one call. It is not
/// empty.
struct StencilBox {
  /// Cells from `begin` to before `end`, along x, y, z.
  int64_t begin[3];
  int64_t end[3];
  /// Takes the place of `StencilLaunch::origin`.
  int64_t origin;
  /// Steps that the launch has made before.
  int64_t stepsBefore;
};
static_assert(offsetof(StencilBox, end) == 24 &&
              offsetof(StencilBox, origin) == 48 && sizeof(StencilBox) == 64);

} // namespace rk::abi
