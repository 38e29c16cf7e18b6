//===- Images.h - From code to images --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes the images of a module file from PTX and objects, and embeds a module
/// file in an object for the host's linker.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/target/Target.h"
#include "rkc/target/Toolchain.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace rkc {

/// What `ptxas` says about a kernel, or the most of several. Bytes are for each
/// thread, shared memory for each block.
struct KernelResources {
  uint32_t registers = 0;
  uint32_t stackFrameBytes = 0;
  /// The stack of the deepest chain of calls that ptxas could follow; 0 if it
  /// names none.
  uint32_t cumulativeStackBytes = 0;
  uint32_t spillStoreBytes = 0;
  uint32_t spillLoadBytes = 0;
  uint32_t sharedBytes = 0;
  uint32_t barriers = 0;
  /// Recursion or calls through pointers: ptxas knows no bound for the stack.
  bool stackIsUnbounded = false;
};

/// Reads the resources of `kernel` from what `ptxas -v` prints.
///
/// Errors    false: there is no such kernel in the text.
bool parseResources(llvm::StringRef text, llvm::StringRef kernel,
                    KernelResources &resources);

/// Reads the resources of the image's kernels: of each number the largest, as
/// both kernels run in one context.
///
/// Errors    false: there is no workers' kernel in the text.
bool parseAllResources(llvm::StringRef text, KernelResources &resources);

/// Assembles PTX for one GPU. `resources` are those of all its kernels.
///
/// Errors    false; `error` holds what ptxas said.
/// Cost      one run of ptxas, 0.1 s and more.
bool assemble(llvm::StringRef ptx, const Target &target,
              const Toolchain &toolchain, bool lineInfo, std::string &cubin,
              KernelResources &resources, std::string &error);

/// Links an object into a shared object that exports `rk_agent_run`. It needs
/// the C and math libraries. The same object gives the same bytes.
///
/// Errors    false; `error` holds what the linker said.
bool linkSharedObject(llvm::StringRef object, llvm::StringRef soname,
                      const Toolchain &toolchain, bool allowUndefined,
                      std::string &image, std::string &error);

/// Makes an object for the host that holds the bytes of a module file and
/// registers them before main, by calling
/// `rk_register_module(const void *bytes, uint64_t size, const char *name)`.
///
/// Errors    false; `error` says what LLVM cannot do.
bool embedModule(llvm::StringRef moduleBytes, llvm::StringRef name,
                 std::string &object, std::string &error);

} // namespace rkc
