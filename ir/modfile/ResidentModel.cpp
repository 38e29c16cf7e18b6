//===- ResidentModel.cpp - Fields that stay on the chip -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilModelInternal.h"

#include "rk/modfile/ResidentLayout.h"

#include <algorithm>

namespace rk::modfile {

namespace {

constexpr std::int64_t up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}
constexpr std::int64_t parts(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit;
}

/// The lanes side by side along x, as a power of two, with which `threads`
/// handle `rows` rows of `items` in the fewest rounds; and the rounds.
std::pair<std::uint32_t, std::int64_t>
lanesFor(std::int64_t threads, std::int64_t rows, std::int64_t items) {
  std::pair<std::uint32_t, std::int64_t> best = {0, -1};
  for (std::uint32_t power = 0; std::int64_t(1) << power <= threads; ++power) {
    const std::int64_t lanes = std::int64_t(1) << power;
    const std::int64_t rounds =
        parts(rows, threads / lanes) * parts(items, lanes);
    if (best.second < 0 || rounds <= best.second)
      best = {power, rounds};
  }
  return best;
}

/// Cycles where computing threads receive: of a row, for 16 bytes of a thread;
/// from one step to the next; and for each byte that comes. Measured on an
/// H200, over `Measured`: where warps receive, 64^3, 96^3 and 128^3
/// took 1.42, 3.72 and 5.22 us where the cycles counted say 1.16, 2.50
/// and 3.97.
constexpr double Measured = 1.35;
constexpr double DirectRow = 590 / Measured, DirectExchange = 1250 / Measured,
                 DirectByte = 0.02 / Measured;

class Cutter {
public:
  Cutter(const StencilView &stencil, const StencilExtent &extent,
         const StencilFaces &faces, const DeviceFigures &device)
      : stencil(stencil), extent(extent), faces(faces), device(device) {
    for (const StencilArrayView &array : stencil.arrays) {
      widest = std::max(widest, array.elementBytes);
      for (unsigned axis = 0; axis < 3; ++axis)
        width[axis] = std::max<std::int64_t>(width[axis], array.halo[axis]);
    }
    vector = widest == 8 ? 2 : 4;
    for (std::uint32_t face = 0; face < 2 * stencil.dimensions; ++face)
      if (faces.boundary[face] == abi::StencilBoundary::Function)
        leftFaces |= 1u << face;
  }

  std::optional<ResidentLayout> best() {
    for (std::uint32_t power = 0; power < std::size(device.clusters); ++power) {
      const std::int64_t most = std::int64_t(device.clusters[power]) << power;
      for (std::uint32_t low = 0; low <= power; ++low)
        tryTile({1, std::int64_t(1) << low, std::int64_t(1) << (power - low)},
                most);
    }
    if (!found)
      tryTile({1, 1, 1}, device.multiprocessors);
    return found;
  }

private:
  /// Considers all cuts into at most `most` bricks of which `tile` have near
  /// blocks.
  void tryTile(const StencilExtent &tile, std::int64_t most) {
    // A boundary along x begins with whole rows, but for lines.
    const bool canCut =
        tile[1] * tile[2] == 1 && (leftFaces == 0 || stencil.dimensions == 1);
    const std::int64_t mostX = canCut ? std::min(most, extent[0]) : 1;
    for (std::int64_t x = 1; x <= mostX; ++x)
      for (std::int64_t y = tile[1]; x * y * tile[2] <= most && y <= extent[1];
           y += tile[1]) {
        const std::int64_t z =
            std::min(most / (x * y), extent[2]) / tile[2] * tile[2];
        if (z != 0)
          consider({x, y, z}, tile);
      }
  }

  /// Whether blocks can write into each other's halos: see
  /// abi::MaxResidentReaders.
  [[nodiscard]] bool canBeNear(const StencilExtent &bricks) const {
    // A near block would write to halos that a boundary still reads.
    if (device.clusters[0] == 0 || bricks[0] != 1 || leftFaces != 0)
      return false;
    for (const StencilArrayView &array : stencil.arrays)
      if (array.isWritten && array.elementBytes < 4)
        return false;
    bool hasTwice = false;
    for (unsigned axis = 1; axis < 3; ++axis) {
      const std::int64_t least = extent[axis] / bricks[axis];
      if (least < width[axis])
        return false;
      hasTwice |= least >= 2 * width[axis];
    }
    return hasTwice;
  }

