//===- ShortFloats.cpp - Choices between floats of two bytes --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where one of two numbers of two bytes is taken, the x86 back end widens both
/// to `float` and rounds the one that it took: by a call of `__truncsfbf2` for
/// bf16, which no library that we link has, and with another NaN than there
/// was. So what only moves such numbers moves their bits.
///
//===----------------------------------------------------------------------===//

#include "../common/LlvmModule.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;

namespace rkc {

namespace {

bool isShort(const Type *type) {
  type = type->getScalarType();
  return type->isBFloatTy() || type->isHalfTy();
}

Value *bitsOf(IRBuilder<> &builder, Value *number) {
  Type *type = number->getType()->getWithNewBitWidth(16);
  auto *cast = dyn_cast<BitCastInst>(number);
  if (cast && cast->getSrcTy() == type)
    return cast->getOperand(0);
  return builder.CreateBitCast(number, type);
}

/// Takes the place of `old`, whose bits are `bits`.
void replace(Instruction &old, Value *bits, BasicBlock::iterator where) {
  IRBuilder<> builder(old.getParent(), where);
  Value *number = builder.CreateBitCast(bits, old.getType());
  number->takeName(&old);
  old.replaceAllUsesWith(number);
  old.eraseFromParent();
}

void moveBits(PHINode &phi) {
  Type *type = phi.getType()->getWithNewBitWidth(16);
  PHINode *bits =
      PHINode::Create(type, phi.getNumIncomingValues(), "", phi.getIterator());
  for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i) {
    BasicBlock *from = phi.getIncomingBlock(i);
    IRBuilder<> builder(from->getTerminator());
    // A block that comes here by several edges gives one value.
    const int known = bits->getBasicBlockIndex(from);
    Value *value = known >= 0 ? bits->getIncomingValue(unsigned(known))
                              : bitsOf(builder, phi.getIncomingValue(i));
    bits->addIncoming(value, from);
  }
  replace(phi, bits, phi.getParent()->getFirstInsertionPt());
}

/// The bits of what `move` makes; null if it does more than to move.
Value *movedBits(IRBuilder<> &builder, Instruction &move) {
  auto bits = [&](unsigned operand) {
    return bitsOf(builder, move.getOperand(operand));
  };
  if (isa<SelectInst>(move))
    return builder.CreateSelect(move.getOperand(0), bits(1), bits(2));
  if (isa<InsertElementInst>(move))
    return builder.CreateInsertElement(bits(0), bits(1), move.getOperand(2));
  if (isa<ExtractElementInst>(move))
    return builder.CreateExtractElement(bits(0), move.getOperand(1));
  if (auto *shuffle = dyn_cast<ShuffleVectorInst>(&move))
    return builder.CreateShuffleVector(bits(0), bits(1),
                                       shuffle->getShuffleMask());
  return nullptr;
}

/// Gives a load or store of numbers the type of their bits.
void moveBits(LoadInst &load) {
  auto *bits = cast<LoadInst>(load.clone());
  bits->mutateType(load.getType()->getWithNewBitWidth(16));
  bits->insertBefore(load.getIterator());
  replace(load, bits, load.getIterator());
}
void moveBits(StoreInst &store) {
  IRBuilder<> builder(&store);
  store.setOperand(0, bitsOf(builder, store.getValueOperand()));
}

/// Removes casts to bits of what was cast from bits.
void dropCasts(Module &module) {
  SmallSetVector<BitCastInst *, 16> left;
  for (Function &function : module)
    for (Instruction &instruction :
         make_early_inc_range(instructions(function))) {
      auto *back = dyn_cast<BitCastInst>(&instruction);
      auto *cast = back ? dyn_cast<BitCastInst>(back->getOperand(0)) : nullptr;
      if (!cast || !isShort(cast->getType()) ||
          cast->getSrcTy() != back->getType())
        continue;
      back->replaceAllUsesWith(cast->getOperand(0));
      back->eraseFromParent();
      left.insert(cast);
    }
  for (BitCastInst *cast : left)
    if (cast->use_empty())
      cast->eraseFromParent();
}

} // namespace

void moveShortFloatsAsBits(Module &module) {
  SmallVector<Instruction *, 16> moves;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function)) {
      auto *store = dyn_cast<StoreInst>(&instruction);
      if (isShort(store ? store->getValueOperand()->getType()
                        : instruction.getType()))
        moves.push_back(&instruction);
    }
  for (Instruction *move : moves) {
    if (auto *load = dyn_cast<LoadInst>(move))
      moveBits(*load);
    else if (auto *store = dyn_cast<StoreInst>(move))
      moveBits(*store);
    else if (auto *phi = dyn_cast<PHINode>(move))
      moveBits(*phi);
    else if (IRBuilder<> builder(move); Value *bits = movedBits(builder, *move))
      replace(*move, bits, move->getIterator());
  }
  dropCasts(module);
}

} // namespace rkc
