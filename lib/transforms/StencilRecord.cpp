//===- StencilRecord.cpp - What a module says of a stencil ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/StencilRecord.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>

using namespace mlir;

namespace rkc::transforms {

namespace {

/// What an instruction costs, in additions; 0 for what is no arithmetic.
uint32_t costOf(Operation *op) {
  static constexpr uint32_t Division = 8;
  return llvm::TypeSwitch<Operation *, uint32_t>(op)
      .Case<LLVM::FDivOp, LLVM::FRemOp, LLVM::SDivOp, LLVM::UDivOp,
            LLVM::SRemOp, LLVM::URemOp, LLVM::SqrtOp>(
          [](Operation *) { return Division; })
      .Case<LLVM::FAddOp, LLVM::FSubOp, LLVM::FMulOp, LLVM::AddOp, LLVM::SubOp,
            LLVM::MulOp, LLVM::ShlOp, LLVM::LShrOp, LLVM::AShrOp, LLVM::AndOp,
            LLVM::OrOp, LLVM::XOrOp, LLVM::ICmpOp, LLVM::FCmpOp, LLVM::SelectOp,
            LLVM::FPExtOp, LLVM::FPTruncOp, LLVM::FPToSIOp, LLVM::FPToUIOp,
            LLVM::SIToFPOp, LLVM::UIToFPOp, LLVM::FMAOp, LLVM::FMulAddOp,
            LLVM::FAbsOp, LLVM::MaxNumOp, LLVM::MinNumOp>(
          [](Operation *) { return 1u; })
      .Default(0u);
}

class Counter {
public:
  explicit Counter(ModuleOp program) : program(program) {}

  uint32_t count(Region &region) {
    uint32_t sum = 0;
    region.walk([&](Operation *op) {
      if (auto call = dyn_cast<LLVM::CallOp>(op))
        sum += countCall(call);
      else
        sum += costOf(op);
    });
    return sum;
  }

private:
  uint32_t countCall(LLVM::CallOp call) {
    constexpr uint32_t Unknown = 20;
    auto name = call.getCallee();
    auto callee = name ? SymbolTable::lookupNearestSymbolFrom<LLVM::LLVMFuncOp>(
                             program, call.getCalleeAttr())
                       : LLVM::LLVMFuncOp();
    if (!callee || callee.isExternal())
      return Unknown;
    // A function that comes back to itself is refused elsewhere.
    if (!entered.insert(callee).second)
      return 0;
    const uint32_t sum = count(callee.getBody());
    entered.erase(callee);
    return sum;
  }

  ModuleOp program;
  llvm::DenseSet<Operation *> entered;
};

} // namespace

uint32_t countOperations(StencilOp stencil) {
  StencilApplyOp apply = stencil.getApply();
  if (!apply)
    return 0;
  // 0 would say that they are not known.
  return std::max(
      1u, Counter(stencil->getParentOfType<ModuleOp>()).count(apply.getBody()));
}

/// What a boundary sets, and at which levels it finds all that it reads.
static rk::modfile::StencilBoundaryCode boundaryOf(StencilOp stencil,
                                                   StencilBoundaryOp boundary) {
  rk::modfile::StencilBoundaryCode code;
  code.entry = boundary.getEntry()->str();
  code.readsStep = boundary.getTimed();
  code.levels = rk::abi::MaxStencilLevels;
  auto needs = [&](llvm::StringRef name, uint32_t level) {
    StencilArrayOp array = stencil.getArray(name);
    if (!array.getCoefficient())
      code.levels = std::min(code.levels, array.getLevels() - level);
  };
  code.reach = 1;
  for (auto inside : boundary.getBody().getOps<StencilInsideOp>()) {
    needs(inside.getArray(), inside.getLevel());
    code.reach = std::max(code.reach, uint32_t(inside.getDistance()) + 1);
  }
  for (auto store : boundary.getBody().getOps<StencilStoreOp>()) {
    needs(store.getArray(), 0);
    for (auto [number, array] :
         llvm::enumerate(stencil.getBody().getOps<StencilArrayOp>()))
      if (array.getName() == store.getArray())
        code.sets |= 1u << number;
  }
  return code;
}

rk::abi::StencilNeighbours neighboursOf(StencilOp stencil) {
  using rk::abi::StencilNeighbours;
  StencilApplyOp apply = stencil.getApply();
  if (!apply)
    return StencilNeighbours::Unknown;
  const bool isStar = llvm::all_of(
      apply.getBody().getOps<StencilAccessOp>(), [](StencilAccessOp access) {
        return llvm::count_if(access.getOffset(),
                              [](int64_t offset) { return offset != 0; }) <= 1;
      });
  return isStar ? StencilNeighbours::Star : StencilNeighbours::Other;
}

rk::modfile::Stencil recordOf(StencilOp op) {
  rk::modfile::Stencil stencil;
  stencil.name = op.getSymName().str();
  stencil.hash = op.getHash();
  stencil.size = uint32_t(op.getSize());
  stencil.align = uint32_t(op.getAlign());
  stencil.dimensions = op.getDimensions();
  stencil.radius = op.getRadius();
  stencil.operations = countOperations(op);
  stencil.neighbours = neighboursOf(op);
  for (auto array : op.getBody().getOps<StencilArrayOp>()) {
    rk::modfile::StencilArray entry;
    entry.name = array.getName().str();
    entry.offset = uint32_t(array.getOffset());
    entry.elementBytes = array.getElementBytes();
    entry.isFloat = llvm::isa<mlir::FloatType>(array.getType());
    entry.isBrain = array.getType().isBF16();
    entry.part = uint32_t(array.getPart());
    entry.levels = array.getLevels();
    entry.entries = array.getEntries().value_or(array.getLevels());
    entry.isCoefficient = array.getCoefficient();
    entry.isWritten = array.getWritten();
    if (auto halo = array.getHalo())
      for (auto [axis, cells] : llvm::enumerate(*halo))
        entry.halo[axis] = uint32_t(cells);
    stencil.arrays.push_back(std::move(entry));
  }
  if (StencilBoundaryOp boundary = op.getOutside())
    stencil.boundary = boundaryOf(op, boundary);
  for (auto reduction : op.getBody().getOps<StencilReduceOp>())
    stencil.reductions.push_back(
        {reduction.getName().str(), reduction.getHash(),
         reduction.getEntry()->str(), reduction.getFoldEntry(),
         uint32_t(reduction.getSize()), uint32_t(reduction.getAlign())});
  for (auto plan : op.getBody().getOps<StencilPlanOp>()) {
    rk::modfile::StencilPlan entry;
    entry.name = plan.getName().str();
    entry.entry = plan.getEntry().str();
    for (unsigned axis = 0; axis < 3; ++axis) {
      entry.block[axis] = uint32_t(plan.getBlock()[axis]);
      entry.tile[axis] = uint32_t(plan.getTile()[axis]);
    }
    entry.steps = plan.getSteps();
    entry.sharedBytes = plan.getShared();
    stencil.plans.push_back(std::move(entry));
  }
  return stencil;
}

} // namespace rkc::transforms
