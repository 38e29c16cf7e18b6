//===- RaiseAtomics.cpp - llvm.atomicrmw to rk.atomic.rmw -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "RaiseInternal.h"

#include "rkc/dialect/Rk.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using LLVM::AtomicBinOp;
using LLVM::AtomicOrdering;

namespace rkc::frontend {

static Scope scopeOf(LLVM::AtomicRMWOp op) {
  StringRef name = op.getSyncscope().value_or("");
  if (name == "device")
    return Scope::Device;
  if (name == "cluster")
    return Scope::Cluster;
  return name.empty() ? Scope::System : Scope::Block;
}

static Order orderOf(AtomicOrdering ordering) {
  switch (ordering) {
  case AtomicOrdering::acquire:
    return Order::Acquire;
  case AtomicOrdering::release:
    return Order::Release;
  case AtomicOrdering::acq_rel:
    return Order::AcqRel;
  case AtomicOrdering::seq_cst:
    return Order::SeqCst;
  default:
    return Order::Relaxed;
  }
}

static std::optional<RmwKind> kindOf(AtomicBinOp op) {
  switch (op) {
  case AtomicBinOp::xchg:
    return RmwKind::Exchange;
  case AtomicBinOp::add:
  case AtomicBinOp::sub:
    return RmwKind::Add;
  case AtomicBinOp::_and:
    return RmwKind::And;
  case AtomicBinOp::_or:
    return RmwKind::Or;
  case AtomicBinOp::_xor:
    return RmwKind::Xor;
  case AtomicBinOp::umin:
    return RmwKind::UMin;
  case AtomicBinOp::umax:
    return RmwKind::UMax;
  case AtomicBinOp::min:
    return RmwKind::SMin;
  case AtomicBinOp::max:
    return RmwKind::SMax;
  default:
    return std::nullopt;
  }
}

/// Returns the integer type that holds the bits of `type`, or none.
static IntegerType bitsOf(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer;
  if (isa<LLVM::LLVMPointerType>(type))
    return IntegerType::get(type.getContext(), 64);
  if (isa<FloatType>(type))
    return IntegerType::get(type.getContext(), type.getIntOrFloatBitWidth());
  return {};
}

static Value castBits(OpBuilder &builder, Location location, Value value,
                      Type type) {
  if (value.getType() == type)
    return value;
  if (isa<LLVM::LLVMPointerType>(value.getType()))
    return LLVM::PtrToIntOp::create(builder, location, type, value);
  if (isa<LLVM::LLVMPointerType>(type))
    return LLVM::IntToPtrOp::create(builder, location, type, value);
  return LLVM::BitcastOp::create(builder, location, type, value);
}

/// Returns what `op` would write if it found `old`; none for operations that
/// no C++ program makes.
static Value computeUpdate(OpBuilder &builder, LLVM::AtomicRMWOp op,
                           Value old) {
  Location location = op.getLoc();
  Value value = op.getVal();
  auto pick = [&](LLVM::ICmpPredicate predicate) -> Value {
    Value keep = LLVM::ICmpOp::create(builder, location, predicate, old, value);
    return LLVM::SelectOp::create(builder, location, keep, old, value);
  };
  switch (op.getBinOp()) {
  case AtomicBinOp::xchg:
    return value;
  case AtomicBinOp::add:
    return LLVM::AddOp::create(builder, location, old, value);
  case AtomicBinOp::sub:
    return LLVM::SubOp::create(builder, location, old, value);
  case AtomicBinOp::_and:
    return LLVM::AndOp::create(builder, location, old, value);
  case AtomicBinOp::_or:
    return LLVM::OrOp::create(builder, location, old, value);
  case AtomicBinOp::_xor:
    return LLVM::XOrOp::create(builder, location, old, value);
  case AtomicBinOp::nand: {
    Value both = LLVM::AndOp::create(builder, location, old, value);
    Value ones =
        LLVM::ConstantOp::create(builder, location, value.getType(), -1);
    return LLVM::XOrOp::create(builder, location, both, ones);
  }
  case AtomicBinOp::umin:
    return pick(LLVM::ICmpPredicate::ult);
  case AtomicBinOp::umax:
    return pick(LLVM::ICmpPredicate::ugt);
  case AtomicBinOp::min:
    return pick(LLVM::ICmpPredicate::slt);
  case AtomicBinOp::max:
    return pick(LLVM::ICmpPredicate::sgt);
  case AtomicBinOp::fadd:
    return LLVM::FAddOp::create(builder, location, old, value);
  case AtomicBinOp::fsub:
    return LLVM::FSubOp::create(builder, location, old, value);
  default:
    return {};
  }
}

/// Replaces `op` by a loop that reads, computes and compares-and-swaps, with
/// the order and scope of `op`: for widths and operations that no target has
/// as one instruction.
static LogicalResult expandToLoop(LLVM::AtomicRMWOp op) {
  Type type = op.getVal().getType();
  IntegerType bits = bitsOf(type);
  unsigned width = bits ? bits.getWidth() : 0;
  if (width != 8 && width != 16 && width != 32 && width != 64)
    return op.emitError() << "an atomic update of " << type
                          << " is not supported: use 8, 16, 32 or 64 bits";
  OpBuilder builder(op);
  Location location = op.getLoc();
  Block *before = op->getBlock();
  Block *after = before->splitBlock(op->getIterator());
  Region *region = before->getParent();
  Block *loop =
      builder.createBlock(region, Region::iterator(after), {bits}, {location});
  after->addArgument(bits, location);

  builder.setInsertionPointToEnd(before);
  Value first = LLVM::LoadOp::create(
      builder, location, bits, op.getPtr(), width / 8, /*isVolatile=*/false,
      /*isNonTemporal=*/false, /*isInvariant=*/false,
      /*isInvariantGroup=*/false, AtomicOrdering::monotonic,
      op.getSyncscope().value_or(""));
  LLVM::BrOp::create(builder, location, first, loop);

  builder.setInsertionPointToEnd(loop);
  Value found = loop->getArgument(0);
  Value update =
      computeUpdate(builder, op, castBits(builder, location, found, type));
  if (!update)
    return op.emitError() << "the atomic update '"
                          << LLVM::stringifyAtomicBinOp(op.getBinOp())
                          << "' is not supported: use compare_exchange";
  auto swap = LLVM::AtomicCmpXchgOp::create(
      builder, location, op.getPtr(), found,
      castBits(builder, location, update, bits), op.getOrdering(),
      AtomicOrdering::monotonic, op.getSyncscope().value_or(""));
  Value previous =
      LLVM::ExtractValueOp::create(builder, location, swap.getRes(), 0);
  Value done =
      LLVM::ExtractValueOp::create(builder, location, swap.getRes(), 1);
  LLVM::CondBrOp::create(builder, location, done, after, ValueRange(previous),
                         loop, ValueRange(previous));

  builder.setInsertionPointToStart(after);
  op.replaceAllUsesWith(
      castBits(builder, location, after->getArgument(0), type));
  op.erase();
  return success();
}

static LogicalResult raiseAtomic(LLVM::AtomicRMWOp op) {
  Type type = op.getVal().getType();
  IntegerType bits = bitsOf(type);
  std::optional<RmwKind> kind = kindOf(op.getBinOp());
  if (!kind || !bits || (bits.getWidth() != 32 && bits.getWidth() != 64))
    return expandToLoop(op);
  OpBuilder builder(op);
  Location location = op.getLoc();
  Value value = castBits(builder, location, op.getVal(), bits);
  if (op.getBinOp() == AtomicBinOp::sub) {
    Value zero = LLVM::ConstantOp::create(builder, location, bits, 0);
    value = LLVM::SubOp::create(builder, location, zero, value);
  }
  auto raised =
      AtomicRmwOp::create(builder, location, bits, *kind, op.getPtr(), value,
                          orderOf(op.getOrdering()), scopeOf(op));
  op.replaceAllUsesWith(
      castBits(builder, location, raised.getPrevious(), type));
  op.erase();
  return success();
}

LogicalResult raiseAtomics(ModuleOp program) {
  SmallVector<LLVM::AtomicRMWOp> found;
  program.walk([&](LLVM::AtomicRMWOp op) {
    bool relaxed = op.getOrdering() == AtomicOrdering::monotonic;
    if (!relaxed || scopeOf(op) == Scope::System)
      found.push_back(op);
  });
  LogicalResult result = success();
  for (LLVM::AtomicRMWOp op : found)
    if (failed(raiseAtomic(op)))
      result = failure();
  return result;
}

} // namespace rkc::frontend
