//===- TestProgram.h - Lowered programs for tests --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes modules as lowering leaves them, with one handler whose body the test
/// gives, and takes them through LLVM with a small device library.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/target/Images.h"
#include "rkc/target/LlvmProgram.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <string>
#include <vector>

namespace rkc::test {

/// A program and everything that was reported about it.
class TestProgram {
public:
  /// `body` is the handler's, in the llvm dialect: the block arguments are
  /// %state, %message, %reply, %context; values %x (f64, loaded from the
  /// message) and %c1 (i32) are there. It ends before the return. `globals`
  /// stands at the top level.
  explicit TestProgram(const std::string &body,
                       const std::string &globals = "");

  /// Takes the program to code for `target`; "" if it was refused.
  std::string code(const std::string &target);
  /// The IR after optimisation; "" if it was refused.
  std::string optimizedIr(const std::string &target);
  /// PTX to a cubin; "" and a message in `errors` if ptxas refuses.
  std::string cubin(const std::string &target, KernelResources &resources);
  /// Makes the shared object and runs `rk_agent_run` on four words.
  bool runOnHost(std::vector<double> &words, uint32_t agent);

  EmitOptions options;
  std::string resourceDir;
  /// "line:column: text" of each error, one a line.
  std::string errors;

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> program;
  std::string parseErrors;
};

} // namespace rkc::test
