//===- DeviceRulesInternal.h - Rules on what handlers reach ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The rules that only the code can answer: what is left that a device cannot
/// run, once everything that no handler reaches is gone.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "frontend/DeviceModuleInternal.h"
#include "frontend/ProgramInternal.h"

#include "llvm/IR/Instruction.h"
#include "llvm/IR/Module.h"

#include <functional>
#include <optional>

namespace rkc::frontend {

/// One line of a message: where, and what.
struct Remark {
  SourcePoint where;
  std::string text;
};

/// One violation: the error, and notes that say how a handler gets there.
struct Finding {
  Remark error;
  std::vector<Remark> notes;
};

/// What the rules need to know about the sources.
struct SourceQueries {
  std::function<bool(llvm::StringRef file)> isLibrary;
  std::function<SourcePoint(llvm::StringRef symbol)> declaredAt;
  std::function<bool(llvm::StringRef symbol)> isDynamicallyInitialized;
};

/// How far up in the list of causes a violation is: where several stand on one
/// line, the first says most.
enum class Severity { Throw, Language, Allocation, External };

/// What is wrong with using a symbol in a handler.
struct Violation {
  Severity severity;
  std::string text;
};

/// Returns why a handler may not use the undefined `symbol`; nothing if it may.
std::optional<Violation> judgeExternal(const llvm::GlobalValue &symbol);
/// Returns why a handler may not execute `instruction`; nothing if it may.
std::optional<Violation> judgeInstruction(const llvm::Instruction &instruction);

/// Returns every violation in `code`, sorted by place.
std::vector<Finding> checkDeviceCode(const llvm::Module &code,
                                     const Program &program,
                                     const FunctionNames &names,
                                     const SourceQueries &sources);

} // namespace rkc::frontend
