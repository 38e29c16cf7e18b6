//===- Brick.h - A block's part of a resident stencil -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The rows of a brick, who reads them, and the way between global and shared
/// memory. A `Machine` is what a thread can do: its numbers, barriers of its
/// block and its cluster, and accesses of packets; the GPU's is
/// nvptx/StencilResident.cpp, and test/unit/device/ResidentTest.cpp has one of
/// threads of the CPU.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Frame.h"

namespace rk::device::stencil {

using abi::ResidentHeader;
using abi::ResidentLaunch;
using abi::ResidentRow;
using abi::ResidentShape;
using abi::ResidentSource;

/// Says that a block has begun: its brick's cells are in its shared memory.
struct Begun {};

template <class Machine> class Brick {
public:
  __attribute__((always_inline)) Brick(const ResidentLaunch &resident,
                                       const ResidentShape &shape,
                                       unsigned char *shared)
      : Brick(resident, shape, shared,
              frameOfBlock(resident, Machine::block())) {}
  /// After `begin`, in another part of the kernel.
  __attribute__((always_inline)) Brick(const ResidentLaunch &resident,
                                       const ResidentShape &shape,
                                       unsigned char *shared, Begun)
      : Brick(resident, shape, shared, Frame()) {
    for (uint32_t axis = 0; axis < 3; ++axis) {
      frame.first[axis] = header.first[axis];
      frame.size[axis] = header.size[axis];
    }
  }

  /// Brings all entries here, and lists the rows. All threads call it.
  __attribute__((always_inline)) void begin() {
    const uint32_t thread = Machine::thread();
    if (thread < sizeof(ResidentHeader) / 4)
      reinterpret_cast<uint32_t *>(shared)[thread] = 0;
    Machine::sync();
    if (thread == 0) {
      for (uint32_t axis = 0; axis < 3; ++axis) {
        header.first[axis] = frame.first[axis];
        header.size[axis] = frame.size[axis];
      }
      Machine::beginArrivals(header.arrivals);
    }
    forEachRow([&](int32_t y, int32_t z, uint32_t lane) { load(y, z, lane); });
    forEachRowOnce(frame, [&](int32_t y, int32_t z) { beginRow(y, z); });
    Machine::sync();
    if (grid.isNear)
      forEachReader([&](const Frame &reader) { listReader(reader); });
    forEachRowOnce(frame, [&](int32_t y, int32_t z) { listSource(y, z); });
    Machine::sync();
    // Neighbours write into halos that are filled.
    Machine::syncTile();
  }

  /// Writes the cells of all fields that change to global memory, and what a
  /// boundary set for earlier levels; the host fills all else.
  void end() {
    forEachRow([&](int32_t y, int32_t z, uint32_t lane) {
      int32_t begin, stop;
      if (!findSaved(resident, frame, y, z, begin, stop))
        return;
      const int64_t from = elementOf(y, z);
      const int64_t to = globalElement(frame.first[1] + y, frame.first[2] + z);
      uint32_t entry = 0;
      for (uint32_t a = 0; a < shape.arrays; ++a)
        for (uint32_t e = 0; e < shape.array[a].entries; ++e, ++entry)
          if (shape.array[a].isWritten)
            for (int32_t x = begin + int32_t(lane); x < stop; x += Lanes)
              copyElement(global(a, entry, to + x), local(a, e, from + x),
                          shape.array[a].elementBytes);
    });
    // A block lives as long as others might write to it.
    Machine::syncTile();
  }

  /// Whether halos along x come over the boards.
  [[nodiscard]] bool exchangesX() const {
    return (grid.exchanges & 1) != 0 && grid.bricks[0] > 1;
  }
  /// Whether they come from the row itself.
  [[nodiscard]] bool turnsX() const {
    return (grid.exchanges & 1) != 0 && grid.bricks[0] == 1;
  }

  /// The element in shared memory of a row's first cell.
  [[nodiscard]] uint32_t elementOf(int32_t y, int32_t z) const {
    return grid.left + uint32_t(y + grid.width[1]) * grid.strideY +
           uint32_t(z + grid.width[2]) * grid.strideZ;
  }
  [[nodiscard]] uint32_t rowOf(int32_t y, int32_t z) const {
    return uint32_t(z * frame.size[1] + y);
  }
  /// What a column reads of other bricks: its length, and from the second on.
  [[nodiscard]] ResidentSource *inletsOf(uint32_t column) const {
    return inlets + column * abi::residentInletPlaces(grid.column);
  }
  /// The rows of a brick and of its halo.
  [[nodiscard]] uint32_t rowCount(const Frame &of) const {
    return uint32_t((of.size[1] + 2 * grid.width[1]) *
                    (of.size[2] + 2 * grid.width[2]));
  }

  /// Where a row lies on the boards.
  [[nodiscard]] uint32_t cellOf(const RowSource &row) const {
    return uint32_t((row.z * launch.extent[1] + row.y) * grid.boardPitch);
  }

  /// Whether a brick receives a row beyond it.
  [[nodiscard]] bool isReceived(const Frame &reader, const RowSource &from,
                                int32_t y, int32_t z) const {
    return !isOwn(reader, y, z) && from.isCell &&
           (shape.readsCorners || grid.leftFaces != 0 ||
            !isCorner(reader, y, z));
  }

  const ResidentLaunch &resident;
  const abi::StencilLaunch &launch;
  const abi::ResidentGrid &grid;
  const ResidentShape &shape;
  unsigned char *shared;
  ResidentHeader &header;
  ResidentRow *rows;
  ResidentSource *sources;
  ResidentSource *inlets;
  Frame frame;

private:
  __attribute__((always_inline))
  Brick(const ResidentLaunch &resident, const ResidentShape &shape,
        unsigned char *shared, const Frame &frame)
      : resident(resident), launch(resident.launch), grid(resident.grid),
        shape(shape), shared(shared),
        header(*reinterpret_cast<ResidentHeader *>(shared)),
        rows(reinterpret_cast<ResidentRow *>(shared + grid.rows)),
        sources(reinterpret_cast<ResidentSource *>(shared + grid.sources)),
        inlets(reinterpret_cast<ResidentSource *>(shared + grid.inlets)),
        frame(frame) {}

  static constexpr int32_t Lanes = Machine::Lanes;

  /// Without near ways, every row near a face goes to the boards.
  void beginRow(int32_t y, int32_t z) {
    if (!isOwn(frame, y, z))
      return;
    const auto isBy = [&](uint32_t axis, int32_t place) {
      return (grid.exchanges >> axis & 1) != 0 &&
             (place < grid.width[axis] ||
              place >= frame.size[axis] - grid.width[axis]);
    };
    ResidentRow &row = rows[rowOf(y, z)];
    row.cell = cellOf(sourceOf(resident, frame, y, z));
    row.isFar = !grid.isNear && (isBy(1, y) || isBy(2, z));
    row.count = 0;
  }

  /// Visits this brick and those beside it along y and z, each once.
  template <class Visit> void forEachReader(Visit visit) const {
    for (uint32_t y = 0; y < 3; ++y)
      for (uint32_t z = 0; z < 3; ++z) {
        uint32_t at[2];
        if (besideAlong(resident, frame, 1, y, at[0]) &&
            besideAlong(resident, frame, 2, z, at[1]))
          visit(frameOf(resident, frame.brick[0], at[0], at[1]));
      }
  }
  /// Lists what a brick reads of this one's rows.
  void listReader(const Frame &reader) {
    const bool isNear = areNear(grid, frame, reader);
    const uint32_t rank = rankOf(grid, reader);
    forEachRowOnce(reader, [&](int32_t y, int32_t z) {
      const RowSource from = sourceOf(resident, reader, y, z);
      if (!isReceived(reader, from, y, z))
        return;
      const auto ownY = int32_t(from.y - frame.first[1]),
                 ownZ = int32_t(from.z - frame.first[2]);
      if (!isOwn(frame, ownY, ownZ))
        return;
      ResidentRow &row = rows[rowOf(ownY, ownZ)];
      if (isNear)
        row.near[Machine::fetchAdd(&row.count, 1)] =
            rank << 24 | elementOf(y, z);
      else
        Machine::poke(&row.isFar, 1);
    });
  }

  [[nodiscard]] bool isFromNear(const RowSource &from) const {
    return grid.isNear && areNear(grid, frame,
                                  frameOf(resident, frame.brick[0],
                                          brickAt(resident, 1, from.y),
                                          brickAt(resident, 2, from.z)));
  }

  /// Lists a row that is received, or that has sides.
  void listSource(int32_t y, int32_t z) {
    const RowSource from = sourceOf(resident, frame, y, z);
    const ResidentSource source = {elementOf(y, z), cellOf(from)};
    if (isOwn(frame, y, z)) {
      sources[rowCount(frame) - 1 - Machine::fetchAdd(&header.own, 1)] = source;
    } else if (isReceived(frame, from, y, z)) {
      if (isFromNear(from))
        Machine::fetchAdd(&header.near, 1);
      else
        sources[Machine::fetchAdd(&header.received, 1)] = source;
    }
  }

  /// Calls `visit(y, z, lane)` for all rows, halo included: a warp for each.
  template <class Visit> void forEachRow(Visit visit) const {
    const uint32_t warps = Machine::threads() / Lanes;
    for (uint32_t row = Machine::thread() / Lanes; row < rowCount(frame);
         row += warps)
      visitRow(frame, row, [&](int32_t y, int32_t z) {
        visit(y, z, Machine::thread() % Lanes);
      });
  }
  /// Calls `visit(y, z)` for all rows of a brick: a thread for each.
  template <class Visit>
  void forEachRowOnce(const Frame &of, Visit visit) const {
    for (uint32_t row = Machine::thread(); row < rowCount(of);
         row += Machine::threads())
      visitRow(of, row, visit);
  }
  template <class Visit>
  void visitRow(const Frame &of, uint32_t row, Visit visit) const {
    const auto high = uint32_t(of.size[1] + 2 * grid.width[1]);
    visit(int32_t(row % high) - grid.width[1],
          int32_t(row / high) - grid.width[2]);
  }

  void load(int32_t y, int32_t z, uint32_t lane) const {
    const RowSource from = sourceOf(resident, frame, y, z);
    if (!from.exists)
      return;
    const int32_t wide = grid.width[0];
    const int64_t to = elementOf(y, z), row = globalElement(from.y, from.z);
    uint32_t entry = 0;
    for (uint32_t a = 0; a < shape.arrays; ++a)
      for (uint32_t e = 0; e < shape.array[a].entries; ++e, ++entry)
        for (int32_t x = int32_t(lane) - wide; x < frame.size[0] + wide;
             x += Lanes)
          copyElement(local(a, e, to + x), global(a, entry, row + x),
                      shape.array[a].elementBytes);
  }

  /// The element in global memory of this brick's first cell in a row.
  [[nodiscard]] int64_t globalElement(int64_t y, int64_t z) const {
    return launch.origin + frame.first[0] + y * launch.pitch + z * launch.plane;
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
