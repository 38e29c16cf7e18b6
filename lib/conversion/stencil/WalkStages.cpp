//===- WalkStages.cpp - Updates of the cells of a walking thread ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "WalkKernel.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace rkc::conversion {

/// Returns the value that the thread `lanes` to the right has; to the left if
/// negative. Threads at the ends of a warp get one that they do not use.
Value WalkKernel::shuffle(Value value, int64_t lanes) {
  Type type = value.getType();
  Type half = builder.getI32Type();
  const unsigned bits = type.getIntOrFloatBitWidth();
  auto move = [&](Value part) -> Value {
    const auto kind = lanes < 0 ? NVVM::ShflKind::up : NVVM::ShflKind::down;
    return NVVM::ShflOp::create(builder, location, part.getType(), number(-1),
                                part, number(int32_t(std::abs(lanes))),
                                number(lanes < 0 ? 0 : 31), kind, UnitAttr());
  };
  if (bits == 32)
    return move(value);
  if (bits < 32) {
    Type whole = builder.getIntegerType(bits);
    Value bitsOf = value;
    if (type != whole)
      bitsOf = LLVM::BitcastOp::create(builder, location, whole, value);
    bitsOf = LLVM::TruncOp::create(
        builder, location, whole,
        move(LLVM::ZExtOp::create(builder, location, half, bitsOf)));
    if (type == whole)
      return bitsOf;
    return LLVM::BitcastOp::create(builder, location, type, bitsOf);
  }
  auto pair = VectorType::get({2}, half);
  Value parts = LLVM::BitcastOp::create(builder, location, pair, value);
  Value moved = LLVM::PoisonOp::create(builder, location, pair);
  for (int32_t part = 0; part < 2; ++part) {
    Value one =
        LLVM::ExtractElementOp::create(builder, location, parts, number(part));
    moved = LLVM::InsertElementOp::create(builder, location, moved, move(one),
                                          number(part));
  }
  return LLVM::BitcastOp::create(builder, location, type, moved);
}

/// Returns the cells of `row` of what `stage` reads as `level`, `distance`
/// planes from the one that it makes.
Cells WalkKernel::rowOf(unsigned array, int64_t stage, int64_t level,
                        int64_t row, int64_t distance, bool aside) {
  if (steps > 1 && isStatic(array)) {
    auto [known, isNew] =
        read.insert({{array, stage, 1000 + level * 64 + distance, row}, {}});
    if (isNew)
      known->second = load(array, level, row, false,
                           sum(turn, word(distance - lagOf(stage))));
    return known->second;
  }
  if (steps > 1 && (row < 0 || row >= rows))
    return readExchange(array, stage, level, row);
  const Line &line = lines.at({array, stage - 1 - level, row, aside});
  return line.planes[line.newest - (distance - lagOf(stage))];
}

Value WalkKernel::valueOf(StencilAccessOp access, int64_t stage, int64_t row,
                          unsigned cell) {
  const unsigned array = numberOf(access.getArray());
  ArrayRef<int64_t> offset = access.getOffset();
  const int64_t level = access.getLevel();
  const int64_t from = row + (last == 2 ? offset[1] : 0);
  const int64_t place = int64_t(cell) + offset[0];
  const int64_t lanes = llvm::divideFloorSigned(place, width);
  const int64_t inVector = place - lanes * width;
  Value own = rowOf(array, stage, level, from, offset[last])[inVector];
  if (lanes == 0)
    return own;
  Value moved = shuffle(own, lanes);
  if (steps > 1)
    return moved;
  Value beside = rowOf(array, stage, level, from, offset[last], true)[inVector];
  Value isEnd = LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::eq,
                                     lane, word(lanes < 0 ? 0 : 31));
  return choose(isEnd, beside, moved);
}

/// Returns the place that the update sees. Beyond periodic faces it is that of
/// the cell at the other end; beyond others, where the result is not used, some
/// place of the grid.
Value WalkKernel::coordinate(unsigned axis, Value place) {
  Value extent = launch.extent[axis];
  if (steps > 1 && axis <= last) {
    Value wrapped = choose(less(place, word(0)), sum(place, extent), place);
    wrapped = choose(less(place, extent), wrapped,
                     LLVM::SubOp::create(builder, location, place, extent));
    place = choose(isPeriodic[axis], wrapped, place);
  }
  return clamp(place, word(0), sum(extent, word(-1)));
}

/// The place of a cell as the update sees it.
Place WalkKernel::placeOfCell(int64_t row, int64_t cell, Value place) {
  Place at = {coordinate(0, sum(x, word(cell))), word(0), word(0)};
  at[1] = coordinate(1, last == 2 ? sum(y, word(row)) : place);
  if (last == 2)
    at[2] = coordinate(2, place);
  return at;
}

/// Makes the plane of `stage`: of what the update stores, new values; they are
/// kept for the later stages, or stored.
void WalkKernel::makeStage(int64_t stage) {
  Value place = sum(turn, word(-lagOf(stage)));
  dampEarlier(stage, place);
  std::map<unsigned, SmallVector<Cells>> made;
  for (unsigned array = 0; array < arrays.size(); ++array)
    if (!isStatic(array))
      made[array].assign(rows, Cells(width));
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t cell = 0; cell < width; ++cell) {
      cloneUpdate(
          builder, stencil.getApply(), launch.parameters,
          placeOfCell(row, cell, place),
          [&](StencilAccessOp access) {
            const auto damped = earlier.find({access, row, cell});
            return damped != earlier.end()
                       ? damped->second
                       : valueOf(access, stage, row, unsigned(cell));
          },
          [&](StencilStoreOp op, Value value) {
            made[numberOf(op.getArray())][row][cell] = value;
          });
    }
  dampMade(place, made);
  for (auto &[array, planes] : made) {
    if (stage < steps)
      fixPlane(stage, array, planes);
    const int64_t level = steps - stage;
    if (level < arrays[array].getLevels())
      for (int64_t row = 0; row < rows; ++row)
        store(array, level, row, place, planes[row]);
  }
}

} // namespace rkc::conversion
