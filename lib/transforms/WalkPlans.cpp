//===- WalkPlans.cpp - Plans that walk along the last axis ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The shape of `streaming` and `temporal`, which lib/conversion/stencil/
/// WalkKernel.cpp makes kernels of, and what does not suit them: what a thread
/// holds has to fit into its registers, and what threads exchange into the
/// shared memory of a multiprocessor.
///
//===----------------------------------------------------------------------===//

#include "WalkPlans.h"

#include "rk/abi/Stencil.h"

#include "llvm/Support/MathExtras.h"

#include <map>
#include <tuple>

using namespace mlir;

namespace rkc::transforms {
namespace {

/// Of compute capability 9.0.
constexpr int64_t RegistersOfMultiprocessor = 65536;
constexpr int64_t SharedBytesOfBlock = 227 << 10;
/// Addresses, masks and what the update computes with.
constexpr int64_t OtherRegisters = 6;

/// A shape to try: warps of a block, rows of a thread, steps of a launch.
struct Shape {
  int64_t steps, warps, rows;
};

class Walk {
public:
  explicit Walk(StencilOp stencil);

  std::string refusal();
  std::string temporalRefusal();
  int64_t registers(const Shape &shape);
  int64_t sharedBytes(const Shape &shape);
  int64_t overlapX(int64_t steps) const {
    return int64_t(llvm::alignTo(steps * halo[0], width));
  }
  int64_t height(const Shape &shape) const {
    return last == 2 ? shape.warps * shape.rows : 1;
  }
  int64_t validRows(const Shape &shape) const {
    return last == 2 ? height(shape) - 2 * shape.steps * halo[1] : 1;
  }
  std::array<int32_t, 3> tile(const Shape &shape, bool overlaps);
  std::string misfit(const Shape &shape);

