//===- DeviceCalls.cpp - Device calls as LLVM functions -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/DeviceCalls.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace rkc {

namespace {

struct DeviceCall {
  StringRef name;
  StringRef result;
  StringRef arguments;
  bool onGpu;
  bool onHost;
};

constexpr DeviceCall DeviceCalls[] = {
#define RK_DEVICE_CALL(name, result, arguments)                                \
  {#name, result, arguments, true, true},
#define RK_GPU_CALL(name, result, arguments)                                   \
  {#name, result, arguments, true, false},
#define RK_HOST_CALL(name, result, arguments)                                  \
  {#name, result, arguments, false, true},
#include "rk/abi/DeviceCalls.def"
};

const DeviceCall *findCall(StringRef name) {
  for (const DeviceCall &call : DeviceCalls)
    if (call.name == name)
      return &call;
  return nullptr;
}

Type typeNamed(MLIRContext *context, StringRef name) {
  Type type = llvm::StringSwitch<Type>(name)
                  .Case("void", LLVM::LLVMVoidType::get(context))
                  .Case("ptr", LLVM::LLVMPointerType::get(context))
                  .Case("i32", IntegerType::get(context, 32))
                  .Case("i64", IntegerType::get(context, 64))
                  .Case("float", Float32Type::get(context))
                  .Default(Type());
  assert(type && "DeviceCalls.def has a type that is not listed here");
  return type;
}

LLVM::LLVMFunctionType typeOf(MLIRContext *context, const DeviceCall &call) {
  SmallVector<StringRef> parts;
  call.arguments.split(parts, ',', -1, /*KeepEmpty=*/false);
  SmallVector<Type> arguments;
  for (StringRef part : parts)
    arguments.push_back(typeNamed(context, part.ltrim().split(' ').first));
  return LLVM::LLVMFunctionType::get(typeNamed(context, call.result),
                                     arguments);
}

} // namespace

LLVM::LLVMFunctionType getDeviceCallType(MLIRContext *context, StringRef name,
                                         bool onHost) {
  const DeviceCall *call = findCall(name);
  if (!call || !(onHost ? call->onHost : call->onGpu))
    return {};
  return typeOf(context, *call);
}

LLVM::LLVMFuncOp getDeviceCall(ModuleOp program, StringRef name) {
  if (auto known = program.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  const DeviceCall *call = findCall(name);
  assert(call && "not in DeviceCalls.def");
  auto builder = OpBuilder::atBlockBegin(program.getBody());
  // A declaration with a location of its own cannot be exported.
  return LLVM::LLVMFuncOp::create(builder, builder.getUnknownLoc(), name,
                                  typeOf(program.getContext(), *call));
}

} // namespace rkc
