//===- RaiseStencils.cpp - What a stencil does with its cells -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "RaiseInternal.h"
#include "StencilBody.h"

#include "rk/abi/StencilOutside.h"

using namespace mlir;

namespace rkc::frontend {
namespace {

/// The only block of an op that was just made.
Block &blockOf(Region &region) {
  return region.empty() ? region.emplaceBlock() : region.front();
}

/// What is computed for a cell, from its neighbourhood.
class CellBody : public StencilBody {
protected:
  CellBody(StencilOp stencil, LLVM::LLVMFuncOp function)
      : StencilBody(stencil, function, 3) {}

  [[nodiscard]] StringRef readMarker() const override {
    return "__rk_stencil_read_";
  }
  FailureOr<std::array<int64_t, 3>> readWhere(LLVM::CallOp call) override {
    std::array<int64_t, 3> where;
    for (unsigned axis = 0; axis < 3; ++axis) {
      FailureOr<int64_t> offset = constant(call, 2 + axis);
      if (failed(offset))
        return failure();
      where[axis] = *offset;
    }
    return where;
  }
  StencilRead unset(StencilArrayOp array) override { return {array, 0, {}}; }
  Value makeAccess(StencilRead read) override {
    return StencilAccessOp::create(
        builder, function.getLoc(), read.array.getType(),
        read.array.getNameAttr(), builder.getDenseI64ArrayAttr(read.where),
        builder.getI32IntegerAttr(read.level));
  }
};

/// An update becomes `rk.stencil.apply`.
class Update final : public CellBody {
public:
  Update(StencilOp stencil, LLVM::LLVMFuncOp function)
      : CellBody(stencil, function) {}

private:
  /// A field with several levels that no step sets keeps its value, and its
  /// levels move on: whether LLVM could prove that a branch is never taken must
  /// not show.
  LogicalResult check() override {
    if (writes.empty())
      return stencil->emitError("the update of stencil '")
             << stencil.getSymName()
             << "' sets no field: write 'cell.set(field, value)'";
    for (auto array : stencil.getBody().getOps<StencilArrayOp>())
      if (array.getLevels() > 1)
        writes.insert({array, {}});
    return success();
  }
  Block &makeOp() override {
    auto apply = StencilApplyOp::create(builder, function.getLoc());
    return blockOf(apply.getBody());
  }
};

/// A boundary becomes `rk.stencil.boundary`.
class Boundary final : public StencilBody {
public:
  Boundary(StencilOp stencil, LLVM::LLVMFuncOp function)
      : StencilBody(stencil, function, 6) {}

private:
  static constexpr unsigned Step = 5;

  [[nodiscard]] StringRef readMarker() const override {
    return "__rk_stencil_inside_";
  }
  FailureOr<std::array<int64_t, 3>> readWhere(LLVM::CallOp call) override {
    FailureOr<int64_t> from = constant(call, 2);
    if (failed(from))
      return failure();
    if (*from < 0 || *from >= int64_t(rk::abi::StencilFromCount))
      return call.emitError("reads from place ") << *from << ", which is none";
    FailureOr<int64_t> distance = constant(call, 3);
    if (failed(distance))
      return failure();
    return std::array<int64_t, 3>{*from, *distance, 0};
  }
  StencilRead unset(StencilArrayOp array) override {
    return {array, 0, {int64_t(StencilFrom::Mirror), 0, 0}};
  }
  LogicalResult check() override {
    if (!writes.empty())
      return success();
    return stencil->emitError("the boundary of stencil '")
           << stencil.getSymName()
           << "' sets no field: write 'place.set(field, value)'";
  }
  Block &makeOp() override {
    auto boundary = StencilBoundaryOp::create(
        builder, function.getLoc(), FlatSymbolRefAttr(),
        position(Step).use_empty() ? UnitAttr() : builder.getUnitAttr());
    return blockOf(boundary.getBody());
  }
  Value makeAccess(StencilRead read) override {
    return StencilInsideOp::create(
        builder, function.getLoc(), read.array.getType(),
        read.array.getNameAttr(),
        StencilFromAttr::get(builder.getContext(), StencilFrom(read.where[0])),
        builder.getI64IntegerAttr(read.where[1]),
        builder.getI32IntegerAttr(read.level));
  }
};

/// The value of a cell becomes the block of a `rk.stencil.reduce`.
class Term final : public CellBody {
public:
  Term(StencilReduceOp reduction, LLVM::LLVMFuncOp function)
      : CellBody(reduction->getParentOfType<StencilOp>(), function),
        reduction(reduction) {}

private:
  LogicalResult check() override {
    if (writes.empty())
      return success();
    return writes.front().second.front().emitError(
        "a reduction cannot set fields: do so in the update");
  }
  Block &makeOp() override {
    reduction.removeTermAttr();
    return blockOf(reduction.getBody());
  }

  StencilReduceOp reduction;
};

/// Finds the function that `name` names, if it names one.
FailureOr<LLVM::LLVMFuncOp> bodyNamed(SymbolTable &symbols, Operation *op,
                                      FlatSymbolRefAttr name) {
  if (!name)
    return LLVM::LLVMFuncOp();
  auto function = symbols.lookup<LLVM::LLVMFuncOp>(name.getAttr());
  if (function && !function.isExternal())
    return function;
  return op->emitOpError("names '")
         << name.getValue() << "', which is not defined";
}

template <class Body, class Op>
LogicalResult raiseBody(SymbolTable &symbols, Op op, FlatSymbolRefAttr name) {
  FailureOr<LLVM::LLVMFuncOp> function = bodyNamed(symbols, op, name);
  if (failed(function))
    return failure();
  return *function ? Body(op, *function).raise() : success();
}

/// Raises the value of a cell, and keeps the roundings of what combines values.
LogicalResult raiseReduction(SymbolTable &symbols, StencilReduceOp reduction) {
  for (FlatSymbolRefAttr name :
       {reduction.getCombineAttr(), reduction.getFoldAttr()})
    if (auto function = symbols.lookup<LLVM::LLVMFuncOp>(name.getAttr()))
      splitMulAdds(function);
  return raiseBody<Term>(symbols, reduction, reduction.getTermAttr());
}

} // namespace

LogicalResult raiseStencils(ModuleOp program) {
  SymbolTable symbols(program);
  for (auto stencil : program.getOps<StencilOp>()) {
    if (failed(raiseBody<Update>(symbols, stencil, stencil.getUpdateAttr())) ||
        failed(
            raiseBody<Boundary>(symbols, stencil, stencil.getBoundaryAttr())))
      return failure();
    stencil.removeUpdateAttr();
    stencil.removeBoundaryAttr();
    for (auto reduction :
         llvm::to_vector(stencil.getBody().getOps<StencilReduceOp>()))
      if (failed(raiseReduction(symbols, reduction)))
        return failure();
  }
  LogicalResult result = success();
  program.walk([&](LLVM::CallOp call) {
    StringRef callee = call.getCallee().value_or("");
    if (callee.starts_with("__rk_stencil_"))
      result = call.emitError("cells are read and written in the update of a "
                              "stencil, and in functions that it calls by "
                              "name and without recursion");
  });
  return result;
}

} // namespace rkc::frontend
