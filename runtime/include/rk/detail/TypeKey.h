//===- TypeKey.h - How host code names a type of the module ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A C++ type as the module's manifest knows it: by the hash of its RTTI name,
/// with the size and alignment that both sides must agree on.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>
#include <typeinfo>

namespace rk::detail {

/// FNV-1a, 64 bits, of the text up to its end.
constexpr std::uint64_t fnv1a64(const char *text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (; *text; ++text)
    hash = (hash ^ static_cast<unsigned char>(*text)) * 0x100000001b3u;
  return hash;
}

struct TypeKey {
  std::uint64_t hash = 0;
  std::uint32_t size = 0;
  std::uint32_t align = 0;
  /// The RTTI name, mangled.
  const char *name = "";
};

/// Returns the key of T. A leading '*' in the RTTI name (a type of one
/// translation unit) is no part of the name.
template <class T> const TypeKey &typeKey() {
  static const TypeKey key = [] {
    const char *name = typeid(T).name();
    if (*name == '*')
      ++name;
    return TypeKey{fnv1a64(name), sizeof(T), alignof(T), name};
  }();
  return key;
}

/// What one thread last learnt about the index of T: in which system, and the
/// index there. Systems have numbers that are never used again.
struct CachedIndex {
  std::uint64_t system = 0;
  std::uint32_t index = 0;
};
template <class T> inline thread_local constinit CachedIndex cachedIndex{};

} // namespace rk::detail
