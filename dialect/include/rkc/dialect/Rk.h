//===- Rk.h - The rk dialect ------------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The dialect's C++: attributes, types, interfaces and ops, generated from the
/// `.td` files beside this header.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Capabilities.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <string>

#include "rkc/dialect/RkDialect.h.inc"
#include "rkc/dialect/RkEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "rkc/dialect/RkAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "rkc/dialect/RkTypes.h.inc"

#include "rkc/dialect/RkInterfaces.h.inc"

#define GET_OP_CLASSES
#include "rkc/dialect/RkOps.h.inc"

namespace rkc {

/// The formats of `rk.encode` and `rk.decode`, in the order of
/// `rk::FloatFormat`.
enum class LowFloat : uint32_t {
  BF16 = 0,
  E4M3 = 1,
  E5M2 = 2,
  E3M2 = 3,
  E2M3 = 4,
  E2M1 = 5,
};

/// Returns which low-precision format `type` is, if it is one.
std::optional<LowFloat> getLowFloat(mlir::Type type);

/// Returns the MLIR type of a format.
mlir::FloatType getLowFloatType(mlir::MLIRContext *context, LowFloat format);

/// Returns the format's name in device calls: "bf16", "e4m3", and so on.
llvm::StringRef getLowFloatName(LowFloat format);

} // namespace rkc
