//===- RkOps.td - All ops of the dialect, for mlir-tblgen --*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_RKOPS_TD
#define RKC_DIALECT_RKOPS_TD

include "rkc/dialect/ActorOps.td"
include "rkc/dialect/AtomicOps.td"
include "rkc/dialect/ClockOps.td"
include "rkc/dialect/FloatOps.td"
include "rkc/dialect/GroupOps.td"
include "rkc/dialect/MessagingOps.td"
include "rkc/dialect/RingOps.td"
include "rkc/dialect/StencilOps.td"

#endif // RKC_DIALECT_RKOPS_TD
