//===- Embed.cpp - A module file inside an object -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "../common/LlvmModule.h"

#include "rkc/target/Images.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

namespace rkc {

/// A constant that holds `bytes`.
static llvm::GlobalVariable *makeBytes(llvm::Module &module,
                                       llvm::StringRef bytes, bool isText,
                                       const char *name) {
  llvm::Constant *value = llvm::ConstantDataArray::getString(
      module.getContext(), bytes, /*AddNull=*/isText);
  return new llvm::GlobalVariable(module, value->getType(), true,
                                  llvm::GlobalValue::InternalLinkage, value,
                                  name);
}

/// Makes the function that registers the module, and has it run before main.
static void makeConstructor(llvm::Module &module, llvm::Constant *bytes,
                            uint64_t size, llvm::Constant *name) {
  llvm::LLVMContext &context = module.getContext();
  auto *pointer = llvm::PointerType::get(context, 0);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), false);
  auto *function =
      llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage,
                             "rk_register_this_module", module);
  llvm::IRBuilder<> builder(
      llvm::BasicBlock::Create(context, "entry", function));
  llvm::FunctionCallee callee =
      module.getOrInsertFunction("rk_register_module", builder.getVoidTy(),
                                 pointer, builder.getInt64Ty(), pointer);
  builder.CreateCall(callee, {bytes, builder.getInt64(size), name});
  builder.CreateRetVoid();
  llvm::appendToGlobalCtors(module, function, 65535);
}

bool embedModule(llvm::StringRef moduleBytes, llvm::StringRef name,
                 std::string &object, std::string &error) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  std::unique_ptr<llvm::TargetMachine> machine =
      makeHostMachine("x86-64", 2, error);
  if (!machine)
    return false;
  llvm::LLVMContext context;
  llvm::Module module(name, context);
  module.setSourceFileName(name);
  retarget(module, *machine);
  llvm::GlobalVariable *bytes =
      makeBytes(module, moduleBytes, false, "rk_module_bytes");
  bytes->setAlignment(llvm::Align(64));
  bytes->setSection(".rodata.rk_module");
  llvm::GlobalVariable *text = makeBytes(module, name, true, "rk_module_name");
  makeConstructor(module, bytes, moduleBytes.size(), text);
  if (runCodeGenerator(module, *machine, llvm::CodeGenFileType::ObjectFile,
                       object))
    return true;
  error =
      "LLVM cannot write objects for " + machine->getTargetTriple().normalize();
  return false;
}

} // namespace rkc
