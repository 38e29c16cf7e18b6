//===- WalkFaces.cpp - Faces of the grid within a launch of several steps -===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// After a stage, cells beyond faces get what the boundary conditions say: they
/// keep their value (fixed), take that of the mirrored cell (reflecting), or
/// have been updated like the cell at the other end (periodic: the halo in
/// memory is as wide as all steps of a launch read). A cell beyond any fixed
/// face is fixed, since the halo in memory holds what the corner rule says.
///
//===----------------------------------------------------------------------===//

#include "WalkKernel.h"

#include "rk/abi/Stencil.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

#include <cstddef>

using namespace mlir;
using rk::abi::StencilBoundary;
using rk::abi::StencilLaunch;

namespace rkc::conversion {

/// Whether `place` is beyond the low (0) or the high face (1) of an axis.
Value WalkKernel::isBeyond(unsigned axis, unsigned side, Value place) {
  if (side == 0)
    return less(place, word(0));
  return less(launch.extent[axis], sum(place, word(1)));
}

void WalkKernel::readFaces() {
  if (steps == 1)
    return;
  for (unsigned axis = 0; axis <= last; ++axis)
    for (unsigned side = 0; side < 2; ++side) {
      const auto offset =
          offsetof(StencilLaunch, boundary) + 4 * (2 * axis + side);
      Value launched = kernel.getArgument(0);
      Value boundary = LLVM::LoadOp::create(
          builder, location, builder.getI32Type(),
          LLVM::GEPOp::create(builder, location, launched.getType(),
                              builder.getI8Type(), launched,
                              LLVM::GEPArg(int32_t(offset))),
          4);
      auto is = [&](StencilBoundary kind) -> Value {
        return LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::eq,
                                    boundary, number(int32_t(kind)));
      };
      isFixed[axis][side] = is(StencilBoundary::Fixed);
      isReflecting[axis][side] = is(StencilBoundary::Reflecting);
      isPeriodic[axis] = is(StencilBoundary::Periodic);
    }
  // Whether the tile reaches beyond a face.
  Value low[2] = {tileX, tileY};
  const int64_t size[2] = {32 * width, height};
  for (unsigned axis = 0; axis < last; ++axis)
    for (unsigned side = 0; side < 2; ++side) {
      Value place =
          side == 0 ? low[axis] : sum(low[axis], word(size[axis] - 1));
      Value reaches = isBeyond(axis, side, place);
      touchesReflecting =
          either(touchesReflecting, both(reaches, isReflecting[axis][side]));
      touches = either(touches, both(reaches, isFixed[axis][side]));
    }
  touches = either(touches, touchesReflecting);
}

/// Replaces cells beyond reflecting faces of x and y by the mirrored ones,
/// which may be other threads'.
void WalkKernel::mirror(unsigned array, SmallVector<Cells> &made) {
  Type type = arrays[array].getType();
  const unsigned bytes = arrays[array].getElementBytes();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t cell = 0; cell < width; ++cell)
      LLVM::StoreOp::create(
          builder, location, made[row][cell],
          sharedAddress(half, type, sum(slot, word(row * 32 * width + cell))),
          bytes);
  NVVM::BarrierOp::create(builder, location);
  Value low[2] = {tileX, tileY};
  const int64_t size[2] = {32 * width, height};
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t cell = 0; cell < width; ++cell) {
      Value at[2] = {sum(x, word(cell)), sum(y, word(row))};
      Value isMirrored, local[2] = {word(0), word(0)};
      for (unsigned axis = 0; axis < last; ++axis) {
        Value source = at[axis];
        for (unsigned side = 0; side < 2; ++side) {
          Value beyond =
              both(isBeyond(axis, side, at[axis]), isReflecting[axis][side]);
          Value twice = side == 0
                            ? word(-1)
                            : sum(sum(launch.extent[axis], launch.extent[axis]),
                                  word(-1));
          source = choose(
              beyond, LLVM::SubOp::create(builder, location, twice, at[axis]),
              source);
          isMirrored = either(isMirrored, beyond);
        }
        local[axis] =
            clamp(LLVM::SubOp::create(builder, location, source, low[axis]),
                  word(0), word(size[axis] - 1));
      }
      Value element = sum(product(local[1], word(32 * width)), local[0]);
      Value found = LLVM::LoadOp::create(
          builder, location, type, sharedAddress(half, type, element), bytes);
      made[row][cell] = choose(isMirrored, found, made[row][cell]);
    }
  NVVM::BarrierOp::create(builder, location);
}