  StencilOp stencil;
  SmallVector<StencilAccessOp> accesses;
  unsigned last;
  int64_t width = 4, widest = 1;
  int64_t halo[3] = {};
};

Walk::Walk(StencilOp stencil)
    : stencil(stencil), last(stencil.getDimensions() - 1) {
  llvm::append_range(accesses,
                     stencil.getApply().getBody().getOps<StencilAccessOp>());
  for (auto array : stencil.getBody().getOps<StencilArrayOp>()) {
    widest = std::max<int64_t>(widest, array.getElementBytes());
    for (unsigned axis = 0; axis < 3; ++axis)
      halo[axis] = std::max(halo[axis], (*array.getHalo())[axis]);
  }
  width = widest == 8 && halo[0] <= 2 ? 2 : 4;
}

std::string Walk::refusal() {
  if (last == 0)
    return "a line has no second axis to walk along";
  if (llvm::none_of(accesses, [&](StencilAccessOp access) {
        return access.getOffset()[last] != 0;
      }))
    return std::string("no neighbour along ") + "xyz"[last] +
           " is read, so a walk along it would load nothing less";
  return "";
}

std::string Walk::temporalRefusal() {
  if (std::string why = refusal(); !why.empty())
    return why;
  for (StencilAccessOp access : accesses)
    if (last == 2 && access.getOffset()[1] != 0 && access.getOffset()[2] != 0 &&
        stencil.getArray(access.getArray()).getWritten())
      return ("'" + access.getArray() +
              "' is read at an offset along y and z at once, and a plane in "
              "shared memory is for offsets within it")
          .str();
  return "";
}

/// What the lines of cells that a thread keeps take.
int64_t Walk::registers(const Shape &shape) {
  const int64_t lag = std::max<int64_t>(halo[last], 1);
  std::map<std::tuple<std::string, int64_t, int64_t>,
           std::pair<int64_t, int64_t>>
      lines;
  std::map<std::string, int64_t> bytes;
  for (StencilAccessOp access : accesses) {
    StencilArrayOp array = stencil.getArray(access.getArray());
    if (shape.steps > 1 && !array.getWritten())
      continue;
    bytes[array.getName().str()] = std::max(4u, array.getElementBytes());
    for (int64_t stage = 1; stage <= shape.steps; ++stage) {
      const int64_t across =
          shape.steps == 1 && last == 2 ? access.getOffset()[1] : 0;
      const int64_t along = access.getOffset()[last];
      const int64_t place = along - (shape.steps == 1 ? 0 : stage * lag);
      const int64_t time = stage - 1 - int64_t(access.getLevel());
      // Beyond a high face, planes are mirrored that were made before.
      const int64_t oldest = time > 0 && along > 0
                                 ? std::min(place, 1 - time * lag - 2 * along)
                                 : place;
      for (int64_t row = 0; row < shape.rows; ++row) {
        auto key = std::tuple(array.getName().str(), time, row + across);
        auto [known, isNew] = lines.insert({key, {place, place}});
        known->second.first = std::min(known->second.first, oldest);
        known->second.second = std::max(known->second.second, place);
      }
    }
  }
  int64_t registers = OtherRegisters;
  for (const auto &[key, planes] : lines) {
    const bool arrives = std::get<1>(key) <= 0;
    registers += (planes.second - planes.first + 1 + (arrives ? 1 : 0)) *
                 width * bytes[std::get<0>(key)] / 4;
  }
  return registers;
}

int64_t Walk::sharedBytes(const Shape &shape) {
  const int64_t cells = 32 * width * height(shape);
  int64_t half = 0;
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    for (uint32_t level = 0; array.getWritten() && level < array.getLevels();
         ++level)
      if (last == 2 && llvm::any_of(accesses, [&](StencilAccessOp access) {
            return access.getArray() == array.getName() &&
                   access.getLevel() == level && access.getOffset()[1] != 0;
          }))
        half += shape.steps * cells * array.getElementBytes();
  return 2 * std::max(half, cells * widest);
}

std::array<int32_t, 3> Walk::tile(const Shape &shape, bool overlaps) {
  const int64_t x = 32 * width - (overlaps ? 2 * overlapX(shape.steps) : 0);
  const int64_t y = overlaps ? validRows(shape) : shape.warps * shape.rows;
  // Planes along the last axis: the launch says how many.
  constexpr int32_t Depth = 16;
  if (last == 1)
    return {int32_t(x), Depth, 1};
  return {int32_t(x), int32_t(y), Depth};
}

/// Returns why a shape cannot be, or nothing.
std::string Walk::misfit(const Shape &shape) {
  const int64_t most =
      std::min<int64_t>(RegistersOfMultiprocessor / (32 * shape.warps), 255);
  if (int64_t needed = registers(shape); needed > most)
    return std::to_string(shape.steps) + " steps would keep " +
           std::to_string(needed) + " registers a thread busy, and there are " +
           std::to_string(most);
  if (int64_t needed = sharedBytes(shape);
      shape.steps > 1 && needed > SharedBytesOfBlock)
    return std::to_string(shape.steps) + " steps would take " +
           std::to_string(needed) +
           " bytes of shared memory, and a block has " +
           std::to_string(SharedBytesOfBlock);
  if (shape.steps == 1)
    return "";
  if (shape.steps * halo[0] > rk::abi::StencilRowElements ||
      32 * width <= 2 * overlapX(shape.steps) ||
      (last == 2 && validRows(shape) < 4))
    return std::to_string(shape.steps) + " steps of " +
           std::to_string(std::max(halo[0], halo[1])) +
           " cells leave too little of a tile that overlaps others";
  uint32_t entries = 0;
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    entries +=
        array.getLevels() +
        (array.getWritten() ? std::min<uint32_t>(shape.steps, array.getLevels())
                            : 0);
  if (entries > rk::abi::MaxStencilEntries)
    return "its arrays would take " + std::to_string(entries) +
           " entries of a launch's table, and it has " +
           std::to_string(rk::abi::MaxStencilEntries);
  return "";
}

/// Takes the first shape that fits; the reason of the last one otherwise.
void take(PlanOffer &offer, Walk &walk, ArrayRef<Shape> shapes) {
  for (const Shape &shape : shapes) {
    offer.refusal = walk.misfit(shape);
    if (!offer.refusal.empty())
      continue;
    offer.block = {32, int32_t(shape.warps), 1};
    offer.steps = int32_t(shape.steps);
    offer.tile = walk.tile(shape, shape.steps > 1);
    if (shape.steps > 1)
      offer.shared = int32_t(walk.sharedBytes(shape));
    return;
  }
}

} // namespace

PlanOffer offerStreaming(StencilOp stencil) {
  PlanOffer offer;
  offer.name = "streaming";
  Walk walk(stencil);
  offer.refusal = walk.refusal();
  if (!offer.refusal.empty())
    return offer;
  if (walk.halo[0] > walk.width) {
    offer.refusal = "neighbours are read " + std::to_string(walk.halo[0]) +
                    " cells away along x, and a thread has " +
                    std::to_string(walk.width);
    return offer;
  }
  if (walk.last == 2)
    take(offer, walk, {{1, 4, 4}, {1, 4, 2}, {1, 4, 1}});
  else
    take(offer, walk, {{1, 1, 1}});
  return offer;
}

PlanOffer offerTemporal(StencilOp stencil) {
  PlanOffer offer;
  offer.name = "temporal";
  Walk walk(stencil);
  offer.refusal = walk.temporalRefusal();
  if (!offer.refusal.empty())
    return offer;
  if (walk.last == 2)
    take(offer, walk,
         {{3, 32, 1},
          {4, 16, 2},
          {3, 16, 2},
          {2, 32, 1},
          {2, 16, 2},
          {2, 16, 1}});
  else
    take(offer, walk, {{4, 1, 1}, {3, 1, 1}, {2, 1, 1}});
  return offer;
}

} // namespace rkc::transforms
