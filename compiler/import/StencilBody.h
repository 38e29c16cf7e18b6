//===- StencilBody.h - The code of one cell --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

#include <array>
#include <map>
#include <tuple>
#include <vector>

namespace rkc::frontend {

/// What one call reads: array, level, and three numbers that say where.
struct StencilRead {
  StencilArrayOp array;
  int32_t level;
  std::array<int64_t, 3> where;

  /// Tells reads apart.
  using Key = std::tuple<void *, int32_t, std::array<int64_t, 3>>;
  Key key() { return {array.getOperation(), level, where}; }
};

/// Makes of a function that the source wrote one of the values that it reads,
/// with the values that it stores as its results, and of the reads and stores
/// an op of the stencil. Reads of a branch are hoisted: they are always
/// allowed, and an access needs no control flow then.
class StencilBody {
public:
  virtual ~StencilBody() = default;
  mlir::LogicalResult raise();

protected:
  /// `positions`: how many numbers the function can ask for.
  StencilBody(StencilOp stencil, mlir::LLVM::LLVMFuncOp function,
              unsigned positions)
      : stencil(stencil), function(function), builder(function),
        ownArguments(function.getNumArguments()), positions(positions) {}

  /// The marker of reads, without the suffix for the type.
  [[nodiscard]] virtual llvm::StringRef readMarker() const = 0;
  /// Reads where a call reads: its operands from number 2 on.
  virtual mlir::FailureOr<std::array<int64_t, 3>>
  readWhere(mlir::LLVM::CallOp call) = 0;
  /// What a field holds that is set on some ways only.
  virtual StencilRead unset(StencilArrayOp array) = 0;
  /// Makes the op with an empty block.
  virtual mlir::Block &makeOp() = 0;
  virtual mlir::Value makeAccess(StencilRead read) = 0;
  /// Checks what was raised.
  virtual mlir::LogicalResult check() { return mlir::success(); }

  mlir::FailureOr<int64_t> constant(mlir::LLVM::CallOp call, unsigned index);
  /// Returns the argument of the function that holds position `number`.
  mlir::BlockArgument position(unsigned number) {
    return function.getArgument(ownArguments + number);
  }

  StencilOp stencil;
  mlir::LLVM::LLVMFuncOp function;
  mlir::OpBuilder builder;
  /// The writes of each field, in the order of the first.
  llvm::MapVector<mlir::Operation *, llvm::SmallVector<mlir::LLVM::CallOp>>
      writes;

private:
  mlir::FailureOr<StencilArrayOp> arrayOf(mlir::LLVM::CallOp call);
  mlir::LogicalResult raiseRead(mlir::LLVM::CallOp call);
  mlir::LogicalResult raisePosition(mlir::LLVM::CallOp call);
  mlir::LogicalResult addWrite(mlir::LLVM::CallOp call);
  mlir::Value valueOf(StencilRead read, mlir::Location location);
  mlir::Value as(mlir::Type type, mlir::Value value, mlir::Location location);
  void lowerWrites();
  void replaceReturns(llvm::ArrayRef<mlir::Value> slots);
  void finishFunction();
  void fillOp();

  unsigned ownArguments, positions;
  std::map<StencilRead::Key, unsigned> numbers;
  std::vector<StencilRead> reads;
  /// What names parts of arrays; dropped at the end.
  llvm::SmallVector<mlir::LLVM::CallOp> parts;
};

/// What the source writes as a product and a sum stays so, on every back end
/// and in a plain reference: a plan must not differ in one bit.
void splitMulAdds(mlir::LLVM::LLVMFuncOp function);

} // namespace rkc::frontend
