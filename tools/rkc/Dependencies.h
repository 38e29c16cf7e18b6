//===- Dependencies.h - What an output depends on --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Dependency files for make and ninja (-MD).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "CommandLine.h"

namespace rkc::driver {

/// The content of a dependency file: `output`, or what -MT names, depends on
/// `files`.
std::string dependencyText(const DependencyOptions &options,
                           llvm::StringRef output,
                           llvm::ArrayRef<std::string> files);

/// Where it goes: -MF, or the output's name with the extension `.d`.
std::string dependencyFile(const DependencyOptions &options,
                           llvm::StringRef output);

} // namespace rkc::driver
