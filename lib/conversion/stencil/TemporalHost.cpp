//===- TemporalHost.cpp - Rows of a plan of several steps, on a CPU -------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The runtime walks over tiles (runtime/host/stencil/CpuTemporal.cpp) and calls
/// this function for the rows of a plane: `void entry(const StencilLaunch *,
/// const StencilRows *)`. LLVM vectorises the loop over the cells of a row.
///
//===----------------------------------------------------------------------===//

#include "PlanBlocks.h"

#include "rk/abi/StencilRows.h"

#include <cstddef>
#include <map>

using namespace mlir;
using rk::abi::StencilRows;

namespace rkc::conversion {
namespace {

class RowsFunction {
public:
  explicit RowsFunction(StencilPlanOp plan)
      : plan(plan), stencil(plan->getParentOfType<StencilOp>()),
        builder(plan.getContext()), word(builder.getI64Type()),
        pointer(LLVM::LLVMPointerType::get(plan.getContext())),
        function(makeKernel(builder, plan, {pointer, pointer})),
        location(function.getLoc()),
        launch(builder, location, function.getArgument(0), stencil, 0, 0) {}

  void build();

private:
  Value read(size_t offset) {
    return LLVM::LoadOp::create(builder, location, word, rowsAt(offset), 8);
  }
  Value rowsAt(size_t offset) {
    return LLVM::GEPOp::create(builder, location, pointer,
                               builder.getI8Type(), function.getArgument(1),
                               LLVM::GEPArg(int32_t(offset)));
  }
  void findPlanes();
  Value addressOf(unsigned entry, ArrayRef<int64_t> offset, Type type,
                  Value row, Value x);
  void update(Value row, Value x, LLVM::AccessGroupAttr group);
  void loop(Value first, Value end,
            llvm::function_ref<void(Value)> body,
            LLVM::LoopAnnotationAttr annotation = {});

