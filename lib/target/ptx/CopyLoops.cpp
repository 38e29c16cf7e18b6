//===- CopyLoops.cpp - Long copies in wide pieces -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The NVPTX back end turns a `memcpy` of unknown or of more than 128 bytes
/// into a loop that moves one byte a turn. Here such copies become loops that
/// move four pieces of 16 bytes a turn where both addresses allow it, of 4
/// bytes where they allow that, and bytes only where nothing else is left.
///
//===----------------------------------------------------------------------===//

#include "../common/LlvmModule.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace rkc {

namespace {

/// The back end moves this many bytes, if that is known, without a loop.
constexpr uint64_t LargestUnrolled = 128;
/// Pieces that are loaded before the first of them is stored.
constexpr unsigned Group = 4;
constexpr unsigned Widths[] = {16, 4, 1};

struct Copy {
  Value *to;
  Value *from;
  Value *size;
};

/// Moves `count` pieces from the piece `first` on, before `where`.
void movePieces(IRBuilder<> &builder, const Copy &copy, Type *piece,
                unsigned width, Value *first, unsigned count) {
  SmallVector<Value *, Group> loaded;
  const auto place = [&](Value *base, unsigned i) {
    Value *index = builder.CreateAdd(first, builder.getInt64(i));
    return builder.CreateInBoundsGEP(piece, base, index);
  };
  for (unsigned i = 0; i < count; ++i)
    loaded.push_back(
        builder.CreateAlignedLoad(piece, place(copy.from, i), Align(width)));
  for (unsigned i = 0; i < count; ++i)
    builder.CreateAlignedStore(loaded[i], place(copy.to, i), Align(width));
}

/// Calls `body` with a number from 0 to `count` - 1 in a loop before `where`;
/// no loop if it is known that there is none.
void repeat(Instruction *where, Value *count,
            function_ref<void(IRBuilder<> &, Value *)> body) {
  Instruction *then = where;
  if (auto *constant = dyn_cast<ConstantInt>(count)) {
    if (constant->isZero())
      return;
  } else {
    IRBuilder<> builder(where);
    then = SplitBlockAndInsertIfThen(builder.CreateIsNotNull(count),
                                     where->getIterator(), false);
  }
  auto [inside, number] =
      SplitBlockAndInsertSimpleForLoop(count, then->getIterator());
  IRBuilder<> builder(inside);
  body(builder, number);
}

/// Copies before `where`, in pieces of `width` bytes, to whose multiples both
/// addresses are aligned.
void copyInPieces(Instruction *where, const Copy &copy, unsigned width) {
  IRBuilder<> builder(where);
  Type *piece =
      width == 16
          ? static_cast<Type *>(FixedVectorType::get(builder.getInt32Ty(), 4))
          : builder.getIntNTy(8 * width);
  Value *size = builder.CreateZExtOrTrunc(copy.size, builder.getInt64Ty());
  Value *pieces = builder.CreateUDiv(size, builder.getInt64(width));
  Value *groups = builder.CreateUDiv(pieces, builder.getInt64(Group));
  Value *grouped = builder.CreateMul(groups, builder.getInt64(Group));
  Value *singles = builder.CreateSub(pieces, grouped);
  Value *covered = builder.CreateMul(pieces, builder.getInt64(width));
  Value *rest = builder.CreateSub(size, covered);
  repeat(where, groups, [&](IRBuilder<> &inside, Value *number) {
    movePieces(inside, copy, piece, width,
               inside.CreateMul(number, inside.getInt64(Group)), Group);
  });
  repeat(where, singles, [&](IRBuilder<> &inside, Value *number) {
    movePieces(inside, copy, piece, width, inside.CreateAdd(grouped, number),
               1);
  });
  repeat(where, rest, [&](IRBuilder<> &inside, Value *number) {
    movePieces(inside, copy, inside.getInt8Ty(), 1,
               inside.CreateAdd(covered, number), 1);
  });
}

/// What is known of an address of a copy: by what it is computed from, or by
/// what the optimiser has found out and noted at the call.
Align knownAlign(Value *address, MaybeAlign noted, const MemCpyInst &call,
                 const DataLayout &layout) {
  return std::max(
      noted.valueOrOne(),
      getOrEnforceKnownAlignment(address, Align(Widths[0]), layout, &call));
}

/// The largest width that is known to suit both addresses.
unsigned knownWidth(MemCpyInst &call, const DataLayout &layout) {
  const Align both = std::min(
      knownAlign(call.getRawDest(), call.getDestAlign(), call, layout),
      knownAlign(call.getRawSource(), call.getSourceAlign(), call, layout));
  return *find_if(Widths,
                  [&](unsigned width) { return width <= both.value(); });
}

/// Whether both addresses are multiples of `width`.
Value *areAligned(Instruction *where, const Copy &copy, unsigned width) {
  IRBuilder<> builder(where);
  Type *word = builder.getInt64Ty();
  Value *both = builder.CreateOr(builder.CreatePtrToInt(copy.to, word),
                                 builder.CreatePtrToInt(copy.from, word));
  return builder.CreateIsNull(
      builder.CreateAnd(both, builder.getInt64(width - 1)));
}

void expand(MemCpyInst &call, const DataLayout &layout) {
  const Copy copy{call.getRawDest(), call.getRawSource(), call.getLength()};
  const unsigned known = knownWidth(call, layout);
  Instruction *where = &call;
  for (unsigned width : Widths) {
    if (width <= known) {
      copyInPieces(where, copy, width);
      break;
    }
    Instruction *aligned = nullptr, *other = nullptr;
    SplitBlockAndInsertIfThenElse(areAligned(where, copy, width),
                                  where->getIterator(), &aligned, &other);
    copyInPieces(aligned, copy, width);
    where = other;
  }
  call.eraseFromParent();
}

/// Lets what is copied from a large local variable, perhaps in another
/// function, go in the widest pieces.
void alignLarge(AllocaInst &local, const DataLayout &layout) {
  const std::optional<TypeSize> size = local.getAllocationSize(layout);
  if (size && size->getFixedValue() >= 2 * Widths[0])
    local.setAlignment(std::max(local.getAlign(), Align(Widths[0])));
}

bool needsLoop(const MemCpyInst &call) {
  if (call.isVolatile() || call.getIntrinsicID() == Intrinsic::memcpy_inline)
    return false;
  auto *size = dyn_cast<ConstantInt>(call.getLength());
  return !size || size->getZExtValue() > LargestUnrolled;
}

} // namespace

void expandLongCopies(Module &module) {
  const DataLayout &layout = module.getDataLayout();
  SmallVector<MemCpyInst *, 8> calls;
  for (Function &function : module)
    for (Instruction &instruction : instructions(function)) {
      if (auto *call = dyn_cast<MemCpyInst>(&instruction);
          call && needsLoop(*call))
        calls.push_back(call);
      if (auto *local = dyn_cast<AllocaInst>(&instruction))
        alignLarge(*local, layout);
    }
  for (MemCpyInst *call : calls)
    expand(*call, layout);
}

} // namespace rkc
