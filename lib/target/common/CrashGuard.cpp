//===- CrashGuard.cpp - Survive a crash inside LLVM -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/CrashGuard.h"

#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"

#include <csignal>
#include <cstring>

namespace rkc {

/// What the handlers leave behind. Static, so that reporting a lack of memory
/// needs none.
static char lastFatalError[2048];

static constexpr int fatalErrorStatus = 70;

static void onFatalError(void *, const char *reason, bool) {
  std::strncpy(lastFatalError, reason, sizeof(lastFatalError) - 1);
  if (auto *context = llvm::CrashRecoveryContext::GetCurrent())
    context->HandleExit(fatalErrorStatus);
}

static std::string describe(int status) {
  if (status == fatalErrorStatus && lastFatalError[0]) {
    llvm::StringRef text(lastFatalError);
    return text.rtrim().str();
  }
  // CrashRecoveryContext reports a signal as a shell does.
  if (status > 128)
    if (const char *name = strsignal(status - 128))
      return std::string(name);
  return "exit status " + std::to_string(status);
}

std::optional<std::string> runGuarded(llvm::function_ref<void()> body) {
  llvm::CrashRecoveryContext::Enable();
  llvm::CrashRecoveryContext context;
  lastFatalError[0] = 0;
  llvm::remove_fatal_error_handler();
  llvm::remove_bad_alloc_error_handler();
  llvm::install_fatal_error_handler(onFatalError);
  llvm::install_bad_alloc_error_handler(onFatalError);
  bool cameBack = context.RunSafely(body);
  llvm::remove_fatal_error_handler();
  llvm::remove_bad_alloc_error_handler();
  if (cameBack)
    return std::nullopt;
  return describe(context.RetCode);
}

void crashOnPurpose(llvm::StringRef kind) {
  if (kind == "fatal")
    llvm::report_fatal_error("crash requested by --debug-crash");
  if (kind == "memory")
    llvm::report_bad_alloc_error("allocation failed");
  std::raise(SIGSEGV);
}

} // namespace rkc
