//===- WalkKernel.cpp - Shape, lines and loop of walking kernels ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "WalkKernel.h"

#include "rk/abi/Stencil.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/Support/MathExtras.h"

#include <cstddef>

using namespace mlir;

namespace rkc::conversion {

/// The table of a temporal plan has the newest levels once more: see
/// rk::modfile::entriesOf.
static uint32_t entriesOfPlan(StencilPlanOp plan, StencilArrayOp array) {
  if (plan.getSteps() == 1)
    return array.getEntries().value_or(array.getLevels());
  return array.getLevels() + (array.getWritten()
                                  ? std::min(plan.getSteps(), array.getLevels())
                                  : 0);
}

static uint32_t countEntries(StencilPlanOp plan) {
  uint32_t count = 0;
  auto stencil = plan->getParentOfType<StencilOp>();
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    count += entriesOfPlan(plan, array);
  return count;
}

WalkKernel::WalkKernel(StencilPlanOp plan, bool damps, StringRef suffix)
    : plan(plan), stencil(plan->getParentOfType<StencilOp>()),
      builder(plan.getContext()), kernel(makeGpuKernel(builder, plan, suffix)),
      location(kernel.getLoc()),
      arrays(llvm::to_vector(stencil.getBody().getOps<StencilArrayOp>())),
      entryCount(countEntries(plan)),
      launch(builder, location, kernel.getArgument(0), stencil, 1, entryCount),
      steps(plan.getSteps()),
      layers(builder, location, kernel.getArgument(0), stencil, 1),
      damps(damps) {}

uint32_t WalkKernel::entryOf(unsigned array, int64_t level,
                             bool written) const {
  uint32_t entry = 0;
  for (unsigned before = 0; before < array; ++before)
    entry += entriesOfPlan(plan, arrays[before]);
  StencilArrayOp op = arrays[array];
  if (!written)
    return entry + uint32_t(level);
  if (steps == 1)
    return entry + entriesOfPlan(plan, op) - 1;
  return entry + op.getLevels() + uint32_t(level);
}

unsigned WalkKernel::numberOf(StringRef name) {
  for (unsigned number = 0; number < arrays.size(); ++number)
    if (arrays[number].getName() == name)
      return number;
  llvm_unreachable("the verifier knows the array");
}

Value WalkKernel::number(int32_t value) {
  return LLVM::ConstantOp::create(builder, location, builder.getI32Type(),
                                  value);
}

Value WalkKernel::both(Value a, Value b) {
  return a && b ? LLVM::AndOp::create(builder, location, a, b).getResult()
                : (a ? a : b);
}

Value WalkKernel::either(Value a, Value b) {
  return a && b ? LLVM::OrOp::create(builder, location, a, b).getResult()
                : (a ? a : b);
}

Value WalkKernel::choose(Value condition, Value yes, Value no) {
  return LLVM::SelectOp::create(builder, location, condition, yes, no);
}

Value WalkKernel::clamp(Value value, Value low, Value high) {
  value = LLVM::SMaxOp::create(builder, location, value, low);
  return LLVM::SMinOp::create(builder, location, value, high);
}

/// Reads the plan's shape; PlanStencils.cpp chose it.
void WalkKernel::measure() {
  last = stencil.getDimensions() - 1;
  uint32_t widest = 1;
  for (StencilArrayOp array : arrays) {
    widest = std::max(widest, array.getElementBytes());
    for (unsigned axis = 0; axis < 3; ++axis)
      halo[axis] = std::max(halo[axis], (*array.getHalo())[axis]);
  }
  width = widest == 8 && halo[0] <= 2 ? 2 : 4;
  lag = std::max<int64_t>(halo[last], 1);
  if (steps > 1) {
    overlap[0] = llvm::alignTo(steps * halo[0], width);
    overlap[1] = last == 2 ? steps * halo[1] : 0;
  }
  const int64_t warps = plan.getBlock()[1];
  height = last == 2 ? plan.getTile()[1] + 2 * overlap[1] : 1;
  rows = height / warps;
}

void WalkKernel::addLine(unsigned array, int64_t time, int64_t row, bool aside,
                         int64_t newest, int64_t oldest) {
  auto [known, isNew] = lines.insert({{array, time, row, aside}, {}});
  Line &line = known->second;
  line.newest = isNew ? newest : std::max(line.newest, newest);
  line.oldest = isNew ? oldest : std::min(line.oldest, oldest);
  line.isFromMemory = time <= 0;
}

/// Finds which planes the stages read of what.
void WalkKernel::addLines() {
  for (auto access : stencil.getApply().getBody().getOps<StencilAccessOp>()) {
    const unsigned array = numberOf(access.getArray());
    ArrayRef<int64_t> offset = access.getOffset();
    const int64_t along = offset[last], across = last == 2 ? offset[1] : 0;
    if (steps > 1 && isStatic(array))
      continue;
    for (int64_t stage = 1; stage <= steps; ++stage)
      for (int64_t row = 0; row < rows; ++row) {
        int64_t from = row + across;
        const int64_t place = along - lagOf(stage);
        const int64_t time = stage - 1 - int64_t(access.getLevel());
        // The exchange takes every row of the thread's own cells.
        if (steps > 1 && across != 0)
          addLine(array, time, row, false, place, place);
        if (steps > 1 && (from < 0 || from >= rows))
          from = row;
        addLine(array, time, from, false, place, place);
        if (steps == 1 && offset[0] != 0)
          addLine(array, time, from, true, place, place);
        // A plane beyond a high face mirrors one that was made before.
        if (time > 0)
          addLine(array, time, from, false, -lagOf(time),
                  -lagOf(time) - std::max<int64_t>(2 * along - 1, 0));
      }
  }
  if (steps == 1)
    return;
  // Cells beyond fixed faces keep what they have.
  for (unsigned array = 0; array < arrays.size(); ++array)
    for (int64_t stage = 1; !isStatic(array) && stage < steps; ++stage)
      for (int64_t row = 0; row < rows; ++row) {
        addLine(array, stage - 1, row, false, -lagOf(stage), -lagOf(stage));
        addLine(array, stage, row, false, -lagOf(stage), -lagOf(stage));
      }
}

/// Finds where the thread stands and where its rows lie in memory. What lies
/// farther out than the halo is not needed: those addresses are brought back.
void WalkKernel::placeThread() {
  lane = indexOf<NVVM::ThreadIdXOp>(builder, location);
  tileX = sum(product(indexOf<NVVM::BlockIdXOp>(builder, location),
                      word(plan.getTile()[0])),
              word(-overlap[0]));
  x = sum(tileX, product(lane, word(width)));
  tileY = word(0);
  Value row0 = word(0);
  if (last == 2) {
    tileY = sum(product(indexOf<NVVM::BlockIdYOp>(builder, location),
                        word(plan.getTile()[1])),
                word(-overlap[1]));
    row0 = product(indexOf<NVVM::ThreadIdYOp>(builder, location), word(rows));
  }
  y = sum(tileY, row0);
  const int64_t left = llvm::alignTo(steps * halo[0], 32);
  Value most = sum(launch.pitch, word(-left - width));
  Value nearX = LLVM::SMinOp::create(builder, location, x, most);
  // Lanes in the middle take the address of lane 0, which is one for all.
  Value isLast = LLVM::ICmpOp::create(builder, location,
                                      LLVM::ICmpPredicate::eq, lane, word(31));
  Value asideX =
      choose(isLast, sum(nearX, word(width)), sum(tileX, word(-width)));
  asideX = clamp(asideX, word(-left), most);
  auto rowOf = [&](int64_t row) {
    const int64_t reach = steps * halo[1];
    Value place = sum(y, word(row));
    if (last == 2)
      place =
          clamp(place, word(-reach), sum(launch.extent[1], word(reach - 1)));
    return rowElement(builder, location, launch, place, word(0));
  };
  const int64_t beside = last == 2 ? halo[1] : 0;
  for (int64_t row = -beside; row < rows + beside; ++row) {
    Value start = last == 2 ? rowOf(row) : launch.origin;
    rowElements[row] = sum(start, nearX);
    asideElements[row] = sum(start, asideX);
  }
  Value start = product(lane, word(width));
  Value isValid = both(less(word(overlap[0] - 1), start),
                       less(start, word(32 * width - overlap[0])));
  isValid = both(isValid, less(x, launch.extent[0]));
  for (int64_t row = 0; row < rows; ++row) {
    Value valid = isValid;
    if (last == 2) {
      Value inTile = sum(row0, word(row));
      valid = both(valid, less(word(overlap[1] - 1), inTile));
      valid = both(valid, less(inTile, word(height - overlap[1])));
      valid = both(valid, less(sum(y, word(row)), launch.extent[1]));
    }
    canStore.push_back(valid);
  }
  isWhole = less(sum(x, word(width - 1)), launch.extent[0]);
}

/// The values that go from one turn to the next.
SmallVector<Value> WalkKernel::carried() {
  SmallVector<Value> values = {turn};
  if (steps > 1)
    values.push_back(half);
  for (auto &[key, line] : lines) {
    for (Cells &cells : line.planes)
      llvm::append_range(values, cells);
    llvm::append_range(values, line.arriving);
  }
  return values;
}

void WalkKernel::setCarried(ValueRange values) {
  auto next = values.begin();
  turn = *next++;
  if (steps > 1)
    half = *next++;
  for (auto &[key, line] : lines) {
    for (Cells &cells : line.planes)
      for (Value &cell : cells)
        cell = *next++;
    for (Value &cell : line.arriving)
      cell = *next++;
  }
}

/// Moves the lines on by a plane and asks for the plane of the next turn.
void WalkKernel::beginTurn() {
  for (auto &[key, line] : lines) {
    if (!line.isFromMemory)
      continue;
    line.planes.insert(line.planes.begin(), line.arriving);
    line.planes.pop_back();
  }
  loadArriving(sum(turn, word(1)));
  read.clear();
  if (steps > 1)
    otherHalf = LLVM::SubOp::create(builder, location, word(halfBytes), half);
}

/// A turn is written out as often as lines have planes, so that their values
/// need not move from register to register.
void WalkKernel::buildLoop() {
  const int64_t unrolled = lag <= 2 || steps == 1 ? 2 * lag + 1 : 1;
  SmallVector<Value> values = carried();
  SmallVector<Type> types = llvm::to_vector(ValueRange(values).getTypes());
  Block *before = builder.getInsertionBlock();
  Block *loop =
      builder.createBlock(&kernel.getBody(), {}, types,
                          SmallVector<Location>(types.size(), location));
  Block *done = builder.createBlock(&kernel.getBody());
  LLVM::ReturnOp::create(builder, location, ValueRange());
  builder.setInsertionPointToEnd(before);
  LLVM::BrOp::create(builder, location, values, loop);
  builder.setInsertionPointToEnd(loop);
  setCarried(loop->getArguments());
  Value stop = sum(end, word(lagOf(steps)));
  for (int64_t copy = 0; copy < unrolled; ++copy) {
    beginTurn();
    for (int64_t stage = 1; stage <= steps; ++stage)
      makeStage(stage);
    if (steps > 1) {
      writeExchanges();
      half = otherHalf;
      if (!exchanges.empty())
        NVVM::BarrierOp::create(builder, location);
    }
    turn = sum(turn, word(1));
  }
  LLVM::CondBrOp::create(builder, location, less(turn, stop), loop, carried(),
                         done, ValueRange());
}

LogicalResult WalkKernel::build() {
  measure();
  addLines();
  placeThread();
  Value depth = LLVM::ZExtOp::create(
      builder, location, builder.getI64Type(),
      LLVM::LoadOp::create(
          builder, location, builder.getI32Type(),
          LLVM::GEPOp::create(
              builder, location, kernel.getArgument(0).getType(),
              builder.getI8Type(), kernel.getArgument(0),
              LLVM::GEPArg(int32_t(offsetof(rk::abi::StencilLaunch, depth)))),
          4));
  Value block = last == 2 ? indexOf<NVVM::BlockIdZOp>(builder, location)
                          : indexOf<NVVM::BlockIdYOp>(builder, location);
  first = product(block, depth);
  end = LLVM::SMinOp::create(builder, location, sum(first, depth),
                             launch.extent[last]);
  turn = steps == 1 ? first : sum(first, word((2 - steps) * lag));
  readFaces();
  findLayers();
  collectExchanges();
  for (auto &[key, line] : lines) {
    Type type = arrays[key.array].getType();
    Value zero = LLVM::ZeroOp::create(builder, location, type);
    for (int64_t place = line.newest; place >= line.oldest; --place)
      line.planes.push_back(line.isFromMemory
                                ? load(key.array, -key.time, key.row, key.aside,
                                       sum(turn, word(place - 1)))
                                : Cells(width, zero));
  }
  loadArriving(turn);
  if (steps > 1) {
    half = word(0);
    writeExchanges();
    half = word(halfBytes);
    if (!exchanges.empty())
      NVVM::BarrierOp::create(builder, location);
  }
  buildLoop();
  return success();
}

LogicalResult lowerStreamingToGpu(StencilPlanOp plan) {
  return WalkKernel(plan, hasDamped(plan->getParentOfType<StencilOp>()))
      .build();
}

/// Damping would take registers of all threads.
LogicalResult lowerTemporalToGpu(StencilPlanOp plan) {
  if (hasDamped(plan->getParentOfType<StencilOp>()) &&
      failed(WalkKernel(plan, /*damps=*/true, rk::abi::DampedSuffix).build()))
    return failure();
  return WalkKernel(plan, /*damps=*/false).build();
}

} // namespace rkc::conversion
