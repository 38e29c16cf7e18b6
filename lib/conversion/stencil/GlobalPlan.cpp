//===- GlobalPlan.cpp - One launch for each step --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Layers.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using rk::abi::StencilBox;

namespace rkc::conversion {
namespace {

/// Updates cells from memory to memory.
class CellUpdate {
public:
  CellUpdate(OpBuilder &builder, StencilOp stencil, const LaunchView &launch,
             Value parameters)
      : builder(builder), stencil(stencil), launch(launch),
        parameters(parameters) {}

  /// Updates the cell at `element`.
  void build(const Place &place, Value element);

  /// Marks accesses that no other cell of the loop touches.
  ArrayAttr groups;
  /// What is only read stays as it is while the kernel runs.
  bool isInvariant = false;
  /// Damps the cell.
  LayerView *layers = nullptr;
  /// Whether there are layers, or that they are in any case.
  Value hasLayers;
  /// Steps of the launch before, where it makes several.
  Value stepsBefore;

private:
  Value load(StencilAccessOp access, const Place &place, Value element);
  void dampAll(const Place &place, MutableArrayRef<StencilStoreOp> stores,
               SmallVectorImpl<Value> &values);

  OpBuilder &builder;
  StencilOp stencil;
  const LaunchView &launch;
  Value parameters;
  Location location = UnknownLoc::get(builder.getContext());
};

Value CellUpdate::load(StencilAccessOp access, const Place &place,
                       Value element) {
  Type type = access.getValue().getType();
  Value address =
      elementAddress(builder, location, launch, launch.entries[entryOf(access)],
                     type, element, access.getOffset());
  auto op = LLVM::LoadOp::create(
      builder, location, type, address, type.getIntOrFloatBitWidth() / 8,
      /*isVolatile=*/false, /*isNonTemporal=*/false,
      /*isInvariant=*/isInvariant && readsUnwritten(access));
  if (groups)
    op.setAccessGroupsAttr(groups);
  if (!layers || !stepsBefore || access.getLevel() == 0 ||
      !isDamped(stencil.getArray(access.getArray())))
    return op;
  SmallVector<Value> from;
  for (unsigned axis = 0; axis < 3; ++axis)
    from.push_back(add(builder, location, place[axis],
                       constant(builder, location, access.getOffset()[axis])));
  return layers->dampRead(op, layers->factorOfRead(from), access.getLevel(),
                          stepsBefore);
}

void CellUpdate::dampAll(const Place &place,
                         MutableArrayRef<StencilStoreOp> stores,
                         SmallVectorImpl<Value> &values) {
  Value factor = layers->factorOf(place);
  for (auto [store, value] : llvm::zip_equal(stores, values))
    if (isDamped(stencil.getArray(store.getArray())))
      value = layers->damp(value, factor);
}

void CellUpdate::build(const Place &place, Value element) {
  SmallVector<StencilStoreOp> stores;
  SmallVector<Value> values;
  cloneUpdate(
      builder, stencil.getApply(), parameters, place,
      [&](StencilAccessOp access) { return load(access, place, element); },
      [&](StencilStoreOp store, Value value) {
        stores.push_back(store);
        values.push_back(value);
      });
  if (layers && !hasLayers)
    dampAll(place, stores, values);
  else if (layers)
    whenTrue(builder, location, hasLayers, values, [&] {
      layers->readTables();
      dampAll(place, stores, values);
    });
  for (auto [store, value] : llvm::zip_equal(stores, values)) {
    Type type = value.getType();
    Value address = elementAddress(builder, location, launch,
                                   launch.entries[entryOf(store)], type,
                                   element, {0, 0, 0});
    auto written = LLVM::StoreOp::create(builder, location, value, address,
                                         type.getIntOrFloatBitWidth() / 8);
    if (groups)
      written.setAccessGroupsAttr(groups);
  }
}

} // namespace

Value copyParameters(OpBuilder &builder, Location location,
                     const LaunchView &launch, StencilOp stencil) {
  auto bytes = LLVM::LLVMArrayType::get(builder.getI8Type(), stencil.getSize());
  Value one =
      LLVM::ConstantOp::create(builder, location, builder.getI32Type(), 1);
  auto copy = LLVM::AllocaOp::create(
      builder, location, LLVM::LLVMPointerType::get(builder.getContext()),
      bytes, one, /*alignment=*/16);
  LLVM::MemcpyOp::create(
      builder, location, copy, launch.parameters,
      constant(builder, location, int64_t(stencil.getSize())),
      /*isVolatile=*/false);
  return copy;
}

static void makeGpuGlobal(StencilPlanOp plan, StringRef suffix, bool damps) {
  auto stencil = plan->getParentOfType<StencilOp>();
  OpBuilder builder(plan.getContext());
  LLVM::LLVMFuncOp kernel = makeGpuKernel(builder, plan, suffix);
  Location location = kernel.getLoc();
  LaunchView launch(builder, location, kernel.getArgument(0), stencil, 1);
  ArrayRef<int32_t> block = plan.getBlock();
  Place place = {
      placeOf<NVVM::BlockIdXOp, NVVM::ThreadIdXOp>(builder, location, block[0]),
      placeOf<NVVM::BlockIdYOp, NVVM::ThreadIdYOp>(builder, location, block[1]),
      placeOf<NVVM::BlockIdZOp, NVVM::ThreadIdZOp>(builder, location,
                                                   block[2])};
  Value inside;
  for (unsigned axis = 0; axis < 3; ++axis) {
    Value less = isLess(builder, location, place[axis], launch.extent[axis]);
    inside =
        inside
            ? LLVM::AndOp::create(builder, location, inside, less).getResult()
            : less;
  }
  Block *entry = builder.getInsertionBlock();
  Block *work = builder.createBlock(&kernel.getBody());
  Block *end = builder.createBlock(&kernel.getBody());
  LLVM::ReturnOp::create(builder, location, ValueRange());
  builder.setInsertionPointToEnd(entry);
  LLVM::CondBrOp::create(builder, location, inside, work, end);
  builder.setInsertionPointToEnd(work);
  Value element =
      add(builder, location,
          rowElement(builder, location, launch, place[1], place[2]), place[0]);
  CellUpdate update(builder, stencil, launch, launch.parameters);
  update.isInvariant = true;
  LayerView layers(builder, location, kernel.getArgument(0), stencil, 1);
  if (damps) {
    update.layers = &layers;
    update.hasLayers =
        layers.touches({{place[0], 1}, {place[1], 1}, {place[2], 1}});
  }
  update.build(place, element);
  LLVM::BrOp::create(builder, location, end);
}

/// To ask for layers takes a fifth of the cells a second of a cube of 128
/// floats.
LogicalResult lowerGlobalToGpu(StencilPlanOp plan) {
  makeGpuGlobal(plan, "", /*damps=*/false);
  if (hasDamped(plan->getParentOfType<StencilOp>()))
    makeGpuGlobal(plan, rk::abi::DampedSuffix, /*damps=*/true);
  return success();
}

namespace {

/// The fields of a `rk::abi::StencilBox` as values.
struct BoxView {
  BoxView(OpBuilder &builder, Location location, Value box) {
    auto read = [&](size_t offset) -> Value {
      Value address = LLVM::GEPOp::create(builder, location, box.getType(),
                                          builder.getI8Type(), box,
                                          LLVM::GEPArg(int32_t(offset)));
      return LLVM::LoadOp::create(builder, location, builder.getI64Type(),
                                  address, 8);
    };
    for (unsigned axis = 0; axis < 3; ++axis) {
      begin[axis] = read(offsetof(StencilBox, begin) + 8 * axis);
      end[axis] = read(offsetof(StencilBox, end) + 8 * axis);
    }
    origin = read(offsetof(StencilBox, origin));
    stepsBefore = read(offsetof(StencilBox, stepsBefore));
  }

