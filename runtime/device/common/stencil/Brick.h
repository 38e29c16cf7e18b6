//===- Brick.h - A block's part of a resident stencil -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where the cells of a brick come from, the lists of its rows, and the way
/// between global and shared memory. A `Machine` is what a thread can do: its
/// numbers, barriers of its block, and accesses of packets; the GPU's is
/// nvptx/StencilResident.cpp, and a test has one of threads of the CPU.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilHalo.h"
#include "rk/abi/StencilResident.h"

namespace rk::device::stencil {

using abi::ResidentHeader;
using abi::ResidentLaunch;
using abi::ResidentRow;
using abi::ResidentShape;
using abi::ResidentSource;

/// The row of the grid that a place beyond a brick shows.
struct RowSource {
  int64_t y, z;
  bool isCell; ///< else it lies in the halo of the array in memory
  bool exists; ///< in memory
};

/// Returns the cell along one axis that is seen at `place`; `place` itself if
/// it lies beyond a fixed face.
inline int64_t sourceAlong(const abi::StencilLaunch &launch, uint32_t axis,
                           int64_t place) {
  const int64_t extent = launch.extent[axis];
  if (place >= 0 && place < extent)
    return place;
  const auto boundary = abi::StencilBoundary(
      launch.boundary[2 * axis + (place >= extent ? 1 : 0)]);
  return boundary == abi::StencilBoundary::Fixed
             ? place
             : abi::haloSource(boundary, place, extent);
}

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

template <class Machine> class Brick {
public:
  __attribute__((always_inline)) Brick(const ResidentLaunch &resident,
                                       const ResidentShape &shape,
                                       unsigned char *shared)
      : launch(resident.launch), grid(resident.grid), shape(shape),
        shared(shared), header(*reinterpret_cast<ResidentHeader *>(shared)),
        rows(reinterpret_cast<ResidentRow *>(shared + grid.rows)),
        sources(reinterpret_cast<ResidentSource *>(shared + grid.sources)) {
    // Written out: an index that is not constant would keep this in memory.
    const uint32_t block = Machine::block(), x = grid.bricks[0],
                   y = grid.bricks[1];
    first[0] = beginOf(0, block % x), first[1] = beginOf(1, block / x % y),
    first[2] = beginOf(2, block / x / y);
    size[0] = beginOf(0, block % x + 1) - first[0];
    size[1] = beginOf(1, block / x % y + 1) - first[1];
    size[2] = beginOf(2, block / x / y + 1) - first[2];
    outer[0] = grid.width[0];
    outer[1] = int32_t(grid.depth) * grid.width[1];
    outer[2] = int32_t(grid.depth) * grid.width[2];
  }

  /// Brings all entries here, and lists the rows. All threads call it.
  void begin() {
    const uint32_t thread = Machine::thread();
    if (thread < sizeof(ResidentHeader) / 4)
      reinterpret_cast<uint32_t *>(shared)[thread] = 0;
    Machine::sync();
    if (thread == 0)
      for (uint32_t axis = 0; axis < 3; ++axis) {
        header.first[axis] = first[axis];
        header.size[axis] = size[axis];
      }
    forEachRow([&](int32_t y, int32_t z, uint32_t lane) { load(y, z, lane); });
    forEachRowOnce([&](int32_t y, int32_t z) { countRow(y, z); });
    Machine::sync();
    if (thread == 0)
      for (uint32_t i = 1; i < 2 + grid.depth; ++i)
        header.cursors[i] = header.cursors[i - 1] + header.classes[i - 1];
    Machine::sync();
    forEachRowOnce([&](int32_t y, int32_t z) { listRow(y, z); });
    Machine::sync();
  }

  /// Writes the cells of all fields that change to global memory.
  void end() {
    forEachRow([&](int32_t y, int32_t z, uint32_t lane) {
      if (!isOwn(y, z))
        return;
      const int64_t from = elementOf(y, z);
      const int64_t to = globalElement(first[1] + y, first[2] + z);
      uint32_t entry = 0;
      for (uint32_t a = 0; a < shape.arrays; ++a)
        for (uint32_t e = 0; e < shape.array[a].entries; ++e, ++entry)
          if (shape.array[a].isWritten)
            for (int32_t x = int32_t(lane); x < size[0]; x += Lanes)
              copyElement(global(a, entry, to + x), local(a, e, from + x),
                          shape.array[a].elementBytes);
    });
  }

  [[nodiscard]] bool exchangesX() const { return (grid.exchanges & 1) != 0; }

  /// The element in shared memory of a row's first cell.
  [[nodiscard]] uint32_t elementOf(int32_t y, int32_t z) const {
    return grid.left + uint32_t(y + outer[1]) * grid.strideY +
           uint32_t(z + outer[2]) * grid.strideZ;
  }

  const abi::StencilLaunch &launch;
  const abi::ResidentGrid &grid;
  const ResidentShape &shape;
  unsigned char *shared;
  ResidentHeader &header;
  ResidentRow *rows;
  ResidentSource *sources;
  int32_t first[3], size[3], outer[3];

private:
  static constexpr uint32_t Lanes = 32;
  static constexpr uint32_t None = ~0u;

  /// Where brick `index` begins along an axis; they differ by one cell at most.
  [[nodiscard]] __attribute__((always_inline)) int32_t
  beginOf(uint32_t axis, uint32_t index) const {
    return int32_t(launch.extent[axis] * index / grid.bricks[axis]);
  }
  [[nodiscard]] bool isOwn(int32_t y, int32_t z) const {
    return y >= 0 && y < size[1] && z >= 0 && z < size[2];
  }

  [[nodiscard]] RowSource sourceOf(int32_t y, int32_t z) const {
    RowSource found;
    found.y = sourceAlong(launch, 1, int64_t(first[1]) + y);
    found.z = sourceAlong(launch, 2, int64_t(first[2]) + z);
    const auto within = [&](uint32_t axis, int64_t place, int64_t width) {
      return place >= -width && place < launch.extent[axis] + width;
    };
    found.isCell = within(1, found.y, 0) && within(2, found.z, 0);
    found.exists =
        within(1, found.y, grid.width[1]) && within(2, found.z, grid.width[2]);
    return found;
  }

  /// Which list a row belongs to: 0 near a face of the brick, 1 inside, then
  /// the rings around it that are computed too.
  [[nodiscard]] uint32_t classOf(int32_t y, int32_t z) const {
    const int32_t place[3] = {0, y, z};
    uint32_t ring = 0;
    bool isNear = false;
    for (uint32_t axis = 1; axis < 3; ++axis) {
      const int32_t beyond =
          place[axis] < 0 ? -place[axis] : place[axis] - size[axis] + 1;
      const int32_t width = grid.width[axis];
      if (beyond > 0) {
        const auto its = uint32_t((beyond + width - 1) / width);
        ring = its > ring ? its : ring;
      }
      isNear |= (grid.exchanges >> axis & 1) != 0 &&
                (place[axis] < outer[axis] ||
                 place[axis] >= size[axis] - outer[axis]);
    }
    if (ring == 0)
      return isNear ? 0 : 1;
    return ring < grid.depth && sourceOf(y, z).isCell ? ring + 1 : None;
  }

  void countRow(int32_t y, int32_t z) {
    const uint32_t its = classOf(y, z);
    if (its != None)
      Machine::fetchAdd(&header.classes[its], 1);
  }

  void listRow(int32_t y, int32_t z) {
    const uint32_t its = classOf(y, z);
    const RowSource from = sourceOf(y, z);
    const auto cell =
        uint32_t((from.z * launch.extent[1] + from.y) * grid.boardPitch);
    if (its != None)
      rows[Machine::fetchAdd(&header.cursors[its], 1)] = {
          elementOf(y, z), cell, int32_t(from.y), int32_t(from.z)};
    const ResidentSource source = {elementOf(y, z), cell};
    if (isOwn(y, z))
      sources[rowCount() - 1 - Machine::fetchAdd(&header.own, 1)] = source;
    else if (from.isCell)
      sources[Machine::fetchAdd(&header.received, 1)] = source;
  }

  [[nodiscard]] uint32_t rowCount() const {
    return uint32_t((size[1] + 2 * outer[1]) * (size[2] + 2 * outer[2]));
  }

  /// Calls `visit(y, z, lane)` for all rows, halo included: a warp for each.
  template <class Visit> void forEachRow(Visit visit) const {
    const uint32_t warps = Machine::threads() / Lanes;
    for (uint32_t row = Machine::thread() / Lanes; row < rowCount();
         row += warps)
      visitRow(row, [&](int32_t y, int32_t z) {
        visit(y, z, Machine::thread() % Lanes);
      });
  }
  /// Calls `visit(y, z)` for all rows: a thread for each.
  template <class Visit> void forEachRowOnce(Visit visit) const {
    for (uint32_t row = Machine::thread(); row < rowCount();
         row += Machine::threads())
      visitRow(row, visit);
  }
  template <class Visit> void visitRow(uint32_t row, Visit visit) const {
    const auto high = uint32_t(size[1] + 2 * outer[1]);
    visit(int32_t(row % high) - outer[1], int32_t(row / high) - outer[2]);
  }

  void load(int32_t y, int32_t z, uint32_t lane) const {
    const RowSource from = sourceOf(y, z);
    if (!from.exists)
      return;
    const int64_t to = elementOf(y, z), row = globalElement(from.y, from.z);
    uint32_t entry = 0;
    for (uint32_t a = 0; a < shape.arrays; ++a)
      for (uint32_t e = 0; e < shape.array[a].entries; ++e, ++entry)
        for (int32_t x = int32_t(lane) - outer[0]; x < size[0] + outer[0];
             x += Lanes)
          copyElement(local(a, e, to + x), global(a, entry, row + x),
                      shape.array[a].elementBytes);
  }

  /// The element in global memory of this brick's first cell in a row.
  [[nodiscard]] int64_t globalElement(int64_t y, int64_t z) const {
    return launch.origin + first[0] + y * launch.pitch + z * launch.plane;
  }
  [[nodiscard]] unsigned char *global(uint32_t array, uint32_t entry,
                                      int64_t element) const {
    return reinterpret_cast<unsigned char *>(launch.entries[entry]) +
           element * shape.array[array].elementBytes;
  }
  [[nodiscard]] unsigned char *local(uint32_t array, uint32_t entry,
                                     int64_t element) const {
    return shared + grid.arrays[array].shared +
           entry * grid.arrays[array].entryBytes +
           element * shape.array[array].elementBytes;
  }
};

} // namespace rk::device::stencil
