//===- IndexKernel.cpp - Kernels that do one thing for each index ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "IndexKernel.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace rkc::conversion {

IndexKernel::IndexKernel(OpBuilder &builder, ModuleOp program, StringRef name,
                         size_t argumentBytes, bool isGpu)
    : builder(builder), location(UnknownLoc::get(builder.getContext())),
      isGpu(isGpu) {
  Type word = builder.getI64Type();
  SmallVector<Type> arguments = {
      LLVM::LLVMPointerType::get(builder.getContext())};
  if (!isGpu)
    arguments.append({word, word});
  function = makeFunction(builder, program, name, arguments);
  argument = function.getArgument(0);
  if (!isGpu) {
    first = function.getArgument(1);
    past = function.getArgument(2);
    stride = constant(builder, location, 1);
    return;
  }
  passByValue(builder, function, argumentBytes);
  Value threads = indexOf<NVVM::BlockDimXOp>(builder, location);
  first = add(builder, location,
              multiply(builder, location,
                       indexOf<NVVM::BlockIdXOp>(builder, location), threads),
              indexOf<NVVM::ThreadIdXOp>(builder, location));
  stride = multiply(builder, location, threads,
                    indexOf<NVVM::GridDimXOp>(builder, location));
  past = load(word, argument, 0);
}

Value IndexKernel::argumentAt(size_t offset) {
  return LLVM::GEPOp::create(builder, location, argument.getType(),
                             builder.getI8Type(), argument,
                             LLVM::GEPArg(int32_t(offset)));
}

Value IndexKernel::load(Type type, Value pointer, size_t offset) {
  Value address = LLVM::GEPOp::create(builder, location, pointer.getType(),
                                      builder.getI8Type(), pointer,
                                      LLVM::GEPArg(int32_t(offset)));
  return LLVM::LoadOp::create(builder, location, type, address,
                              type.getIntOrFloatBitWidth() / 8);
}

Value IndexKernel::local(int64_t bytes, int64_t alignment) {
  Value one =
      LLVM::ConstantOp::create(builder, location, builder.getI32Type(), 1);
  return LLVM::AllocaOp::create(
      builder, location, LLVM::LLVMPointerType::get(builder.getContext()),
      LLVM::LLVMArrayType::get(builder.getI8Type(), bytes), one,
      unsigned(alignment));
}

void IndexKernel::begin() {
  Block *entry = builder.getInsertionBlock();
  Region *body = &function.getBody();
  head = builder.createBlock(body, {}, {builder.getI64Type()}, {location});
  Block *work = builder.createBlock(body);
  next = builder.createBlock(body);
  Block *done = builder.createBlock(body);
  LLVM::ReturnOp::create(builder, location, ValueRange());
  builder.setInsertionPointToEnd(entry);
  LLVM::BrOp::create(builder, location, first, head);
  index = head->getArgument(0);
  builder.setInsertionPointToEnd(head);
  LLVM::CondBrOp::create(builder, location,
                         isLess(builder, location, index, past), work, done);
  builder.setInsertionPointToEnd(work);
}

void IndexKernel::continueIf(Value condition) {
  Block *here = builder.getInsertionBlock();
  Block *work = builder.createBlock(next);
  builder.setInsertionPointToEnd(here);
  LLVM::CondBrOp::create(builder, location, condition, work, next);
  builder.setInsertionPointToEnd(work);
}

void IndexKernel::end() {
  LLVM::BrOp::create(builder, location, next);
  builder.setInsertionPointToEnd(next);
  LLVM::BrOp::create(builder, location, add(builder, location, index, stride),
                     head);
}

LLVM::LLVMFuncOp functionNamed(OpBuilder &builder, ModuleOp program,
                               StringRef name, Type result,
                               ArrayRef<Type> arguments) {
  if (auto known = program.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(program.getBody());
  return LLVM::LLVMFuncOp::create(
      builder, UnknownLoc::get(builder.getContext()), name,
      LLVM::LLVMFunctionType::get(result, arguments));
}

} // namespace rkc::conversion
