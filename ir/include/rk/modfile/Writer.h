//===- Writer.h - From a module to the bytes of a file ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes `.rkm` files.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/Module.h"
#include "rk/modfile/Result.h"

#include <cstddef>
#include <vector>

namespace rk::modfile {

/// Returns the bytes of `module`, which `readModule` accepts.
///
/// The bytes depend on the content alone: messages and actors are written in
/// the order of their indices, handlers by actor and message, images by kind
/// and target, whatever their order in `module`.
///
/// Threads   any; no state is shared.
/// Errors    `InvalidArgument`, without an offset: `module` breaks a rule of
///           the format (a duplicate, an index without a type, a size beyond
///           its limit); the message names the record.
/// Cost      the payloads are copied once; one pass for the hash.
Result<std::vector<std::byte>> writeModule(const ModuleView &module);
Result<std::vector<std::byte>> writeModule(const Module &module);

} // namespace rk::modfile
