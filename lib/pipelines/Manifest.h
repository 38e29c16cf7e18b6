//===- Manifest.h - What a program declares --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Internal to lib/pipelines: the manifest of a module file.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/Module.h"

#include "mlir/IR/BuiltinOps.h"

namespace rkc {

/// Fills in the messages, actors and handlers that `program` declares. They
/// must be numbered.
///
/// Errors    a declaration without an index is reported.
llvm::LogicalResult fillManifest(mlir::ModuleOp program,
                                 rk::modfile::Module &manifest);

} // namespace rkc