  Value begin[3], end[3], origin, stepsBefore;
};

/// A loop over the places of an axis in a box. What is built after this is its
/// body; `finish` ends it, and what is built then comes after the loop.
class PlaceLoop {
public:
  PlaceLoop(OpBuilder &builder, Location location, const BoxView &box,
            unsigned axis)
      : builder(builder), location(location), end(box.end[axis]) {
    Block *before = builder.getInsertionBlock();
    body = builder.createBlock(before->getParent(), {}, {builder.getI64Type()},
                               {location});
    builder.setInsertionPointToEnd(before);
    LLVM::BrOp::create(builder, location, box.begin[axis], body);
    builder.setInsertionPointToEnd(body);
  }

  Value place() const { return body->getArgument(0); }

  LLVM::CondBrOp finish() {
    Value next =
        add(builder, location, place(), constant(builder, location, 1));
    Block *last = builder.getInsertionBlock();
    Block *after = builder.createBlock(last->getParent());
    builder.setInsertionPointToEnd(last);
    auto latch = LLVM::CondBrOp::create(
        builder, location, isLess(builder, location, next, end), body,
        ValueRange(next), after, ValueRange());
    builder.setInsertionPointToEnd(after);
    return latch;
  }

private:
  OpBuilder &builder;
  Location location;
  Value end;
  Block *body;
};

} // namespace

/// Rows of cells whose updates do not touch each other: LLVM may vectorise.
static void makeHostKernel(StencilPlanOp plan, StringRef name, bool damps) {
  auto stencil = plan->getParentOfType<StencilOp>();
  OpBuilder builder(plan.getContext());
  MLIRContext *context = builder.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  LLVM::LLVMFuncOp kernel = makeFunction(
      builder, plan->getParentOfType<ModuleOp>(), name, {pointer, pointer});
  Location location = kernel.getLoc();
  LaunchView launch(builder, location, kernel.getArgument(0), stencil, 0);
  BoxView box(builder, location, kernel.getArgument(1));
  launch.origin = box.origin;
  auto group = LLVM::AccessGroupAttr::get(context);
  CellUpdate update(builder, stencil, launch,
                    copyParameters(builder, location, launch, stencil));
  update.groups = builder.getArrayAttr({Attribute(group)});
  LayerView layers(builder, location, kernel.getArgument(0), stencil, 0,
                   update.groups);
  if (damps) {
    layers.readTables();
    update.layers = &layers;
    update.stepsBefore = box.stepsBefore;
  }
  PlaceLoop planes(builder, location, box, 2);
  PlaceLoop rows(builder, location, box, 1);
  Value start =
      rowElement(builder, location, launch, rows.place(), planes.place());
  PlaceLoop cells(builder, location, box, 0);
  update.build({cells.place(), rows.place(), planes.place()},
               add(builder, location, start, cells.place()));
  cells.finish().setLoopAnnotationAttr(
      LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, {}, {}, {}, {}, {}, {},
                                    {}, {}, {}, {}, {}, {group}));
  rows.finish();
  planes.finish();
  LLVM::ReturnOp::create(builder, location, ValueRange());
}

LogicalResult lowerGlobalToHost(StencilPlanOp plan) {
  makeHostKernel(plan, plan.getEntry(), /*damps=*/false);
  if (hasDamped(plan->getParentOfType<StencilOp>()))
    makeHostKernel(plan, (plan.getEntry() + rk::abi::DampedSuffix).str(),
                   /*damps=*/true);
  return success();
}

} // namespace rkc::conversion
