//===- Processor.h - What this machine is -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The processor and memory of the machine that the process runs on.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/status.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace rk::runtime {

/// Errors    `NoImage` if this processor cannot run code for `target`, such as
///           "x86_64-v3"; the message names what is missing.
Status checkProcessor(std::string_view target);
/// Returns the processor's name for people.
std::string processorName();
/// Returns how much memory could be used without swapping, in bytes.
std::uint64_t availableMemory();

} // namespace rk::runtime
