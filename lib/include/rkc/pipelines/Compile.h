//===- Compile.h - From the rk dialect to a module file --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The compiler's back half in one call: the phases analyze to pack.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/pipelines/Phases.h"
#include "rkc/target/Images.h"
#include "rkc/target/LlvmProgram.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <string>
#include <vector>

namespace rkc {

/// What a compilation is for. Work that it does not need is left out.
enum class Product {
  Rk,        ///< the program after `Optimize`, as MLIR
  Llvm,      ///< the optimised LLVM IR of the first target
  Ptx,       ///< the PTX of the first GPU
  Cubin,     ///< the cubin of the first GPU
  HostImage, ///< the shared object for the CPU
  Module,    ///< the module file with all targets
};

struct CompileOptions {
  std::vector<Target> targets;
  Gate gate = Gate::Policy;
  Product product = Product::Module;
  Phase stopAfter = Phase::Pack;
  /// Start with a module that is lowered for the only target. For tests.
  bool isLowered = false;
  /// Say what is done to each handler and function whose name matches this
  /// regular expression, as remarks; to every one if it is empty.
  std::optional<std::string> remarks;
  EmitOptions emit;
};

/// What came out.
struct Compilation {
  /// The product's bytes; with an earlier `stopAfter`, the IR after that phase
  /// as text, one module for each target after `Lower`.
  std::string output;
  std::vector<PhaseTime> times;
};

/// Compiles a program that the frontend made. `program` is changed.
///
/// Errors    each is an MLIR diagnostic, at the source line where one is known.
/// Threads   one call at a time in a process.
llvm::LogicalResult compileModule(mlir::ModuleOp program,
                                  const CompileOptions &options,
                                  const Toolchain &toolchain,
                                  Compilation &result);

/// Registers the passes, dialects and translations that `compileModule` uses.
void registerCompilation(mlir::DialectRegistry &registry);

} // namespace rkc
