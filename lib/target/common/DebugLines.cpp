//===- DebugLines.cpp - Lines for code that has none ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LlvmModule.h"

#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/InstIterator.h"

namespace rkc {

void addArtificialLines(llvm::Module &module) {
  llvm::DIBuilder builder(module);
  llvm::DIFile *file = builder.createFile("<rkc>", "");
  // Line directives, and no other debug information.
  llvm::DICompileUnit *unit = builder.createCompileUnit(
      llvm::DISourceLanguageName(llvm::dwarf::DW_LANG_C_plus_plus_14), file,
      "rkc", /*isOptimized=*/true, "", 0, "",
      llvm::DICompileUnit::DebugDirectivesOnly);
  llvm::DISubroutineType *type =
      builder.createSubroutineType(builder.getOrCreateTypeArray({}));
  for (llvm::Function &function : module) {
    if (function.isDeclaration() || function.getSubprogram())
      continue;
    llvm::DISubprogram *subprogram = builder.createFunction(
        unit, llvm::demangle(function.getName()), function.getName(), file, 0,
        type, 0, llvm::DINode::FlagArtificial,
        llvm::DISubprogram::SPFlagDefinition |
            llvm::DISubprogram::SPFlagOptimized);
    function.setSubprogram(subprogram);
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (!instruction.getDebugLoc())
        instruction.setDebugLoc(
            llvm::DILocation::get(module.getContext(), 0, 0, subprogram));
  }
  builder.finalize();
}

} // namespace rkc
