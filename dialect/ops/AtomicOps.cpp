//===- AtomicOps.cpp - Rules and needs of scoped atomics ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/dialect/Rk.h"

using namespace mlir;
using rk::abi::Feature;

namespace rkc {

static Feature featureOf(Scope scope) {
  return scope == Scope::Cluster ? Feature::Clusters : Feature::Baseline;
}

static std::string detailOf(Scope scope) {
  return "at scope '" + stringifyScope(scope).str() + "'";
}

#define RKC_SCOPED_OP(Op)                                                      \
  Feature Op::getRequiredFeature() { return featureOf(getScope()); }           \
  std::string Op::getCapabilityDetail() { return detailOf(getScope()); }

RKC_SCOPED_OP(AtomicLoadOp)
RKC_SCOPED_OP(AtomicStoreOp)
RKC_SCOPED_OP(AtomicRmwOp)
RKC_SCOPED_OP(AtomicCasOp)
RKC_SCOPED_OP(FenceOp)
#undef RKC_SCOPED_OP

LogicalResult AtomicLoadOp::verify() {
  if (getOrder() != Order::Release && getOrder() != Order::AcqRel)
    return success();
  return emitOpError("order must be relaxed, acquire or seq_cst, got ")
         << stringifyOrder(getOrder()); // atomic.load_c1
}

LogicalResult AtomicStoreOp::verify() {
  if (getOrder() != Order::Acquire && getOrder() != Order::AcqRel)
    return success();
  return emitOpError("order must be relaxed, release or seq_cst, got ")
         << stringifyOrder(getOrder()); // atomic.store_c1
}

LogicalResult FenceOp::verify() {
  if (getOrder() != Order::Relaxed)
    return success();
  return emitOpError("order must not be relaxed: such a fence does nothing");
} // fence_c1

} // namespace rkc
