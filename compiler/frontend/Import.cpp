//===- Import.cpp - From LLVM IR and records to rk -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/ImportInternal.h"

#include "rkc/dialect/Rk.h"
#include "rkc/frontend/Frontend.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMIRToLLVMTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/LLVMIRToNVVMTranslation.h"
#include "mlir/Target/LLVMIR/Import.h"

using namespace mlir;

namespace rkc::frontend {

void registerFrontendDialects(DialectRegistry &registry) {
  registry
      .insert<RkDialect, LLVM::LLVMDialect, NVVM::NVVMDialect, DLTIDialect>();
  registerLLVMDialectImport(registry);
  registerNVVMDialectImport(registry);
}

namespace {

/// Adds the declarations of a program to the front of a module.
class Declarations {
public:
  explicit Declarations(ModuleOp module) : builder(module.getContext()) {
    builder.setInsertionPointToStart(module.getBody());
  }

  void add(const Program &program) {
    for (const TypeRecord &message : program.messages)
      MessageOp::create(builder, locationOf(message.where),
                        builder.getStringAttr(message.name), i64(message.hash),
                        i64(message.size), i64(message.align),
                        builder.getStringAttr(message.tag), IntegerAttr(),
                        message.isBulk ? builder.getUnitAttr() : UnitAttr());
    for (const ActorRecord &actor : program.actors)
      add(actor);
    for (const StencilRecord &stencil : program.stencils)
      add(stencil);
  }

private:
  IntegerAttr i64(uint64_t value) {
    return builder.getI64IntegerAttr(int64_t(value));
  }

  Location locationOf(const SourcePoint &where) {
    if (where.file.empty())
      return builder.getUnknownLoc();
    return FileLineColLoc::get(builder.getContext(), where.file, where.line,
                               where.column);
  }

  FlatSymbolRefAttr symbol(const std::string &name) {
    return FlatSymbolRefAttr::get(builder.getContext(), name);
  }

  void add(const ActorRecord &actor) {
    auto op = ActorOp::create(
        builder, locationOf(actor.where), builder.getStringAttr(actor.name),
        i64(actor.hash), i64(actor.size), i64(actor.align),
        builder.getStringAttr(actor.tag),
        actor.whenFull == rk::abi::WhenFull::Fail
            ? WhenFullAttr()
            : WhenFullAttr::get(builder.getContext(), WhenFull(actor.whenFull)),
        IntegerAttr(), actor.isResident ? builder.getUnitAttr() : UnitAttr());
    OpBuilder::InsertionGuard guard(builder);
    if (op.getBody().empty())
      op.getBody().emplaceBlock();
    builder.setInsertionPointToStart(&op.getBody().front());
    for (const FieldRecord &field : actor.fields)
      StateOp::create(builder, locationOf(field.where),
                      builder.getStringAttr(field.name), i64(field.offset),
                      i64(field.size));
    for (const HandlerRecord &handler : actor.handlers)
      HandlerOp::create(
          builder, locationOf(handler.where), symbol(handler.message),
          symbol(handler.thunk),
          handler.reply.empty() ? FlatSymbolRefAttr() : symbol(handler.reply),
          LanesAttr::get(builder.getContext(), Lanes(handler.lanes)));
  }

  Type elementType(const StencilArrayRecord &array) {
    if (array.isBrain)
      return builder.getBF16Type();
    if (array.isFloat && array.bytes == 2)
      return builder.getF16Type();
    if (array.isFloat)
      return array.bytes == 4 ? Type(builder.getF32Type())
                              : Type(builder.getF64Type());
    return builder.getIntegerType(unsigned(array.bytes) * 8);
  }

  void add(const StencilRecord &stencil) {
    auto op = StencilOp::create(
        builder, locationOf(stencil.where), builder.getStringAttr(stencil.name),
        i64(stencil.hash), i64(stencil.size), i64(stencil.align),
        builder.getStringAttr(stencil.tag),
        builder.getI32IntegerAttr(int32_t(stencil.dimensions)),
        builder.getI32IntegerAttr(int32_t(stencil.radius)),
        stencil.isStar ? builder.getUnitAttr() : UnitAttr(),
        symbol(stencil.update.thunk),
        stencil.boundary.thunk.empty() ? FlatSymbolRefAttr()
                                       : symbol(stencil.boundary.thunk));
    OpBuilder::InsertionGuard guard(builder);
    if (op.getBody().empty())
      op.getBody().emplaceBlock();
    builder.setInsertionPointToStart(&op.getBody().front());
    for (const StencilArrayRecord &array : stencil.arrays)
      StencilArrayOp::create(
          builder, locationOf(array.where), builder.getStringAttr(array.name),
          TypeAttr::get(elementType(array)), i64(array.offset),
          builder.getI32IntegerAttr(int32_t(array.levels)),
          array.isCoefficient ? builder.getUnitAttr() : UnitAttr(),
          IntegerAttr(), DenseI64ArrayAttr(), UnitAttr(),
          builder.getI32IntegerAttr(int32_t(array.part)));
    for (const StencilReductionRecord &reduction : stencil.reductions)
      StencilReduceOp::create(
          builder, locationOf(reduction.term.where),
          builder.getStringAttr(reduction.term.name), i64(reduction.hash),
          i64(reduction.size), i64(reduction.align), symbol(reduction.combine),
          symbol(reduction.fold), symbol(reduction.term.thunk),
          FlatSymbolRefAttr());
  }

  OpBuilder builder;
};

} // namespace

OwningOpRef<ModuleOp> importProgram(std::unique_ptr<llvm::Module> code,
                                    const Program &program,
                                    MLIRContext &context, std::string &error) {
  // The import warns about metadata that no later step reads.
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return success();
    llvm::raw_string_ostream out(error);
    out << (error.empty() ? "" : "; ") << diagnostic.getLocation() << ": "
        << diagnostic;
    return success();
  });
  matchCalls(*code);
  auto module = translateLLVMIRToModule(std::move(code), &context,
                                        /*emitExpensiveWarnings=*/false);
  if (!module)
    return nullptr;
  Declarations(*module).add(program);
  if (failed(verify(*module)))
    return nullptr;
  return module;
}

} // namespace rkc::frontend
