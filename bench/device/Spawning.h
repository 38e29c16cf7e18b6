//===- Spawning.h - Actors that make actors ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Actors made on the device, one by one or many at once.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>

namespace rkbench {

struct Mark {
  std::uint64_t value;
};
struct Breed {
  std::uint64_t mark;
  std::uint32_t count;
  bool atOnce;
};
/// How many were made, and the first of them.
struct Bred {
  std::uint64_t first;
  std::uint64_t count;
};

class [[rk::actor]] Seedling {
public:
  explicit Seedling(std::uint64_t mark) : mark_(mark) {}
  /// Returns the mark of its state less that of the message.
  [[rk::handler]] Mark on(Mark mark) { return {mark_ - mark.value}; }

private:
  std::uint64_t mark_;
};

class [[rk::actor]] Nursery {
public:
  [[rk::handler]] Bred on(Breed breed, rk::Context &context) {
    if (breed.atOnce) {
      const auto range = context.spawn_n<Seedling>(breed.count, breed.mark);
      return {range.empty() ? 0 : range[0].bits(), range.size()};
    }
    Bred bred{};
    for (std::uint32_t i = 0; i < breed.count; ++i) {
      const auto made = context.spawn<Seedling>(breed.mark);
      bred.count += bool(made);
      bred.first = i == 0 ? made.bits() : bred.first;
    }
    return bred;
  }
};

} // namespace rkbench
