//===- CheckProgram.cpp - Names, sizes and types across ops ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Passes.h"
#include "rkc/transforms/Reachability.h"

#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace rkc::transforms {

#define GEN_PASS_DEF_CHECKPROGRAMPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

struct CheckProgram : impl::CheckProgramPassBase<CheckProgram> {
  void runOnOperation() override {
    symbols.emplace(getOperation());
    bool ok = true;
    getOperation().walk([&](Operation *op) {
      LogicalResult result = success();
      if (auto send = dyn_cast<SendOp>(op))
        result = checkSend(send);
      else if (auto reply = dyn_cast<ReplyOp>(op)) // reply_c2
        result = checkSize<MessageOp>(op, reply.getMessageAttr(),
                                      reply.getSize(), "a message");
      else if (auto spawn = dyn_cast<SpawnOp>(op)) // spawn_c2
        result = checkSpawn(spawn);
      else if (auto spawn = dyn_cast<SpawnNOp>(op)) // spawn_n_c2
        result = checkSize<ActorOp>(op, spawn.getActorAttr(), spawn.getSize(),
                                    "an actor");
      else if (auto handler = dyn_cast<HandlerOp>(op))
        result = checkHandler(handler);
      ok &= succeeded(result);
    });
    symbols.reset();
    reachability.reset();
    if (!ok)
      signalPassFailure();
  }

  template <class Op>
  FailureOr<Op> find(Operation *user, FlatSymbolRefAttr name, StringRef kind) {
    if (auto op = symbols->lookup<Op>(name.getAttr()))
      return op;
    return user->emitOpError("names '")
           << name.getValue() << "', which is not declared as " << kind;
  }

  template <class Op>
  LogicalResult checkSize(Operation *user, FlatSymbolRefAttr name,
                          uint64_t size, StringRef kind) {
    FailureOr<Op> declared = find<Op>(user, name, kind);
    if (failed(declared))
      return failure();
    if (declared->getSize() == size)
      return success();
    auto diagnostic = user->emitOpError("passes ")
                      << size << " bytes as '" << name.getValue()
                      << "', which has " << declared->getSize();
    diagnostic.attachNote(declared->getLoc()) << "declared here";
    return diagnostic;
  }

  LogicalResult checkSend(SendOp send) {
    if (auto receiver = send.getReceiverAttr()) // send_c3
      if (failed(find<ActorOp>(send, receiver, "an actor")))
        return failure();
    return checkSize<MessageOp>(send, send.getMessageAttr(), send.getSize(),
                                "a message"); // send_c2
  }

  LogicalResult checkSpawn(SpawnOp spawn) {
    if (failed(checkSize<ActorOp>(spawn, spawn.getActorAttr(), spawn.getSize(),
                                  "an actor")))
      return failure();
    if (!spawn.getPlacement()) // spawn_c4
      return success();
    auto actor = symbols->lookup<ActorOp>(spawn.getActorAttr().getAttr());
    if (!actor.getResident())
      return refusePlacement(spawn, actor,
                             "it is not resident: use spawn, or write 'class "
                             "[[rk::actor, rk::resident]]'");
    for (auto handler : actor.getBody().getOps<HandlerOp>())
      if (handler.getLanes() > Lanes::Warp)
        return refusePlacement(spawn, actor,
                               "it has multiprocessors to itself, of a kernel "
                               "of their own: use spawn");
    return success();
  }
  static LogicalResult refusePlacement(SpawnOp spawn, ActorOp actor,
                                       StringRef reason) {
    auto diagnostic = spawn.emitError()
                      << "'" << actor.getSymName()
                      << "' cannot be placed, since " << reason;
    diagnostic.attachNote(actor.getLoc()) << "declared here";
    return diagnostic;
  }

  LogicalResult checkHandler(HandlerOp handler) {
    if (failed(find<MessageOp>(handler, handler.getMessageAttr(),
                               "a message"))) // handler_c1
      return failure();
    if (auto reply = handler.getReplyAttr())
      if (failed(find<MessageOp>(handler, reply, "a message")))
        return failure();
    auto function = find<LLVM::LLVMFuncOp>(handler, handler.getCalleeAttr(),
                                           "a function"); // handler_c2
    if (failed(function))
      return failure();
    MLIRContext *context = &getContext();
    auto pointer = LLVM::LLVMPointerType::get(context);
    auto expected = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(context), {pointer, pointer, pointer, pointer});
    if (function->getFunctionType() == expected)
      return handler.getLanes() > Lanes::Warp ? checkTeam(handler, *function)
                                              : success();
    return handler.emitOpError("calls '")
           << handler.getCallee() << "' of type " << function->getFunctionType()
           << ", and a handler has type " << expected;
  }

  /// Refuses what works within a warp only.
  LogicalResult checkTeam(HandlerOp handler,
                          LLVM::LLVMFuncOp callee) { // handler_c3
    if (!reachability)
      reachability.emplace(getOperation());
    Functions reached;
    reachability->add(callee, reached);
    LogicalResult result = success();
    // In the program's order, whatever that of the set.
    for (Operation &op : *getOperation().getBody()) {
      if (!reached.contains(&op))
        continue;
      op.walk([&](Operation *inner) {
        if (isa<GroupBallotOp, GroupShuffleOp>(inner))
          result = refuseInTeam(handler, inner);
      });
    }
    return result;
  }
  static LogicalResult refuseInTeam(HandlerOp handler, Operation *op) {
    const bool isBallot = isa<GroupBallotOp>(op);
    auto diagnostic = op->emitError()
                      << "rk::Group::" << (isBallot ? "ballot" : "shuffle")
                      << " works within a warp, and a "
                      << stringifyLanes(handler.getLanes())
                      << " has more lanes: use "
                      << (isBallot ? "any, all or sum" : "broadcast")
                      << ", or rk::Lanes::Warp";
    diagnostic.attachNote(handler.getLoc()) << "reached from this handler";
    return diagnostic;
  }

  std::optional<SymbolTable> symbols;
  std::optional<Reachability> reachability;
};

} // namespace
} // namespace rkc::transforms
