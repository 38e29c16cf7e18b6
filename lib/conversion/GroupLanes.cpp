//===- GroupLanes.cpp - Which functions warps run -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

#include "rkc/transforms/Reachability.h"

using namespace mlir;

namespace rkc::conversion {

namespace {

bool isGroupOp(Operation *op) {
  return isa<GroupSizeOp, GroupRankOp, GroupSyncOp, GroupBallotOp,
             GroupShuffleOp, GroupReduceOp>(op);
}

/// Returns a group op that running `root` can come to, or null.
Operation *findGroupOp(Reachability &reachability, Operation *root) {
  Functions reached;
  reachability.add(root, reached);
  // In the program's order, whatever that of the set.
  for (Operation &op : *root->getBlock()) {
    if (!reached.contains(&op))
      continue;
    Operation *found = nullptr;
    op.walk([&](Operation *inner) {
      if (!isGroupOp(inner))
        return WalkResult::advance();
      found = inner;
      return WalkResult::interrupt();
    });
    if (found)
      return found;
  }
  return nullptr;
}

/// Separates what warps run from what single lanes run.
class Separation {
public:
  explicit Separation(ProgramInfo &info)
      : info(info), reachability(info.program) {}

  LogicalResult run();

private:
  void follow();
  LogicalResult copyShared();
  LogicalResult refuse(Operation *shared, Operation *groupOp);
  LLVM::LLVMFuncOp copy(LLVM::LLVMFuncOp function);

  ProgramInfo &info;
  Reachability reachability;
  Functions byLane;
  Functions byWarp;
  /// What handlers name; these cannot be copied.
  Functions entries;
};

void Separation::follow() {
  for (auto actor : info.program.getOps<ActorOp>())
    for (auto handler : actor.getBody().getOps<HandlerOp>()) {
      Operation *callee =
          reachability.getSymbols().lookup(handler.getCalleeAttr().getAttr());
      if (!callee)
        continue;
      entries.insert(callee);
      bool isWarp = handler.getLanes() == Lanes::Warp;
      reachability.add(callee, isWarp ? byWarp : byLane);
    }
}

LogicalResult Separation::refuse(Operation *shared, Operation *groupOp) {
  return groupOp->emitError()
         << "'" << groupOp->getName() << "' is reached through '"
         << SymbolTable::getSymbolName(shared).getValue()
         << "' from handlers that one lane runs and from handlers that a warp "
            "runs: mark these handlers alike, or give each kind its own";
}

/// A copy has no line table: a function's lines belong to one function.
LLVM::LLVMFuncOp Separation::copy(LLVM::LLVMFuncOp function) {
  auto copied = cast<LLVM::LLVMFuncOp>(function->clone());
  copied.setSymName((function.getSymName() + ".warp").str());
  copied.setLinkage(LLVM::Linkage::Internal);
  copied.setVisibility_(LLVM::Visibility::Default);
  copied.removeComdatAttr();
  if (auto fused = dyn_cast<FusedLoc>(function.getLoc()))
    if (!fused.getLocations().empty())
      copied->setLoc(fused.getLocations().front());
  copied.walk([](Operation *op) {
    if (isa<LLVM::DbgDeclareOp, LLVM::DbgValueOp, LLVM::DbgLabelOp>(op))
      op->erase();
  });
  reachability.getSymbols().insert(copied, ++function->getIterator());
  return copied;
}

/// Gives warps a copy of each function that both run and that has, or leads
/// to, a group op.
LogicalResult Separation::copyShared() {
  SmallVector<std::pair<StringAttr, LLVM::LLVMFuncOp>> copies;
  for (Operation &op : llvm::make_early_inc_range(*info.program.getBody())) {
    if (!byWarp.contains(&op) || !byLane.contains(&op))
      continue;
    Operation *groupOp = findGroupOp(reachability, &op);
    if (!groupOp)
      continue;
    auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
    if (!function || entries.contains(&op))
      return refuse(&op, groupOp);
    copies.push_back({function.getSymNameAttr(), copy(function)});
  }
  SmallVector<Operation *> users;
  for (Operation *op : byWarp)
    if (!byLane.contains(op))
      users.push_back(op);
  for (auto &[name, copied] : copies)
    users.push_back(copied);
  for (Operation *user : users) {
    if (isa<LLVM::LLVMFuncOp>(user))
      info.warpFunctions.insert(user);
    for (Region &region : user->getRegions())
      for (auto &[name, copied] : copies)
        if (failed(SymbolTable::replaceAllSymbolUses(
                name, copied.getSymNameAttr(), &region)))
          return user->emitError("has a symbol table that cannot be walked");
  }
  return success();
}

LogicalResult Separation::run() {
  follow();
  return copyShared();
}

} // namespace

LogicalResult findWarpFunctions(ProgramInfo &info) {
  return Separation(info).run();
}

} // namespace rkc::conversion
