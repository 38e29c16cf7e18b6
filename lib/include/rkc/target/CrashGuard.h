//===- CrashGuard.h - Survive a crash inside LLVM --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// LLVM ends the process for many inputs that it cannot lower. Here that
/// becomes an error that names what was going on.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace rkc {

/// Runs `body`. Returns nothing when it came back, else what ended it: the text
/// of LLVM's fatal error, or the signal's name.
///
/// What `body` was working on may be damaged after a crash: look at copies made
/// before, do not destroy it, and end the process soon.
///
/// Threads   one at a time: it sets LLVM's fatal-error handler.
std::optional<std::string> runGuarded(llvm::function_ref<void()> body);

/// Crashes on purpose, for tests of the above. `kind` is "signal", "fatal" or
/// "memory".
void crashOnPurpose(llvm::StringRef kind);

} // namespace rkc
