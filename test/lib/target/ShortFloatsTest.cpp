//===- ShortFloatsTest.cpp - Choices between floats of two bytes ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "common/LlvmModule.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

#include <gtest/gtest.h>

namespace {

/// By a select, and by a phi with two edges from one block and a loop. Linking
/// this fails where the back end rounds to bf16.
constexpr const char *Text = R"(
define void @choose(ptr %to, ptr %a, ptr %b, i32 %which) {
entry:
  %x = load bfloat, ptr %a
  %y = load bfloat, ptr %b
  %odd = trunc i32 %which to i1
  %first = select i1 %odd, bfloat %x, bfloat %y
  switch i32 %which, label %loop [ i32 2, label %end
                                   i32 3, label %end ]
loop:
  %carried = phi bfloat [ %y, %entry ], [ %x, %loop ]
  %count = phi i32 [ %which, %entry ], [ %less, %loop ]
  %less = sub i32 %count, 1
  %done = icmp eq i32 %less, -1
  br i1 %done, label %end, label %loop
end:
  %second = phi bfloat [ %first, %entry ], [ %first, %entry ], [ %carried, %loop ]
  store bfloat %first, ptr %to
  %behind = getelementptr bfloat, ptr %to, i64 1
  store bfloat %second, ptr %behind
  ret void
}
)";

TEST(ShortFloats, areChosenBitForBit) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic problem;
  auto module = llvm::parseAssemblyString(Text, problem, *context);
  ASSERT_TRUE(module) << problem.getMessage().str();
  rkc::moveShortFloatsAsBits(*module);
  ASSERT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
  for (const llvm::Function &function : *module)
    for (const llvm::Instruction &instruction : llvm::instructions(function))
      EXPECT_FALSE((llvm::isa<llvm::PHINode, llvm::SelectInst>(instruction)) &&
                   instruction.getType()->isBFloatTy());
  auto jit = llvm::cantFail(llvm::orc::LLJITBuilder().create());
  llvm::cantFail(jit->addIRModule(
      llvm::orc::ThreadSafeModule(std::move(module), std::move(context))));
  auto *choose = llvm::cantFail(jit->lookup("choose"))
                     .toPtr<void (*)(uint16_t *, const uint16_t *,
                                     const uint16_t *, uint32_t)>();
  // A NaN that is signalling, and a small number.
  const uint16_t a = 0x7f81, b = 0x0003;
  const uint16_t expected[][2] = {{b, b}, {a, a}, {b, b}, {a, a}, {b, a}};
  for (uint32_t which = 0; which < std::size(expected); ++which) {
    uint16_t chosen[2];
    choose(chosen, &a, &b, which);
    EXPECT_EQ(chosen[0], expected[which][0]) << which;
    EXPECT_EQ(chosen[1], expected[which][1]) << which;
  }
}

} // namespace
