//===- GroupLanes.cpp - Which functions warps run -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

#include "mlir/IR/SymbolTable.h"

using namespace mlir;

namespace rkc::conversion {

namespace {

using Functions = llvm::DenseSet<Operation *>;

/// Follows every mention of a symbol, so calls through tables and pointers are
/// covered: whoever can take an address counts as calling it.
class Reachability {
public:
  explicit Reachability(ModuleOp program) : symbols(program) {}

  /// Adds everything that `root` can reach.
  void add(Operation *root, Functions &reached) {
    SmallVector<Operation *> work{root};
    while (!work.empty()) {
      Operation *op = work.pop_back_val();
      if (!reached.insert(op).second)
        continue;
      for (Operation *mentioned : mentions(op))
        work.push_back(mentioned);
    }
  }

  Operation *lookup(StringAttr name) { return symbols.lookup(name); }

private:
  ArrayRef<Operation *> mentions(Operation *op) {
    auto [entry, isNew] = edges.try_emplace(op);
    if (!isNew)
      return entry->second;
    SmallVector<Operation *> found;
    for (Region &region : op->getRegions())
      if (auto uses = SymbolTable::getSymbolUses(&region))
        for (const SymbolTable::SymbolUse &use : *uses)
          if (Operation *target =
                  symbols.lookup(use.getSymbolRef().getRootReference()))
            if (isa<LLVM::LLVMFuncOp, LLVM::GlobalOp, LLVM::AliasOp>(target))
              found.push_back(target);
    return edges[op] = std::move(found);
  }

  SymbolTable symbols;
  llvm::DenseMap<Operation *, SmallVector<Operation *>> edges;
};

bool isGroupOp(Operation *op) {
  return isa<GroupSizeOp, GroupRankOp, GroupSyncOp, GroupBallotOp,
             GroupShuffleOp, GroupReduceOp>(op);
}

Operation *findGroupOp(Operation *function) {
  Operation *found = nullptr;
  function->walk([&](Operation *op) {
    if (!isGroupOp(op))
      return WalkResult::advance();
    found = op;
    return WalkResult::interrupt();
  });
  return found;
}

} // namespace

LogicalResult findWarpFunctions(ProgramInfo &info) {
  Reachability reachability(info.program);
  Functions byLane, byWarp;
  for (auto actor : info.program.getOps<ActorOp>())
    for (auto handler : actor.getBody().getOps<HandlerOp>()) {
      Operation *callee =
          reachability.lookup(handler.getCalleeAttr().getAttr());
      if (!callee)
        continue;
      bool isWarp = handler.getLanes() == Lanes::Warp;
      reachability.add(callee, isWarp ? byWarp : byLane);
    }
  LogicalResult result = success();
  for (auto function : info.program.getOps<LLVM::LLVMFuncOp>()) {
    if (!byWarp.contains(function))
      continue;
    info.warpFunctions.insert(function);
    Operation *groupOp =
        byLane.contains(function) ? findGroupOp(function) : nullptr;
    if (!groupOp)
      continue;
    result = groupOp->emitError()
             << "'" << groupOp->getName() << "' in '" << function.getSymName()
             << "' is reached from handlers that one lane runs and from "
                "handlers that a warp runs: mark these handlers alike, or give "
                "each kind a function of its own";
  }
  return result;
}

} // namespace rkc::conversion
