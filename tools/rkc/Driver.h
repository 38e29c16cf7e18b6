//===- Driver.h - One run of rkc -------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one place where the frontend and lib/ meet.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "CommandLine.h"

namespace rkc::driver {

/// Does what `line` asks. `executable` is rkc's own path; the files that it
/// uses are found from there. Errors go to standard error.
ExitCode run(const CommandLine &line, llvm::StringRef executable);

} // namespace rkc::driver
