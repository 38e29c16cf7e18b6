//===- CopyLoopsTest.cpp - Long copies move every byte --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the loops, which are plain IR, on this processor.
///
//===----------------------------------------------------------------------===//

#include "common/LlvmModule.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using CopyFunction = void (*)(unsigned char *, const unsigned char *, uint64_t);

unsigned countCopies(const llvm::Module &module) {
  unsigned count = 0;
  for (const llvm::Function &function : module)
    for (const llvm::Instruction &instruction : llvm::instructions(function))
      count += llvm::isa<llvm::MemCpyInst>(instruction);
  return count;
}

unsigned countByteLoads(const llvm::Module &module) {
  unsigned count = 0;
  for (const llvm::Function &function : module)
    for (const llvm::Instruction &instruction : llvm::instructions(function))
      count += llvm::isa<llvm::LoadInst>(instruction) &&
               instruction.getType()->isIntegerTy(8);
  return count;
}

/// `@copy` with the given alignments; `size` is an operand of the call.
std::string copyText(unsigned toAlign, unsigned fromAlign,
                     const std::string &size) {
  return "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)\n"
         "define void @copy(ptr %to, ptr %from, i64 %size) {\n"
         "  call void @llvm.memcpy.p0.p0.i64(ptr align " +
         std::to_string(toAlign) + " %to, ptr align " +
         std::to_string(fromAlign) + " %from, i64 " + size +
         ", i1 false)\n"
         "  ret void\n}\n";
}

/// A compiled `@copy` after its copies became loops.
class Copier {
public:
  explicit Copier(const std::string &text) {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    auto context = std::make_unique<llvm::LLVMContext>();
    llvm::SMDiagnostic problem;
    auto module = llvm::parseAssemblyString(text, problem, *context);
    if (!module) {
      ADD_FAILURE() << problem.getMessage().str();
      return;
    }
    rkc::expandLongCopies(*module);
    left = countCopies(*module);
    byteLoads = countByteLoads(*module);
    EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
    jit = llvm::cantFail(llvm::orc::LLJITBuilder().create());
    llvm::cantFail(jit->addIRModule(
        llvm::orc::ThreadSafeModule(std::move(module), std::move(context))));
    function = llvm::cantFail(jit->lookup("copy")).toPtr<CopyFunction>();
  }

  /// Copies between buffers so far from multiples of 16, and compares all of
  /// both with what they should hold.
  void expectExact(unsigned toOffset, unsigned fromOffset, uint64_t size) {
    constexpr uint64_t Margin = 32;
    const uint64_t all = size + 2 * Margin + 16;
    alignas(16) static unsigned char to[8192], from[8192];
    ASSERT_LE(all, sizeof(to));
    for (uint64_t i = 0; i < all; ++i) {
      to[i] = 0xA5;
      from[i] = static_cast<unsigned char>(i * 7 + size);
    }
    std::vector<unsigned char> expected(to, to + all);
    for (uint64_t i = 0; i < size; ++i)
      expected[Margin + toOffset + i] = from[Margin + fromOffset + i];
    function(to + Margin + toOffset, from + Margin + fromOffset, size);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), to))
        << size << " bytes from " << fromOffset << " to " << toOffset;
  }

  unsigned left = 0;
  unsigned byteLoads = 0;

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
  CopyFunction function = nullptr;
};

} // namespace

TEST(CopyLoops, AnySizeFromAndToAnyAddress) {
  Copier copier(copyText(1, 1, "%size"));
  EXPECT_EQ(copier.left, 0u);
  for (unsigned to = 0; to < 16; ++to)
    for (unsigned from = 0; from < 16; ++from)
      for (uint64_t size = 0; size < 200; ++size)
        copier.expectExact(to, from, size);
}

TEST(CopyLoops, KnownAlignments) {
  for (unsigned align : {2, 4, 8, 16}) {
    Copier copier(copyText(align, 16, "%size"));
    EXPECT_EQ(copier.left, 0u);
    for (unsigned to = 0; to < 16; to += align)
      for (uint64_t size = 0; size < 300; ++size)
        copier.expectExact(to, 0, size);
  }
}

TEST(CopyLoops, KnownSizes) {
  for (uint64_t size : {129, 130, 131, 140, 144, 192, 1021, 1024, 4095, 4096})
    for (unsigned align : {1, 4, 16}) {
      Copier copier(copyText(align, align, std::to_string(size)));
      EXPECT_EQ(copier.left, 0u);
      for (unsigned offset = 0; offset < 16; offset += align)
        copier.expectExact(offset, offset, size);
    }
}

TEST(CopyLoops, TakeTheAlignmentThatIsNotedAtTheCopy) {
  EXPECT_EQ(Copier(copyText(16, 16, "1024")).byteLoads, 0u);
  EXPECT_EQ(Copier(copyText(16, 4, "1024")).byteLoads, 0u);
  EXPECT_NE(Copier(copyText(16, 1, "1024")).byteLoads, 0u);
}

TEST(CopyLoops, LeavesWhatTheBackEndUnrolls) {
  EXPECT_EQ(Copier(copyText(1, 1, "128")).left, 1u);
  EXPECT_EQ(Copier(copyText(4, 4, "12")).left, 1u);
}
