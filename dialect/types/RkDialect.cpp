//===- RkDialect.cpp - Registers attributes, types and ops ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/dialect/Rk.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "rkc/dialect/RkDialect.cpp.inc"
#include "rkc/dialect/RkEnums.cpp.inc"
#include "rkc/dialect/RkInterfaces.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "rkc/dialect/RkAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "rkc/dialect/RkTypes.cpp.inc"

namespace rkc {

void RkDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "rkc/dialect/RkAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "rkc/dialect/RkTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "rkc/dialect/RkOps.cpp.inc"
      >();
}

} // namespace rkc