  void consider(const StencilExtent &bricks, const StencilExtent &tile) {
    ResidentLayout made;
    abi::ResidentGrid &grid = made.grid;
    grid.leftFaces = leftFaces;
    std::int64_t size[3];
    for (unsigned axis = 0; axis < 3; ++axis) {
      size[axis] = parts(extent[axis], bricks[axis]);
      grid.bricks[axis] = std::uint32_t(bricks[axis]);
      grid.tile[axis] = std::uint32_t(tile[axis]);
      grid.width[axis] = std::int32_t(width[axis]);
      if (width[axis] != 0 && (bricks[axis] > 1 || turns(axis)))
        grid.exchanges |= 1u << axis;
    }
    // Blocks receive rows that are whole, or that are cut and exchange their
    // ends as well.
    if (bricks[0] > 1 && grid.exchanges != 0 && (grid.exchanges & 1) == 0)
      return;
    // A block that is launched without a cluster cannot write to itself as to
    // one of a cluster: on an H200 that is an illegal instruction.
    const bool hasCluster = tile[1] * tile[2] != 1;
    grid.isNear = hasCluster && canBeNear(bricks);
    if (!grid.isNear && hasCluster)
      return;
    const std::int64_t row = 2 * up(width[0], 4) + up(size[0], 4);
    const std::int64_t high = size[1] + 2 * width[1];
    const std::int64_t all = high * (size[2] + 2 * width[2]);
    grid.left = std::uint32_t(up(width[0], 4));
    grid.strideY = std::uint32_t(row);
    grid.strideZ = std::uint32_t(row * high);
    arrangeThreads(grid, size);
    grid.rows = sizeof(abi::ResidentHeader);
    const std::int64_t own = size[1] * size[2];
    grid.inlets =
        std::uint32_t(grid.rows + own * std::int64_t(sizeof(abi::ResidentRow)));
    grid.sources = std::uint32_t(
        grid.inlets + (grid.isDirect ? inletBytes(grid.column, size) : 0));
    std::int64_t bytes =
        up(grid.sources + all * std::int64_t(sizeof(abi::ResidentSource)), 16);
    for (std::size_t a = 0; a < stencil.arrays.size(); ++a) {
      const StencilArrayView &array = stencil.arrays[a];
      const std::int64_t entry = up(all * row * array.elementBytes, 16);
      grid.arrays[a].shared = std::uint32_t(bytes);
      grid.arrays[a].entryBytes = std::uint32_t(entry);
      bytes += entry * array.entries;
      if (bytes > std::int64_t(device.sharedBytes) - 1024)
        return;
    }
    made.sharedBytes = std::uint32_t(bytes);
    made.blocks = std::uint32_t(bricks[0] * bricks[1] * bricks[2]);
    grid.boardPitch = std::uint32_t(up(extent[0], 4));
    grid.boardCells =
        std::uint64_t(grid.boardPitch) * std::uint64_t(extent[1] * extent[2]);
    // Threads count the bytes of a board with 32 bits.
    if (grid.boardCells > UINT32_MAX / 32)
      return;
    weigh(made, size, all);
    if (!found || made.cycles < found->cycles)
      found = made;
  }

  /// Whether cells lie beyond a face of the axis.
  [[nodiscard]] bool turns(unsigned axis) const {
    return abi::isCopied(faces.boundary[2 * axis]) ||
           abi::isCopied(faces.boundary[2 * axis + 1]);
  }

  /// Rows that come to the block that has the most of them, from near blocks
  /// and from far ones.
  void countRows(const abi::ResidentGrid &grid, const std::int64_t (&size)[3],
                 double &near, double &far) const {
    near = far = 0;
    for (unsigned axis = 1; axis < 3; ++axis) {
      const bool isPeriodic =
          faces.boundary[2 * axis] == abi::StencilBoundary::Periodic;
      const std::uint32_t bricks = grid.bricks[axis], tile = grid.tile[axis];
      const double rows = double(width[axis]) * double(size[3 - axis]);
      // Faces of a block at the edge of its cluster, and of the cluster.
      const double faces = bricks == 1 && !turns(axis)                  ? 0
                           : bricks == 2 && !isPeriodic && !turns(axis) ? 1
                                                                        : 2;
      double beyond = bricks == tile ? 0 : tile == 1 ? 2 : 1;
      if (bricks == 2 && tile == 1 && !isPeriodic)
        beyond = 1;
      beyond = std::min(beyond, faces);
      far += rows * beyond;
      near += rows * (faces - beyond);
    }
    if (!grid.isNear)
      far += near, near = 0;
  }

  static std::int64_t inletBytes(std::uint32_t column,
                                 const std::int64_t (&size)[3]) {
    return size[1] * parts(size[2], column) * abi::residentInletPlaces(column) *
           std::int64_t(sizeof(abi::ResidentSource));
  }

