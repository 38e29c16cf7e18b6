//===- LlvmModule.h - Steps on LLVM modules --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Internal to lib/target: what happens to the LLVM module of an image between
/// translation and code generation.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace rkc {

/// The source line of an instruction, as MLIR sees locations.
mlir::Location sourceLine(mlir::MLIRContext *context,
                          const llvm::Instruction &instruction);

/// Sends what LLVM has to say through MLIR's diagnostics.
void forwardDiagnostics(llvm::LLVMContext &from, mlir::MLIRContext *to);

/// Tells the functions of `module` from those linked into it later.
void markGenerated(llvm::Module &module);
bool isGenerated(const llvm::Function &function);

/// Removes those marks, what ties functions to the processor that they were
/// parsed for, and what would keep library functions from being inlined.
void stripTargetAttributes(llvm::Module &module);

/// Removes global constructors and lists of used symbols, which would keep
/// unreachable code.
void dropRoots(llvm::Module &module);

/// Gives the module the machine's triple and data layout.
void retarget(llvm::Module &module, const llvm::TargetMachine &machine);

/// Gives functions without debug information artificial lines, so that code
/// inlined into them keeps its own.
void addArtificialLines(llvm::Module &module);

/// Links a bitcode file into `module`. With `onlyNeeded`, only what is used.
///
/// Errors    false; `error` says which file and what LLVM said.
bool linkBitcode(llvm::Module &module, const llvm::TargetMachine &machine,
                 llvm::StringRef path, bool onlyNeeded, std::string &error);

/// Makes every symbol but `entries` internal and drops what cannot be reached.
void keepOnly(llvm::Module &module, llvm::ArrayRef<llvm::StringRef> entries);

/// Runs LLVM's standard pipeline.
void runOptimizer(llvm::Module &module, llvm::TargetMachine *machine,
                  unsigned level, bool sanitizeThread);

/// Generates assembly or an object.
///
/// Errors    false: the target cannot generate this kind.
bool runCodeGenerator(llvm::Module &module, llvm::TargetMachine &machine,
                      llvm::CodeGenFileType kind, std::string &code);

/// A machine for the computer that rkc runs on.
std::unique_ptr<llvm::TargetMachine>
makeHostMachine(llvm::StringRef cpu, unsigned optLevel, std::string &error);

// GPU ------------------------------------------------------------------------

/// Replaces math functions that the NVPTX back end cannot select by those of
/// libdevice. Returns whether libdevice is needed.
bool mapMathToLibdevice(llvm::Module &module);

/// Makes `entry` a kernel for blocks of `threads`, and every function
/// convergent until the optimiser proves the contrary.
void prepareKernel(llvm::Module &module, llvm::StringRef entry,
                   unsigned threads);

/// Makes loops of wide accesses of copies that the NVPTX back end would do byte
/// by byte. Comes after the optimiser, which would make copies of them again.
void expandLongCopies(llvm::Module &module);

/// Refuses atomic read-modify-writes that the NVPTX back end would weaken.
llvm::LogicalResult checkAtomics(mlir::MLIRContext *context,
                                 const llvm::Module &module);

/// Refuses calls of functions that no GPU has.
llvm::LogicalResult checkGpuExternals(mlir::MLIRContext *context,
                                      const llvm::Module &module);

// Host -----------------------------------------------------------------------

/// Takes the GPU's calling conventions, attributes and intrinsics out of
/// `module`. Refuses intrinsics and inline assembly that only a GPU has.
llvm::LogicalResult prepareForHost(mlir::MLIRContext *context,
                                   llvm::Module &module);

/// Moves the bits of floats of two bytes where nothing is computed with them.
/// Comes after the optimiser, which would make floats of them again.
void moveShortFloatsAsBits(llvm::Module &module);

} // namespace rkc
