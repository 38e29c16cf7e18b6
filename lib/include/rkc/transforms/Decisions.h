//===- Decisions.h - How messages travel ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What lowering decides about messages. Lowering and remarks both ask here, so
/// that what is said is what is done.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"

#include "mlir/IR/BuiltinOps.h"

namespace rkc {

/// Whether a message may wait for the end of the handler, where the lanes of a
/// warp send side by side: it may if nobody looks at the outcome. It does but
/// for what a resident actor's one lane sends to another resident actor on a
/// GPU; see `SendTime`.
bool waitsForHandlerEnd(SendOp send);

/// Whether a value of so many bytes travels inside its packet.
bool fitsPacket(int64_t bytes);

/// Returns the size of the largest reply of a handler; 0 if none replies.
int64_t largestReply(mlir::ModuleOp program);

} // namespace rkc