  /// How threads divide the largest brick.
  void arrangeThreads(abi::ResidentGrid &grid,
                      const std::int64_t (&size)[3]) const {
    std::uint32_t lanes = 0;
    while ((std::int64_t(vector) << lanes) < size[0] &&
           1u << (lanes + 1) <= abi::ResidentComputers)
      ++lanes;
    const std::int64_t groups = abi::ResidentComputers >> lanes;
    // The longest columns that still give every group one.
    grid.computeLanes = lanes;
    grid.column =
        std::uint32_t(std::max<std::int64_t>(1, size[2] * size[1] / groups));
    grid.isDirect =
        device.hasDirect && !grid.isNear && grid.bricks[0] == 1 &&
        leftFaces == 0 && stencil.neighbours != abi::StencilNeighbours::Other &&
        size[0] % vector == 0 && size[0] <= std::int64_t(vector) << lanes &&
        size[1] * parts(size[2], grid.column) <= groups && width[1] <= 1 &&
        width[2] <= 1 && width[0] <= vector;
  }

  /// Cycles of a multiprocessor. Instructions and accesses of shared memory of
  /// the rows that a thread computes one after the other; then the halos, which
  /// fly in parallel: calibrated with bench/results, see
  /// docs/rationale/stencil-plans.md.
  void weigh(ResidentLayout &made, const std::int64_t (&size)[3],
             std::int64_t all) {
    abi::ResidentGrid &grid = made.grid;
    const std::int64_t groups = abi::ResidentComputers >> grid.computeLanes;
    const std::int64_t along =
        parts(size[0], std::int64_t(vector) << grid.computeLanes);
    const std::int64_t columns = size[1] * parts(size[2], grid.column);
    const std::int64_t rounds = parts(columns, groups) * grid.column * along;
    const auto [receiving, polls] =
        lanesFor(abi::ResidentReceivers, all - size[1] * size[2],
                 parts(size[0], widest == 8 ? 1 : 2));
    grid.receiveLanes = receiving;
    double near = 0, far = 0;
    countRows(grid, size, near, far);
    const double rowBytes = double(size[0]) * widest;
    const double sides = (grid.exchanges & 1) && grid.bricks[0] > 1
                             ? double(all) * 2 * double(width[0]) / 256
                             : 0;
    const double flight =
        std::max(far == 0 ? 0 : 1000 + far * rowBytes * 2 / 16,
                 near == 0 ? 0 : 500 + near * rowBytes / 12);
    made.cycles = double(rounds) * 16 * 9 * vector * widest / 4 + 200 + flight +
                  sides * 700;
    if (grid.isDirect)
      made.cycles = double(rounds) * DirectRow * vector * widest / 16 +
                    (far == 0 ? 0 : DirectExchange) +
                    far * rowBytes * DirectByte;
  }

  const StencilView &stencil;
  const StencilExtent &extent;
  const StencilFaces &faces;
  const DeviceFigures &device;
  std::int64_t width[3] = {};
  std::uint32_t widest = 1, vector = 4, leftFaces = 0;
  std::optional<ResidentLayout> found;
};

} // namespace

std::optional<ResidentLayout> layOutResident(const StencilView &stencil,
                                             const StencilExtent &extent,
                                             const StencilFaces &faces,
                                             const DeviceFigures &device) {
  return Cutter(stencil, extent, faces, device).best();
}

PlanForecast forecastResident(const PlanQuestion &question) {
  PlanForecast result;
  const auto layout = layOutResident(question.stencil, question.extent,
                                     question.faces, question.device);
  if (!layout) {
    result.refusal = "the fields do not fit the shared memory of " +
                     std::to_string(question.device.multiprocessors) +
                     " multiprocessors";
    return result;
  }
  LaunchTimes times;
  times.waiting = Measured * layout->cycles / question.device.clock;
  times.wait = "exchange";
  constexpr double ManySteps = 1e6;
  times.waiting *= ManySteps;
  finish(question, result, times, ManySteps, 0);
  result.instructions = question.operations();
  // Measured on an H200: 45 us at 64^3 and 112 us at 128^3 in float.
  constexpr double Start = 35e-6, StartOfByte = 4.6e-12;
  double held = 0;
  for (const StencilArrayView &array : question.stencil.arrays)
    held += double(array.elementBytes) * array.entries;
  result.startSeconds = Start + StartOfByte * question.cells() * held;
  return result;
}

} // namespace rk::modfile
