//===- PropertyTypes.h - Structures of random stencils ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Structures without padding, so that all their bytes can be compared, of all
/// the ways that words of one have: whole, of one number each, of mixed ones.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/float.h"

#include <cstdint>

namespace property {

struct Pair {
  _Float16 a, b;
};
struct Triple {
  float a, b, c;
};
struct Mixed {
  double a;
  float b;
  std::uint32_t c;
};
/// 64 bytes, the most that there can be.
struct Wide {
  double a, b, c, d, e, f, g;
  float h;
  std::uint32_t i;
};

/// What the numbers of a kind are computed in.
inline std::uint32_t u32(std::uint32_t value) { return value; }

} // namespace property
