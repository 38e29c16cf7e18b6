//===- GroupLanes.cpp - Which functions which lanes run -------------------===//
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
             GroupShuffleOp, GroupReduceOp, GroupCopyOp>(op);
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

/// Separates what groups of one size run from what those of another do.
class Separation {
public:
  explicit Separation(ProgramInfo &info)
      : info(info), reachability(info.program) {}

  LogicalResult run();

private:
  void follow();
  bool runsSmaller(Operation *op, Lanes lanes) const;
  LogicalResult copyShared(Lanes lanes);
  LogicalResult refuse(Operation *shared, Operation *groupOp);
  LLVM::LLVMFuncOp copy(LLVM::LLVMFuncOp function, Lanes lanes);

  ProgramInfo &info;
  Reachability reachability;
  Functions reached[getMaxEnumValForLanes() + 1];
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
      reachability.add(callee, reached[uint32_t(handler.getLanes())]);
    }
}

LogicalResult Separation::refuse(Operation *shared, Operation *groupOp) {
  return groupOp->emitError()
         << "'" << groupOp->getName() << "' is reached through '"
         << SymbolTable::getSymbolName(shared).getValue()
         << "' from handlers with groups of different sizes: mark these "
            "handlers alike, or give each kind its own";
}

/// A copy has no line table: a function's lines belong to one function.
LLVM::LLVMFuncOp Separation::copy(LLVM::LLVMFuncOp function, Lanes lanes) {
  auto copied = cast<LLVM::LLVMFuncOp>(function->clone());
  copied.setSymName(
      (function.getSymName() + "." + stringifyLanes(lanes)).str());
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

/// Whether a smaller group than `lanes` runs `op` too.
bool Separation::runsSmaller(Operation *op, Lanes lanes) const {
  for (uint32_t smaller = 0; smaller < uint32_t(lanes); ++smaller)
    if (reached[smaller].contains(op))
      return true;
  return false;
}

/// Gives groups of `lanes` a copy of each function that smaller ones run too
/// and that has, or leads to, a group op.
LogicalResult Separation::copyShared(Lanes lanes) {
  const Functions &ours = reached[uint32_t(lanes)];
  SmallVector<std::pair<StringAttr, LLVM::LLVMFuncOp>> copies;
  for (Operation &op : llvm::make_early_inc_range(*info.program.getBody())) {
    if (!ours.contains(&op) || !runsSmaller(&op, lanes))
      continue;
    Operation *groupOp = findGroupOp(reachability, &op);
    if (!groupOp)
      continue;
    auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
    if (!function || entries.contains(&op))
      return refuse(&op, groupOp);
    copies.push_back({function.getSymNameAttr(), copy(function, lanes)});
  }
  SmallVector<Operation *> users;
  for (Operation *op : ours)
    if (!runsSmaller(op, lanes))
      users.push_back(op);
  for (auto &[name, copied] : copies)
    users.push_back(copied);
  for (Operation *user : users) {
    if (isa<LLVM::LLVMFuncOp>(user))
      info.groupFunctions[user] = lanes;
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
  for (uint32_t lanes = 1; lanes <= getMaxEnumValForLanes(); ++lanes)
    if (failed(copyShared(Lanes(lanes))))
      return failure();
  return success();
}

} // namespace

LogicalResult findGroupFunctions(ProgramInfo &info) {
  return Separation(info).run();
}

} // namespace rkc::conversion
