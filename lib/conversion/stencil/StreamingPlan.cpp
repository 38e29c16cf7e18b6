//===- StreamingPlan.cpp - Threads that walk along z ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A thread updates a column of cells. Of each column of the neighbourhood that
/// has several cells, the values stay in registers: of one update to the next
/// they move down by one, and one new value is loaded. Neighbours along x and y
/// come from the first-level cache, where the threads of a block share lines.
///
//===----------------------------------------------------------------------===//

#include "PlanBlocks.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/MapVector.h"

#include <map>
#include <tuple>

using namespace mlir;

namespace rkc::conversion {
namespace {

/// The cells of an entry that lie above each other at one (x, y).
struct Column {
  uint32_t entry;
  Type type;
  int64_t x, y, low, high;
  /// The values at z + low, ..., z + high - 1; the last is loaded.
  SmallVector<Value> values;
};

class StreamingKernel {
public:
  explicit StreamingKernel(StencilPlanOp plan)
      : plan(plan), stencil(plan->getParentOfType<StencilOp>()),
        builder(plan.getContext()), kernel(makeGpuKernel(builder, plan)),
        location(kernel.getLoc()),
        launch(builder, location, kernel.getArgument(0), stencil, 1) {}

  void build() {
    collectColumns();
    ArrayRef<int32_t> block = plan.getBlock();
    place[0] = placeOf<NVVM::BlockIdXOp, NVVM::ThreadIdXOp>(builder, location,
                                                            block[0]);
    place[1] = placeOf<NVVM::BlockIdYOp, NVVM::ThreadIdYOp>(builder, location,
                                                            block[1]);
    Value depth = constant(builder, location, plan.getTile()[2]);
    Value first = multiply(builder, location,
                           indexOf<NVVM::BlockIdZOp>(builder, location), depth);
    Value end = LLVM::SMinOp::create(builder, location,
                                     add(builder, location, first, depth),
                                     launch.extent[2]);
    Value inside = LLVM::AndOp::create(
        builder, location,
        isLess(builder, location, place[0], launch.extent[0]),
        isLess(builder, location, place[1], launch.extent[1]));
    Block *entry = builder.getInsertionBlock();
    Block *start = builder.createBlock(&kernel.getBody());
    Block *done = builder.createBlock(&kernel.getBody());
    LLVM::ReturnOp::create(builder, location, ValueRange());
    builder.setInsertionPointToEnd(entry);
    LLVM::CondBrOp::create(builder, location, inside, start, done);
    builder.setInsertionPointToEnd(start);
    Value element =
        add(builder, location,
            rowElement(builder, location, launch, place[1], first), place[0]);
    buildLoop(first, end, element, done);
  }

private:
  void collectColumns() {
    for (auto access : stencil.getApply().getBody().getOps<StencilAccessOp>()) {
      if (!readsUnwritten(access))
        continue;
      ArrayRef<int64_t> offset = access.getOffset();
      Column fresh = {entryOf(access),
                      access.getValue().getType(),
                      offset[0],
                      offset[1],
                      offset[2],
                      offset[2],
                      {}};
      auto [known, isNew] = columns.insert({keyOf(access), fresh});
      if (isNew)
        continue;
      known->second.low = std::min(known->second.low, offset[2]);
      known->second.high = std::max(known->second.high, offset[2]);
    }
    columns.remove_if(
        [](auto &known) { return known.second.low == known.second.high; });
  }

  using Key = std::tuple<uint32_t, int64_t, int64_t>;
  static Key keyOf(StencilAccessOp access) {
    return {entryOf(access), access.getOffset()[0], access.getOffset()[1]};
  }

  Value load(uint32_t entry, Type type, Value element, ArrayRef<int64_t> offset,
             bool invariant) {
    Value address =
        elementAddress(builder, location, launch, launch.entries[entry], type,
                       element, offset);
    return LLVM::LoadOp::create(builder, location, type, address,
                                type.getIntOrFloatBitWidth() / 8,
                                /*isVolatile=*/false, /*isNonTemporal=*/false,
                                /*isInvariant=*/invariant);
  }

  /// The loop's values: z, the element, and what the columns keep.
  void buildLoop(Value first, Value end, Value element, Block *done) {
    SmallVector<Value> values = {first, element};
    for (auto &[key, column] : columns)
      for (int64_t z = column.low; z < column.high; ++z)
        values.push_back(load(column.entry, column.type, element,
                              {column.x, column.y, z}, true));
    SmallVector<Type> types = llvm::to_vector(ValueRange(values).getTypes());
    Block *before = builder.getInsertionBlock();
    Block *loop =
        builder.createBlock(&kernel.getBody(), {}, types,
                            SmallVector<Location>(types.size(), location));
    builder.setInsertionPointToEnd(before);
    LLVM::BrOp::create(builder, location, values, loop);
    builder.setInsertionPointToEnd(loop);
    place[2] = loop->getArgument(0);
    element = loop->getArgument(1);
    unsigned argument = 2;
    for (auto &[key, column] : columns) {
      for (int64_t z = column.low; z < column.high; ++z)
        column.values.push_back(loop->getArgument(argument++));
      column.values.push_back(load(column.entry, column.type, element,
                                   {column.x, column.y, column.high}, true));
    }
    updateCell(element);
    values = {add(builder, location, place[2], constant(builder, location, 1)),
              add(builder, location, element, launch.plane)};
    for (auto &[key, column] : columns)
      llvm::append_range(values, ArrayRef(column.values).drop_front());
    LLVM::CondBrOp::create(builder, location,
                           isLess(builder, location, values[0], end), loop,
                           values, done, ValueRange());
  }

  void updateCell(Value element) {
    auto read = [&](StencilAccessOp access) -> Value {
      bool unwritten = readsUnwritten(access);
      auto known = columns.find(keyOf(access));
      if (unwritten && known != columns.end())
        return known->second.values[access.getOffset()[2] - known->second.low];
      return load(entryOf(access), access.getValue().getType(), element,
                  access.getOffset(), unwritten);
    };
    auto store = [&](StencilStoreOp op, Value value) {
      Type type = value.getType();
      Value address =
          elementAddress(builder, location, launch, launch.entries[entryOf(op)],
                         type, element, {0, 0, 0});
      LLVM::StoreOp::create(builder, location, value, address,
                            type.getIntOrFloatBitWidth() / 8);
    };
    cloneUpdate(builder, stencil.getApply(), launch.parameters, place, read,
                store);
  }

  StencilPlanOp plan;
  StencilOp stencil;
  OpBuilder builder;
  LLVM::LLVMFuncOp kernel;
  Location location;
  LaunchView launch;
  Place place;
  llvm::MapVector<Key, Column, std::map<Key, unsigned>> columns;
};

} // namespace

LogicalResult lowerStreamingToGpu(StencilPlanOp plan) {
  StreamingKernel(plan).build();
  return success();
}

} // namespace rkc::conversion
