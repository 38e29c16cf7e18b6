//===- NumberProgram.cpp - Numbers of messages and actors -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Passes.h"

#include "rk/abi/Packet.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace rkc::transforms {

#define GEN_PASS_DEF_NUMBERPROGRAMPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

/// The runtime keeps an actor's type in 16 bits.
constexpr size_t MaxActorTypes = 65535;

template <class Op>
LogicalResult number(ModuleOp program, StringRef kind, size_t limit) {
  auto ops = llvm::to_vector(program.getOps<Op>());
  llvm::sort(ops, [](Op a, Op b) { return a.getSymName() < b.getSymName(); });
  if (ops.size() > limit)
    return ops[limit].emitError()
           << "the program has " << ops.size() << ' ' << kind << " types, and "
           << limit
           << " is the limit: split the program, or let types share a message "
              "with a field that tells them apart";
  Builder builder(program.getContext());
  llvm::DenseMap<uint64_t, Op> hashes;
  for (auto [index, op] : llvm::enumerate(ops)) {
    op.setIndexAttr(builder.getI32IntegerAttr(int32_t(index)));
    auto [known, isNew] = hashes.insert({op.getHash(), op});
    if (isNew)
      continue;
    auto diagnostic = op.emitError()
                      << "the " << kind << " types '" << op.getSymName()
                      << "' and '" << known->second.getSymName()
                      << "' have the same hash: rename one";
    diagnostic.attachNote(known->second.getLoc()) << "the other is here";
    return diagnostic;
  }
  return success();
}

struct NumberProgram : impl::NumberProgramPassBase<NumberProgram> {
  void runOnOperation() override {
    ModuleOp program = getOperation();
    if (failed(number<MessageOp>(program, "message", rk::abi::NoMessage)) ||
        failed(number<ActorOp>(program, "actor", MaxActorTypes)))
      signalPassFailure();
  }
};

} // namespace
} // namespace rkc::transforms
