//===- Main.cpp - rk-opt: runs passes on rk programs in text form ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/conversion/Passes.h"
#include "rkc/dialect/Rk.h"
#include "rkc/import/Passes.h"
#include "rkc/transforms/Passes.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<rkc::RkDialect, mlir::LLVM::LLVMDialect,
                  mlir::NVVM::NVVMDialect, mlir::DLTIDialect>();
  mlir::registerTransformsPasses();
  rkc::frontend::registerRkImportPasses();
  rkc::transforms::registerRkTransformsPasses();
  rkc::conversion::registerRkConversionPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "rk-opt: runs passes on rk programs in text form\n",
      registry));
}
