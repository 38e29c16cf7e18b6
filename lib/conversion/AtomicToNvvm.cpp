//===- AtomicToNvvm.cpp - Atomic updates to inline PTX --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace rkc::conversion {

namespace {

StringRef ptxOrder(Order order) {
  switch (order) {
  case Order::Relaxed:
    return "relaxed";
  case Order::Acquire:
    return "acquire";
  case Order::Release:
    return "release";
  case Order::AcqRel:
  case Order::SeqCst: // after a fence.sc
    return "acq_rel";
  }
  llvm_unreachable("every order is listed");
}

StringRef ptxScope(Scope scope) {
  static constexpr StringRef Names[] = {"cta", "cluster", "gpu", "sys"};
  return Names[uint32_t(scope)];
}

/// Returns the instruction's operation and the letter of its type.
std::pair<StringRef, StringRef> ptxOperation(RmwKind kind) {
  switch (kind) {
  case RmwKind::Exchange:
    return {"exch", "b"};
  case RmwKind::Add:
    return {"add", "u"};
  case RmwKind::And:
    return {"and", "b"};
  case RmwKind::Or:
    return {"or", "b"};
  case RmwKind::Xor:
    return {"xor", "b"};
  case RmwKind::UMin:
    return {"min", "u"};
  case RmwKind::UMax:
    return {"max", "u"};
  case RmwKind::SMin:
    return {"min", "s"};
  case RmwKind::SMax:
    return {"max", "s"};
  }
  llvm_unreachable("every kind is listed");
}

StringRef ptxSpace(Type pointer) {
  switch (cast<LLVM::LLVMPointerType>(pointer).getAddressSpace()) {
  case 1:
    return ".global";
  case 3:
    return ".shared";
  default:
    return "";
  }
}

/// Not `llvm.atomicrmw`: LLVM 22's NVPTX back end drops its order and scope.
LogicalResult lowerRmw(AtomicRmwOp op, PatternRewriter &rewriter) {
  Location location = op.getLoc();
  Type type = op.getValue().getType();
  if (op.getOrder() == Order::SeqCst)
    LLVM::FenceOp::create(rewriter, location, LLVM::AtomicOrdering::seq_cst,
                          toSyncScope(op.getScope()));
  auto [operation, letter] = ptxOperation(op.getKind());
  unsigned width = type.getIntOrFloatBitWidth();
  std::string text = llvm::formatv(
      "atom.{0}.{1}{2}.{3}.{4}{5} $0, [$1], $2;", ptxOrder(op.getOrder()),
      ptxScope(op.getScope()), ptxSpace(op.getPointer().getType()), operation,
      letter, width);
  StringRef constraints = width == 32 ? "=r,l,r,~{memory}" : "=l,l,l,~{memory}";
  rewriter.replaceOpWithNewOp<LLVM::InlineAsmOp>(
      op, type, ValueRange{op.getPointer(), op.getValue()}, StringRef(text),
      constraints, /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr::get(rewriter.getContext(),
                                LLVM::AsmDialect::AD_ATT),
      ArrayAttr());
  return success();
}

} // namespace

void addNvvmAtomicPatterns(RewritePatternSet &patterns) {
  addAtomicPatterns(patterns, /*withScopes=*/true);
  patterns.add(lowerRmw);
}

} // namespace rkc::conversion
