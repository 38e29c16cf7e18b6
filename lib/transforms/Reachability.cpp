//===- Reachability.cpp - What running a function can come to -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Reachability.h"

using namespace mlir;

namespace rkc {

void Reachability::add(Operation *root, Functions &reached) {
  SmallVector<Operation *> work{root};
  while (!work.empty()) {
    Operation *op = work.pop_back_val();
    if (!reached.insert(op).second)
      continue;
    for (Operation *mentioned : mentions(op))
      work.push_back(mentioned);
  }
}

ArrayRef<Operation *> Reachability::mentions(Operation *op) {
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

} // namespace rkc
