//===- TestProgram.cpp - Lowered programs for tests -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace rkc::test {

static std::string programText(const std::string &body,
                               const std::string &globals) {
  // As the frontend does, with the GPU's triple and layout.
  return R"(
module attributes {
  llvm.data_layout = "e-p6:32:32-i64:64-i128:128-i256:256-v16:16-v32:32-n16:32:64",
  llvm.target_triple = "nvptx64-nvidia-cuda"
} {
)" + globals +
         R"(
  llvm.func @handler(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr,
                     %context: !llvm.ptr)
      attributes {target_cpu = "sm_80",
                  target_features = #llvm.target_features<["+ptx90"]>} {
    %x = llvm.load %message : !llvm.ptr -> f64
    %c1 = llvm.mlir.constant(1 : i32) : i32
)" + body +
         R"(
    llvm.return
  }
  llvm.func @rk_dispatch(%key: i32, %state: !llvm.ptr, %message: !llvm.ptr,
                         %reply: !llvm.ptr, %context: !llvm.ptr) -> i32 {
    %zero = llvm.mlir.constant(0 : i32) : i32
    %one = llvm.mlir.constant(1 : i32) : i32
    llvm.switch %key : i32, ^none [1: ^run]
  ^run:
    llvm.call @handler(%state, %message, %reply, %context)
      : (!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
    llvm.return %one : i32
  ^none:
    llvm.return %zero : i32
  }
  llvm.func @rk_handler_lanes(%key: i32) -> i32 {
    %lanes = llvm.mlir.constant(32 : i32) : i32
    llvm.return %lanes : i32
  }
}
)";
}

TestProgram::TestProgram(const std::string &body, const std::string &globals)
    : resourceDir(RK_TEST_RESOURCE_DIR) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::LLVM::LLVMDialect, mlir::NVVM::NVVMDialect,
                  mlir::DLTIDialect>();
  registerEmission(registry);
  context.appendDialectRegistry(registry);
  context.disableMultithreading();
  context.loadAllAvailableDialects();
  options.moduleName = "test";
  context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
    if (auto where =
            llvm::dyn_cast<mlir::FileLineColLoc>(diagnostic.getLocation()))
      errors += std::to_string(where.getLine()) + ":" +
                std::to_string(where.getColumn()) + ": ";
    errors += diagnostic.str() + "\n";
  });
  program = mlir::parseSourceString<mlir::ModuleOp>(programText(body, globals),
                                                    &context);
  EXPECT_TRUE(program) << errors;
}

static Target targetOf(const std::string &name) {
  Target target;
  std::string error;
  EXPECT_TRUE(parseTarget(name, target, error)) << error;
  return target;
}

std::string TestProgram::code(const std::string &name) {
  Target target = targetOf(name);
  Toolchain toolchain(resourceDir);
  LlvmProgram image(*program, target, toolchain, options);
  std::string result;
  if (failed(image.translate()) || failed(image.optimize()) ||
      failed(image.generateCode(result)))
    return "";
  return result;
}

std::string TestProgram::optimizedIr(const std::string &name) {
  Target target = targetOf(name);
  Toolchain toolchain(resourceDir);
  LlvmProgram image(*program, target, toolchain, options);
  if (failed(image.translate()) || failed(image.optimize()))
    return "";
  return image.print();
}

std::string TestProgram::cubin(const std::string &name,
                               KernelResources &resources) {
  std::string ptx = code(name), result, error;
  if (ptx.empty())
    return "";
  if (!assemble(ptx, targetOf(name), Toolchain(resourceDir), false, result,
                resources, error)) {
    errors += error + "\n";
    return "";
  }
  return result;
}

bool TestProgram::runOnHost(std::vector<double> &words, uint32_t agent) {
  std::string object = code("host"), image, error;
  TemporaryFolder folder;
  std::string path = folder.file("image.so");
  if (object.empty() ||
      !linkSharedObject(object, "libtest.rk.so", Toolchain(resourceDir), false,
                        image, error) ||
      !writeFile(path, image, error)) {
    errors += error + "\n";
    return false;
  }
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    errors += std::string(dlerror()) + "\n";
    return false;
  }
  auto *run = reinterpret_cast<void (*)(double *, uint32_t)>(
      dlsym(library, "rk_agent_run"));
  if (run)
    run(words.data(), agent);
  dlclose(library);
  return run != nullptr;
}

} // namespace rkc::test
