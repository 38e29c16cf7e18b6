//===- Manifest.cpp - What a program declares -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Manifest.h"

#include "rkc/dialect/Rk.h"
#include "rkc/transforms/StencilRecord.h"

#include "rk/abi/Residents.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringMap.h"

using llvm::LogicalResult;
using llvm::success;

namespace rkc {

/// The first line of a source file inside a location.
static mlir::FileLineColLoc sourceLocation(mlir::Location location) {
  mlir::FileLineColLoc found;
  location->walk([&](mlir::Location inner) {
    found = llvm::dyn_cast<mlir::FileLineColLoc>(inner);
    return found ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  });
  return found;
}

template <class Record>
static void fillLocation(mlir::Location location, Record &record) {
  if (mlir::FileLineColLoc where = sourceLocation(location)) {
    record.file = where.getFilename().str();
    record.line = where.getLine();
  }
}

/// Fills in what message and actor types have in common.
template <class Op, class Record>
static LogicalResult fillType(Op op, Record &record) {
  if (!op.getIndex())
    return op.emitOpError("has no index; run rk-number-program first");
  record.name = op.getSymName().str();
  record.hash = op.getHash();
  record.size = op.getSize();
  record.align = op.getAlign();
  record.index = *op.getIndex();
  return success();
}

static LogicalResult fillHandler(HandlerOp op, uint32_t actor,
                                 const llvm::StringMap<uint32_t> &messages,
                                 rk::modfile::Module &manifest) {
  rk::modfile::Handler handler;
  handler.actor = actor;
  auto message = messages.find(op.getMessage());
  if (message == messages.end())
    return op.emitOpError("names a message that is not declared");
  handler.message = message->second;
  if (op.getReply()) {
    auto reply = messages.find(*op.getReply());
    if (reply == messages.end())
      return op.emitOpError("names a reply that is not declared");
    handler.reply = reply->second;
  }
  handler.lanes = rk::abi::LanesOf[uint32_t(op.getLanes())];
  fillLocation(op.getLoc(), handler);
  if (mlir::FileLineColLoc where = sourceLocation(op.getLoc()))
    handler.column = where.getColumn();
  manifest.handlers.push_back(std::move(handler));
  return success();
}

static LogicalResult fillActor(ActorOp op,
                               const llvm::StringMap<uint32_t> &messages,
                               rk::modfile::Module &manifest) {
  rk::modfile::ActorType actor;
  if (failed(fillType(op, actor)))
    return llvm::failure();
  fillLocation(op.getLoc(), actor);
  actor.whenFull = rk::abi::WhenFull(op.getWhenFull().value_or(WhenFull::Fail));
  actor.isResident = op.getResident();
  for (StateOp state : op.getBody().getOps<StateOp>())
    actor.fields.push_back({state.getName().str(), uint32_t(state.getOffset()),
                            uint32_t(state.getSize())});
  for (HandlerOp handler : op.getBody().getOps<HandlerOp>())
    if (failed(fillHandler(handler, actor.index, messages, manifest)))
      return llvm::failure();
  manifest.actors.push_back(std::move(actor));
  return success();
}

LogicalResult fillManifest(mlir::ModuleOp program,
                           rk::modfile::Module &manifest) {
  llvm::StringMap<uint32_t> messages;
  for (MessageOp op : program.getOps<MessageOp>()) {
    rk::modfile::MessageType message;
    if (failed(fillType(op, message)))
      return llvm::failure();
    message.isBulk = op.getBulk();
    messages[message.name] = message.index;
    manifest.messages.push_back(std::move(message));
  }
  for (ActorOp op : program.getOps<ActorOp>())
    if (failed(fillActor(op, messages, manifest)))
      return llvm::failure();
  for (StencilOp op : program.getOps<StencilOp>()) {
    manifest.stencils.push_back(transforms::recordOf(op));
    fillLocation(op.getLoc(), manifest.stencils.back());
  }
  return success();
}

} // namespace rkc
