//===- Parameters.h - Parameters.def as values ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How much work the programs do, for our versions and CAF's.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>

namespace savina {

struct Parameters {
#define SAVINA_PARAMETER(name, value, quick) std::uint64_t name;
#include "Parameters.def"
#undef SAVINA_PARAMETER
};

inline constexpr Parameters Full = {
#define SAVINA_PARAMETER(name, value, quick) value,
#include "Parameters.def"
#undef SAVINA_PARAMETER
};
inline constexpr Parameters Quick = {
#define SAVINA_PARAMETER(name, value, quick) quick,
#include "Parameters.def"
#undef SAVINA_PARAMETER
};

// They are the sizes of tables, so a quick run has as many.
static_assert(Quick.ThroughputActors == Full.ThroughputActors);
static_assert(Quick.BigActors == Full.BigActors);

/// The angle whose sine the fork-join programs compute, as Savina's do.
inline constexpr double Theta = 37.2;

/// The generator by which `big` picks partners, the same in every version.
constexpr std::uint32_t nextRandom(std::uint32_t random) {
  return random * 1664525u + 1013904223u;
}
/// Returns one of `actors` indices that is not `self`.
constexpr std::uint32_t pickOther(std::uint32_t random, std::uint32_t self,
                                  std::uint32_t actors) {
  const std::uint32_t other = (random >> 16) % (actors - 1);
  return other < self ? other : other + 1;
}

} // namespace savina
