//===- Manifest.cpp - What a program declares -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Manifest.h"

#include "rkc/dialect/Rk.h"

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

/// What a boundary sets, and at which levels it finds all that it reads.
static rk::modfile::StencilBoundaryCode boundaryOf(StencilOp stencil,
                                                   StencilBoundaryOp boundary) {
  rk::modfile::StencilBoundaryCode code;
  code.entry = boundary.getEntry()->str();
  code.readsStep = boundary.getTimed();
  code.levels = rk::abi::MaxStencilLevels;
  auto needs = [&](llvm::StringRef name, uint32_t level) {
    StencilArrayOp array = stencil.getArray(name);
    if (!array.getCoefficient())
      code.levels = std::min(code.levels, array.getLevels() - level);
  };
  for (auto inside : boundary.getBody().getOps<StencilInsideOp>())
    needs(inside.getArray(), inside.getLevel());
  for (auto store : boundary.getBody().getOps<StencilStoreOp>()) {
    needs(store.getArray(), 0);
    for (auto [number, array] :
         llvm::enumerate(stencil.getBody().getOps<StencilArrayOp>()))
      if (array.getName() == store.getArray())
        code.sets |= 1u << number;
  }
  return code;
}

static void fillStencil(StencilOp op, rk::modfile::Module &manifest) {
  rk::modfile::Stencil stencil;
  stencil.name = op.getSymName().str();
  stencil.hash = op.getHash();
  stencil.size = uint32_t(op.getSize());
  stencil.align = uint32_t(op.getAlign());
  stencil.dimensions = op.getDimensions();
  stencil.radius = op.getRadius();
  fillLocation(op.getLoc(), stencil);
  for (auto array : op.getBody().getOps<StencilArrayOp>()) {
    rk::modfile::StencilArray entry;
    entry.name = array.getName().str();
    entry.offset = uint32_t(array.getOffset());
    entry.elementBytes = array.getElementBytes();
    entry.isFloat = llvm::isa<mlir::FloatType>(array.getType());
    entry.isBrain = array.getType().isBF16();
    entry.part = uint32_t(array.getPart());
    entry.levels = array.getLevels();
    entry.entries = array.getEntries().value_or(array.getLevels());
    entry.isCoefficient = array.getCoefficient();
    entry.isWritten = array.getWritten();
    if (auto halo = array.getHalo())
      for (auto [axis, cells] : llvm::enumerate(*halo))
        entry.halo[axis] = uint32_t(cells);
    stencil.arrays.push_back(std::move(entry));
  }
  if (StencilBoundaryOp boundary = op.getOutside())
    stencil.boundary = boundaryOf(op, boundary);
  for (auto reduction : op.getBody().getOps<StencilReduceOp>())
    stencil.reductions.push_back(
        {reduction.getName().str(), reduction.getHash(),
         reduction.getEntry()->str(), reduction.getFoldEntry(),
         uint32_t(reduction.getSize()), uint32_t(reduction.getAlign())});
  for (auto plan : op.getBody().getOps<StencilPlanOp>()) {
    rk::modfile::StencilPlan entry;
    entry.name = plan.getName().str();
    entry.entry = plan.getEntry().str();
    for (unsigned axis = 0; axis < 3; ++axis) {
      entry.block[axis] = uint32_t(plan.getBlock()[axis]);
      entry.tile[axis] = uint32_t(plan.getTile()[axis]);
    }
    entry.steps = plan.getSteps();
    entry.sharedBytes = plan.getShared();
    stencil.plans.push_back(std::move(entry));
  }
  manifest.stencils.push_back(std::move(stencil));
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
  for (StencilOp op : program.getOps<StencilOp>())
    fillStencil(op, manifest);
  return success();
}

} // namespace rkc
