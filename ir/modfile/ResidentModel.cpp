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
  }

  std::optional<ResidentLayout> best() {
    const std::int64_t most = device.multiprocessors;
    for (std::int64_t x = 1; x <= std::min(most, extent[0]); ++x)
      for (std::int64_t y = 1; x * y <= most && y <= extent[1]; ++y) {
        const std::int64_t z = std::min(most / (x * y), extent[2]);
        consider({x, y, z});
      }
    return found;
  }

private:
  void consider(const StencilExtent &bricks) {
    ResidentLayout made;
    abi::ResidentGrid &grid = made.grid;
    std::int64_t size[3];
    for (unsigned axis = 0; axis < 3; ++axis) {
      size[axis] = parts(extent[axis], bricks[axis]);
      grid.bricks[axis] = std::uint32_t(bricks[axis]);
      grid.width[axis] = std::int32_t(width[axis]);
      const bool turns =
          faces.boundary[2 * axis] != abi::StencilBoundary::Fixed ||
          faces.boundary[2 * axis + 1] != abi::StencilBoundary::Fixed;
      if (width[axis] != 0 && (bricks[axis] > 1 || turns))
        grid.exchanges |= 1u << axis;
    }
    grid.depth = 1;
    const std::int64_t row = 2 * up(width[0], 4) + up(size[0], 4);
    const std::int64_t high = size[1] + 2 * width[1];
    const std::int64_t all = high * (size[2] + 2 * width[2]);
    grid.left = std::uint32_t(up(width[0], 4));
    grid.strideY = std::uint32_t(row);
    grid.strideZ = std::uint32_t(row * high);
    grid.rows = sizeof(abi::ResidentHeader);
    grid.sources =
        std::uint32_t(grid.rows + all * std::int64_t(sizeof(abi::ResidentRow)));
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
    grid.boardPitch = std::uint32_t(up(extent[0], 2));
    grid.boardCells =
        std::uint64_t(grid.boardPitch) * std::uint64_t(extent[1] * extent[2]);
    if (grid.boardCells > UINT32_MAX)
      return;
    weigh(made, size, all);
    if (!found || made.cycles < found->cycles)
      found = made;
  }

  /// Accesses of shared memory, four bytes of a lane a cycle, and packets,
  /// of which a thread moves a few in the time that one flies.
  void weigh(ResidentLayout &made, const std::int64_t (&size)[3],
             std::int64_t all) {
    abi::ResidentGrid &grid = made.grid;
    const std::int64_t own = size[1] * size[2];
    const auto [lanes, rounds] =
        lanesFor(abi::ResidentComputers, own, parts(size[0], vector));
    const auto [receiving, polls] = lanesFor(
        abi::ResidentReceivers, all - own, parts(size[0], widest == 8 ? 1 : 2));
    grid.computeLanes = lanes;
    grid.receiveLanes = receiving;
    const double sides =
        grid.exchanges & 1 ? double(all) * 2 * double(width[0]) / 256 : 0;
    made.cycles = double(rounds) * 16 * 9 * vector * widest / 4 +
                  double(polls) * 60 + sides * 700 + 1000;
  }

  const StencilView &stencil;
  const StencilExtent &extent;
  const StencilFaces &faces;
  const DeviceFigures &device;
  std::int64_t width[3] = {};
  std::uint32_t widest = 1, vector = 4;
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
  // Measured on an H200 at 64^3 and 128^3: 3.3 and 13.8 us where the cycles
  // counted say 1.1 and 3.6. The kernel's own overhead is not understood yet.
  constexpr double Measured = 3.5;
  const double clock = question.device.instructionRate /
                       (128.0 * question.device.multiprocessors);
  finish(question, result, 1e6, 0, 0, Measured * layout->cycles / clock);
  return result;
}

} // namespace rk::modfile
