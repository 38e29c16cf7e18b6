//===- Frame.h - Which cells a brick has ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How the grid is cut into bricks, and which cell is seen at each place around
/// a brick.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilHalo.h"
#include "rk/abi/StencilResident.h"

namespace rk::device::stencil {

/// Copies one element of 1, 2, 4 or 8 bytes.
inline void copyElement(void *to, const void *from, uint32_t bytes) {
  switch (bytes) {
  case 1:
    *static_cast<uint8_t *>(to) = *static_cast<const uint8_t *>(from);
    return;
  case 2:
    *static_cast<uint16_t *>(to) = *static_cast<const uint16_t *>(from);
    return;
  case 4:
    *static_cast<uint32_t *>(to) = *static_cast<const uint32_t *>(from);
    return;
  default:
    *static_cast<uint64_t *>(to) = *static_cast<const uint64_t *>(from);
  }
}

/// The row of the grid that a place beyond a brick shows.
struct RowSource {
  int64_t y, z;
  bool isCell; ///< else it lies in the halo of the array in memory
  bool exists; ///< in memory
};

/// Returns the cell along one axis that is seen at `place`; `place` itself if
/// it lies beyond a face where no cell is seen.
inline int64_t sourceAlong(const abi::StencilLaunch &launch, uint32_t axis,
                           int64_t place) {
  const int64_t extent = launch.extent[axis];
  if (place >= 0 && place < extent)
    return place;
  const auto boundary = abi::StencilBoundary(
      launch.boundary[2 * axis + (place >= extent ? 1 : 0)]);
  return abi::isCopied(boundary) ? abi::haloSource(boundary, place, extent)
                                 : place;
}

/// The cells of one brick.
struct Frame {
  uint32_t brick[3];
  int32_t first[3], size[3];
};

/// Where brick `index` begins along an axis; they differ by one cell at most.
__attribute__((always_inline)) inline int32_t
beginOf(const abi::ResidentLaunch &resident, uint32_t axis, uint32_t index) {
  return int32_t(resident.launch.extent[axis] * index /
                 resident.grid.bricks[axis]);
}
/// The brick that has the cell at `place` along an axis.
inline uint32_t brickAt(const abi::ResidentLaunch &resident, uint32_t axis,
                        int64_t place) {
  return uint32_t(((place + 1) * resident.grid.bricks[axis] - 1) /
                  resident.launch.extent[axis]);
}

__attribute__((always_inline)) inline Frame
frameOf(const abi::ResidentLaunch &resident, uint32_t x, uint32_t y,
        uint32_t z) {
  // Written out: an index that is not constant would keep this in memory.
  Frame frame;
  frame.brick[0] = x, frame.brick[1] = y, frame.brick[2] = z;
  frame.first[0] = beginOf(resident, 0, x);
  frame.first[1] = beginOf(resident, 1, y);
  frame.first[2] = beginOf(resident, 2, z);
  frame.size[0] = beginOf(resident, 0, x + 1) - frame.first[0];
  frame.size[1] = beginOf(resident, 1, y + 1) - frame.first[1];
  frame.size[2] = beginOf(resident, 2, z + 1) - frame.first[2];
  return frame;
}

/// The brick of a block: those of a cluster follow each other.
__attribute__((always_inline)) inline Frame
frameOfBlock(const abi::ResidentLaunch &resident, uint32_t block) {
  const abi::ResidentGrid &grid = resident.grid;
  const uint32_t size = grid.tile[0] * grid.tile[1] * grid.tile[2];
  const uint32_t cluster = block / size, rank = block % size;
  const uint32_t x = grid.bricks[0] / grid.tile[0],
                 y = grid.bricks[1] / grid.tile[1];
  return frameOf(
      resident, cluster % x * grid.tile[0] + rank % grid.tile[0],
      cluster / x % y * grid.tile[1] + rank / grid.tile[0] % grid.tile[1],
      cluster / x / y * grid.tile[2] + rank / grid.tile[0] / grid.tile[1]);
}

/// Whether the blocks of two bricks are of one cluster.
inline bool areNear(const abi::ResidentGrid &grid, const Frame &one,
                    const Frame &other) {
  return one.brick[0] / grid.tile[0] == other.brick[0] / grid.tile[0] &&
         one.brick[1] / grid.tile[1] == other.brick[1] / grid.tile[1] &&
         one.brick[2] / grid.tile[2] == other.brick[2] / grid.tile[2];
}
/// The rank of a brick's block in its cluster.
inline uint32_t rankOf(const abi::ResidentGrid &grid, const Frame &frame) {
  return frame.brick[0] % grid.tile[0] +
         grid.tile[0] * (frame.brick[1] % grid.tile[1] +
                         grid.tile[1] * (frame.brick[2] % grid.tile[2]));
}

inline bool isOwn(const Frame &frame, int32_t y, int32_t z) {
  return y >= 0 && y < frame.size[1] && z >= 0 && z < frame.size[2];
}
/// Whether a row lies beyond a brick along y and z at once.
inline bool isCorner(const Frame &frame, int32_t y, int32_t z) {
  return (y < 0 || y >= frame.size[1]) && (z < 0 || z >= frame.size[2]);
}

inline RowSource sourceOf(const abi::ResidentLaunch &resident,
                          const Frame &frame, int32_t y, int32_t z) {
  RowSource found;
  found.y = int64_t(frame.first[1]) + y;
  found.z = sourceAlong(resident.launch, 2, int64_t(frame.first[2]) + z);
  // Beyond a face of z that shows no cells, each place has a value of its own.
  if (found.z >= 0 && found.z < resident.launch.extent[2])
    found.y = sourceAlong(resident.launch, 1, found.y);
  const auto within = [&](uint32_t axis, int64_t place, int64_t width) {
    return place >= -width && place < resident.launch.extent[axis] + width;
  };
  found.isCell = within(1, found.y, 0) && within(2, found.z, 0);
  found.exists = within(1, found.y, resident.grid.width[1]) &&
                 within(2, found.z, resident.grid.width[2]);
  return found;
}

/// Whether `place` of a brick lies beyond a face of the grid: -1: a low one, 1:
/// a high one.
inline int32_t sideOf(const abi::ResidentLaunch &resident, const Frame &frame,
                      uint32_t axis, int32_t place) {
  const int64_t at = int64_t(frame.first[axis]) + place;
  return at < 0 ? -1 : at >= resident.launch.extent[axis] ? 1 : 0;
}
/// Whether it is a face that is left to the boundary.
inline bool isLeft(const abi::ResidentLaunch &resident, uint32_t axis,
                   int32_t side) {
  return side != 0 &&
         (resident.grid.leftFaces >> (2 * axis + (side > 0 ? 1 : 0)) & 1) != 0;
}
/// Whether a row is the brick's, or lies beyond a face that is left to the
/// boundary; and which cells of it, from `begin` to before `stop`.
inline bool findSaved(const abi::ResidentLaunch &resident, const Frame &frame,
                      int32_t y, int32_t z, int32_t &begin, int32_t &stop) {
  const int32_t wide = resident.grid.width[0], size = frame.size[0];
  const auto side = [&](uint32_t axis, int32_t place) {
    return sideOf(resident, frame, axis, place);
  };
  if (isOwn(frame, y, z)) {
    begin = isLeft(resident, 0, side(0, -1)) ? -wide : 0;
    stop = isLeft(resident, 0, side(0, size)) ? size + wide : size;
    return true;
  }
  begin = -wide, stop = size + wide;
  const int32_t sideY = side(1, y), sideZ = side(2, z);
  return (isLeft(resident, 1, sideY) || isLeft(resident, 2, sideZ)) &&
         (sideY != 0 || isOwn(frame, y, 0)) &&
         (sideZ != 0 || isOwn(frame, 0, z));
}

/// Finds a brick's place along an axis (0), that before it (1) and that
/// behind it (2). Returns false if there is none, or if it came before.
inline bool besideAlong(const abi::ResidentLaunch &resident, const Frame &frame,
                        uint32_t axis, uint32_t which, uint32_t &at) {
  const uint32_t own = frame.brick[axis], count = resident.grid.bricks[axis];
  const bool turns = resident.launch.boundary[2 * axis] ==
                     uint32_t(abi::StencilBoundary::Periodic);
  at = own;
  if (which == 0)
    return true;
  const bool isEnd = which == 1 ? own == 0 : own + 1 == count;
  if (isEnd && !turns)
    return false;
  const uint32_t low = own == 0 ? count - 1 : own - 1;
  at = which == 1 ? low : own + 1 == count ? 0 : own + 1;
  return at != own && (which == 1 || at != low || (own == 0 && !turns));
}

} // namespace rk::device::stencil
