//===- LlvmProgram.h - The LLVM IR of one image ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The way of one lowered module through LLVM: translate, link with the device
/// library, check, optimise, generate code.
///
/// Every step is guarded: a crash inside LLVM is an error that names the step,
/// with the step's input in a reproducer file.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/target/Target.h"
#include "rkc/target/Toolchain.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/LogicalResult.h"

#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class TargetMachine;
} // namespace llvm

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace rkc {

/// The entry that the device library defines for each kind of target.
inline constexpr llvm::StringLiteral gpuEntry = "rk_kernel";
inline constexpr llvm::StringLiteral residentEntry = "rk_resident_kernel";
inline constexpr llvm::StringLiteral teamEntry = "rk_team_kernel";
inline constexpr llvm::StringLiteral hostEntry = "rk_agent_run";
/// What the host starts between the steps of a stencil.
inline constexpr llvm::StringLiteral stencilServices[] = {
    "rk_stencil_halo", "rk_stencil_cells", "rk_stencil_damp",
    "rk_stencil_reduce", "rk_stencil_search"};
inline constexpr unsigned stencilServiceThreads = 256;
/// The most threads of a block of `rk_kernel`; 128 registers for each.
inline constexpr unsigned gpuBlockThreads = 512;
/// Of the others, which need twice the registers: with shared memory in
/// use there is little L1 cache, and whatever is spilled comes from the L2.
inline constexpr unsigned residentBlockThreads = 256;

/// A kernel of a stencil's plan.
struct StencilEntry {
  std::string name;
  /// Of a block on the GPU.
  unsigned threads = 0;
};

/// What holds for all images of one compilation.
struct EmitOptions {
  /// The module's name: the source's file name without folder and extension.
  std::string moduleName;
  unsigned optLevel = 3;
  /// Keep line tables in the images.
  bool debugInfo = false;
  /// The program has resident actors, so GPU images get `residentEntry` too.
  bool hasResidents = false;
  /// The kernels of stencils, beside which GPU images get `stencilServices`.
  std::vector<StencilEntry> stencils;
  /// Some of them have a block or more to themselves, so GPU images get
  /// `teamEntry` too.
  bool hasTeams = false;
  /// Instrument the host image with ThreadSanitizer.
  bool sanitizeThread = false;
  /// Where a reproducer goes: `<prefix>.rkc-reproducer.ll`. Empty: nowhere.
  std::string reproducerPrefix;
  /// Written into the reproducer.
  std::string commandLine;
  /// For tests: crash at the start of this step.
  std::string crashStep;
  std::string crashKind;
};

/// Registers what translating to LLVM IR needs.
void registerEmission(mlir::DialectRegistry &registry);

/// One module on its way through LLVM. Call the steps in order; after a step
/// failed, only destruction is allowed.
///
/// Errors    each step reports through MLIR diagnostics, at the source line
///           where it knows one, and fails.
/// Threads   one program at a time in a process.
class LlvmProgram {
public:
  LlvmProgram(mlir::ModuleOp lowered, const Target &target,
              const Toolchain &toolchain, const EmitOptions &options);
  ~LlvmProgram();

  /// Translates to LLVM IR for the target and links the device library.
  llvm::LogicalResult translate();
  /// Optimises, and checks that nothing is left that the target gets wrong.
  llvm::LogicalResult optimize();
  /// Makes PTX (GPU) or an object file (host).
  llvm::LogicalResult generateCode(std::string &code);
  /// The IR as text.
  std::string print() const;

private:
  llvm::LogicalResult guarded(llvm::StringRef step,
                              llvm::function_ref<llvm::LogicalResult()> body);
  void reportCrash(llvm::StringRef step, llvm::StringRef reason,
                   llvm::StringRef bitcode);
  llvm::LogicalResult makeTargetMachine();
  llvm::LogicalResult link();
  llvm::LogicalResult finish();
  /// The functions by which an image is started.
  llvm::SmallVector<llvm::StringRef> entries() const;
  /// The threads of a block of one of them.
  unsigned threadsOf(llvm::StringRef entry) const;

  mlir::ModuleOp lowered;
  const Target &target;
  const Toolchain &toolchain;
  const EmitOptions &options;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> llvmModule;
  std::unique_ptr<llvm::TargetMachine> machine;
  bool crashed = false;
};

} // namespace rkc
