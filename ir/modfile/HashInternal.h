//===- HashInternal.h - The content hash of a module -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rk::modfile {

/// Returns XXH64 of `bytes`.
///
/// Cost      about 10 bytes a nanosecond.
/// Source    the xxHash algorithm description, revision 0.2, section XXH64.
std::uint64_t xxh64(std::span<const std::byte> bytes, std::uint64_t seed);

/// Returns the hash that the header of the module `bytes` must hold: of all
/// bytes but the eight of the hash itself. `bytes` holds at least a header.
std::uint64_t contentHash(std::span<const std::byte> bytes);

} // namespace rk::modfile