  StencilPlanOp plan;
  StencilOp stencil;
  OpBuilder builder;
  Type word, pointer;
  LLVM::LLVMFuncOp function;
  Location location;
  LaunchView launch;
  Value parameters, place;
  Value shift[3];
  unsigned last = 2;
  /// The start of each plane that is read or written.
  std::map<std::pair<unsigned, int64_t>, Value> planes;
};

/// Number of an array's level among the planes that the runtime gives.
unsigned entryIn(StencilOp stencil, StringRef name, uint32_t level) {
  uint32_t entry = 0;
  for (auto array : stencil.getBody().getOps<StencilArrayOp>()) {
    if (array.getName() == name)
      return entry + level;
    entry += array.getLevels() + (array.getWritten() ? 1 : 0);
  }
  llvm_unreachable("the verifier knows the array");
}

void RowsFunction::findPlanes() {
  Value table = LLVM::LoadOp::create(
      builder, location, pointer, rowsAt(offsetof(StencilRows, planes)), 8);
  int64_t radius = 1;
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    radius = std::max(radius, (*array.getHalo())[last]);
  auto find = [&](unsigned entry, int64_t distance) {
    Value &start = planes[{entry, distance}];
    if (start)
      return;
    const int64_t number = entry * (2 * radius + 1) + radius + distance;
    Value at = LLVM::GEPOp::create(builder, location, pointer, word, table,
                                   LLVM::GEPArg(int32_t(number)));
    start = LLVM::LoadOp::create(builder, location, pointer, at, 8);
  };
  for (Operation &op : stencil.getApply().getBody().front()) {
    if (auto access = dyn_cast<StencilAccessOp>(op))
      find(entryIn(stencil, access.getArray(), access.getLevel()),
           access.getOffset()[last]);
    if (auto written = dyn_cast<StencilStoreOp>(op))
      find(entryIn(stencil, written.getArray(),
                   stencil.getArray(written.getArray()).getLevels()),
           0);
  }
}

Value RowsFunction::addressOf(unsigned entry, ArrayRef<int64_t> offset,
                              Type type, Value row, Value x) {
  Value element = add(builder, location, x, constant(builder, location, offset[0]));
  if (last == 2) {
    Value across = add(builder, location, row,
                       constant(builder, location, offset[1]));
    element = add(builder, location, element,
                  multiply(builder, location, across, launch.pitch));
  }
  return LLVM::GEPOp::create(builder, location, pointer, type,
                             planes.at({entry, offset[last]}),
                             LLVM::GEPArg(element));
}

void RowsFunction::update(Value row, Value x, LLVM::AccessGroupAttr group) {
  ArrayAttr groups = builder.getArrayAttr({Attribute(group)});
  Place at = {add(builder, location, x, shift[0]),
              add(builder, location, row, shift[1]), place};
  if (last == 1)
    at = {at[0], place, constant(builder, location, 0)};
  cloneUpdate(
      builder, stencil.getApply(), parameters, at,
      [&](StencilAccessOp access) -> Value {
        Type type = access.getValue().getType();
        auto op = LLVM::LoadOp::create(
            builder, location, type,
            addressOf(entryIn(stencil, access.getArray(), access.getLevel()),
                      access.getOffset(), type, row, x),
            type.getIntOrFloatBitWidth() / 8);
        op.setAccessGroupsAttr(groups);
        return op;
      },
      [&](StencilStoreOp written, Value value) {
        Type type = value.getType();
        const unsigned entry =
            entryIn(stencil, written.getArray(),
                    stencil.getArray(written.getArray()).getLevels());
        auto op = LLVM::StoreOp::create(
            builder, location, value,
            addressOf(entry, {0, 0, 0}, type, row, x),
            type.getIntOrFloatBitWidth() / 8);
        op.setAccessGroupsAttr(groups);
      });
}

void RowsFunction::loop(Value first, Value end,
                        llvm::function_ref<void(Value)> body,
                        LLVM::LoopAnnotationAttr annotation) {
  Block *before = builder.getInsertionBlock();
  Block *head = builder.createBlock(&function.getBody(), {}, {word}, {location});
  Block *done = builder.createBlock(&function.getBody());
  builder.setInsertionPointToEnd(before);
  LLVM::CondBrOp::create(builder, location,
                         isLess(builder, location, first, end), head,
                         ValueRange(first), done, ValueRange());
  builder.setInsertionPointToEnd(head);
  Value index = head->getArgument(0);
  body(index);
  Value next = add(builder, location, index, constant(builder, location, 1));
  auto latch = LLVM::CondBrOp::create(
      builder, location, isLess(builder, location, next, end), head,
      ValueRange(next), done, ValueRange());
  if (annotation)
    latch.setLoopAnnotationAttr(annotation);
  builder.setInsertionPointToEnd(done);
}

void RowsFunction::build() {
  last = stencil.getDimensions() - 1;
  parameters = copyParameters(builder, location, launch, stencil);
  findPlanes();
  place = read(offsetof(StencilRows, place));
  for (unsigned axis = 0; axis < 2; ++axis)
    shift[axis] = read(offsetof(StencilRows, shift) + 8 * axis);
  Value firstX = read(offsetof(StencilRows, first));
  Value endX = read(offsetof(StencilRows, end));
  Value firstRow = read(offsetof(StencilRows, first) + 8);
  Value endRow = read(offsetof(StencilRows, end) + 8);
  auto group = LLVM::AccessGroupAttr::get(builder.getContext());
  auto annotation =
      LLVM::LoopAnnotationAttr::get(builder.getContext(), {}, {}, {}, {}, {},
                                    {}, {}, {}, {}, {}, {}, {}, {}, {},
                                    {group});
  loop(firstRow, endRow, [&](Value row) {
    loop(firstX, endX, [&](Value x) { update(row, x, group); }, annotation);
  });
  LLVM::ReturnOp::create(builder, location, ValueRange());
}

} // namespace

LogicalResult lowerTemporalToHost(StencilPlanOp plan) {
  RowsFunction(plan).build();
  return success();
}

} // namespace rkc::conversion