/// Gives the cells beyond faces their values and puts the plane into its lines.
void WalkKernel::fixPlane(int64_t stage, unsigned array,
                          SmallVector<Cells> &made) {
  Value place = sum(turn, word(-lagOf(stage)));
  // A low face also changes planes that were made before.
  Value needed =
      either(touches, either(less(place, word(lag)), isBeyond(last, 1, place)));
  SmallVector<Line *> kept;
  SmallVector<Value> values;
  for (int64_t row = 0; row < rows; ++row) {
    Line &line = lines.at({array, stage, row, false});
    line.planes.insert(line.planes.begin(), made[row]);
    line.planes.pop_back();
    kept.push_back(&line);
  }
  // Of each row: what was made, and the planes that a low face mirrors to.
  SmallVector<int64_t> changed = {0};
  for (int64_t distance = 1;
       distance < 2 * lag && distance < int64_t(kept[0]->planes.size());
       distance += 2)
    changed.push_back(distance);
  for (Line *line : kept)
    for (int64_t distance : changed)
      llvm::append_range(values, line->planes[distance]);
  auto fix = [&] {
    fixCells(stage, array, place, made, kept);
    values.clear();
    for (auto [row, line] : llvm::enumerate(kept))
      for (int64_t distance : changed) {
        Value isSource;
        if (distance > 0)
          isSource = both(isReflecting[last][0],
                          LLVM::ICmpOp::create(builder, location,
                                               LLVM::ICmpPredicate::eq, place,
                                               word((distance - 1) / 2)));
        for (int64_t cell = 0; cell < width; ++cell)
          values.push_back(distance == 0
                               ? made[row][cell]
                               : choose(isSource, made[row][cell],
                                        line->planes[distance][cell]));
      }
  };
  whenTrue(builder, location, needed, values, fix);
  auto next = values.begin();
  for (auto [row, line] : llvm::enumerate(kept))
    for (int64_t distance : changed)
      for (int64_t cell = 0; cell < width; ++cell)
        line->planes[distance][cell] = *next++;
  for (auto [row, line] : llvm::enumerate(kept))
    made[row] = line->planes[0];
}

/// The cells of one plane: x and y first, then the last axis, then what is
/// fixed.
void WalkKernel::fixCells(int64_t stage, unsigned array, Value place,
                          SmallVector<Cells> &made, ArrayRef<Line *> kept) {
  SmallVector<Value> values;
  for (Cells &cells : made)
    llvm::append_range(values, cells);
  whenTrue(builder, location, touchesReflecting, values, [&] {
    mirror(array, made);
    values.clear();
    for (Cells &cells : made)
      llvm::append_range(values, cells);
  });
  auto next = values.begin();
  for (int64_t row = 0; row < rows; ++row) {
    const Cells fixed = rowOf(array, stage, 0, row, 0);
    Value isFixedRow = either(both(isBeyond(last, 0, place), isFixed[last][0]),
                              both(isBeyond(last, 1, place), isFixed[last][1]));
    for (unsigned side = 0; last == 2 && side < 2; ++side)
      isFixedRow = either(isFixedRow, both(isBeyond(1, side, sum(y, word(row))),
                                           isFixed[1][side]));
    for (int64_t cell = 0; cell < width; ++cell) {
      Value value = *next++;
      for (int64_t beyond = 1;
           beyond <= lag && 2 * beyond - 1 < int64_t(kept[row]->planes.size());
           ++beyond) {
        Value isHere = LLVM::ICmpOp::create(
            builder, location, LLVM::ICmpPredicate::eq, place,
            sum(launch.extent[last], word(beyond - 1)));
        value = choose(both(isHere, isReflecting[last][1]),
                       kept[row]->planes[2 * beyond - 1][cell], value);
      }
      Value keeps = isFixedRow;
      for (unsigned side = 0; side < 2; ++side)
        keeps = either(keeps, both(isBeyond(0, side, sum(x, word(cell))),
                                   isFixed[0][side]));
      made[row][cell] = choose(keeps, fixed[cell], value);
    }
  }
}

} // namespace rkc::conversion
