//===- Actors.h - Block, cluster and grid actors ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One actor for each size, which adds up arrays, passes marks from neighbour
/// to neighbour between barriers, times its barrier, and talks with pooled
/// ones.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../FairActors.h"

#include <rk/actor.h>
#include <rk/clock.h>
#include <rk/group.h>

#include <cstdint>

namespace teams {

/// Adds up `count` numbers that follow from `seed`.
struct AddUp {
  std::uint32_t seed;
  std::uint32_t count;
};
constexpr std::uint32_t numberAt(std::uint32_t seed, std::uint32_t index) {
  std::uint32_t bits = (index + seed) * 2654435761u;
  bits ^= bits >> 15;
  return bits * 2246822519u;
}
struct Total {
  std::uint32_t sum;
  std::uint32_t least;
  std::uint32_t most;
  std::uint32_t lanes;
};
/// Lanes write to places in the state, wait, and read what another has written.
struct PassOn {
  std::uint32_t rounds;
};
struct Missed {
  std::uint32_t count;
  std::uint32_t lanes;
};
/// Measures barriers.
struct Time {
  std::uint32_t rounds;
};
struct Took {
  std::uint64_t ns;
  std::uint64_t lanes;
};
struct Count {
  std::uint32_t add;
};
struct Counted {
  std::uint32_t value;
};
/// One lane alone looks at the state.
struct Look {};

/// Counts what it gets.
class [[rk::actor]] Counter {
public:
  [[rk::handler]] void on(Count count) { value_ += count.add; }
  [[rk::handler]] Counted on(Look) { return {value_}; }

private:
  std::uint32_t value_ = 0;
};

/// Each lane sends one to the counter.
struct Scatter {
  rk::ActorRef<Counter> to;
};

template <rk::Lanes Size> class [[rk::actor, rk::resident]] Team {
public:
  [[rk::handler(Size)]] Total on(const AddUp &message) {
    const rk::Group group;
    std::uint32_t sum = 0, least = ~0u, most = 0;
    for (std::uint32_t i = group.rank(); i < message.count; i += group.size()) {
      const std::uint32_t value = numberAt(message.seed, i);
      sum += value;
      least = value < least ? value : least;
      most = value > most ? value : most;
    }
    return {group.sum(sum), group.min(least), group.max(most), group.size()};
  }

  [[rk::handler(Size)]] Missed on(PassOn message) {
    const rk::Group group;
    const std::uint32_t size = group.size(), rank = group.rank();
    const std::uint32_t share = (size + Places - 1) / Places;
    const std::uint32_t writers = (size + share - 1) / share;
    std::uint32_t missed = 0, random = rank * 2654435761u + 1;
    for (std::uint32_t round = 1; round <= message.rounds; ++round) {
      // A lane may write the next round's while another reads this one's.
      std::uint32_t *const marks = marks_ + round % 2 * Places;
      if (rank % share == 0)
        marks[rank / share] = round;
      group.sync();
      random = random * 1664525u + 1013904223u;
      missed += marks[(random >> 8) % writers] != round;
    }
    group.sync();
    return {group.sum(missed), size};
  }

  [[rk::handler(Size)]] Took on(Time message) {
    const rk::Group group;
    group.sync();
    const std::uint64_t begin = rk::clock::nowNs();
    for (std::uint32_t round = 0; round < message.rounds; ++round)
      group.sync();
    return {rk::clock::nowNs() - begin, group.size()};
  }

  /// All lanes see the state, and that of rank 0 counts.
  [[rk::handler(Size)]] Counted on(Count count) {
    const rk::Group group;
    const std::uint32_t before = value_;
    group.sync();
    if (group.rank() == 0)
      value_ = before + count.add;
    group.sync();
    const bool same = group.all(value_ == before + count.add);
    const std::uint32_t told =
        group.broadcast(group.rank() + value_, group.size() - 1);
    return {same && told == group.size() - 1 + value_ ? value_ : ~0u};
  }

  [[rk::handler]] Counted on(Look) { return {value_}; }

  [[rk::handler(Size)]] Counted on(Scatter scatter, rk::Context &context) {
    const rk::Group group;
    context.send(scatter.to, Count{1});
    return {group.size()};
  }

private:
  static constexpr std::uint32_t Places = 256;
  std::uint32_t marks_[2 * Places] = {};
  std::uint32_t value_ = 0;
};

using BlockTeam = Team<rk::Lanes::Block>;
using ClusterTeam = Team<rk::Lanes::Cluster>;
using GridTeam = Team<rk::Lanes::Grid>;

/// Keeps its team busy.
template <rk::Lanes Size>
class [[rk::actor, rk::resident]] BusyTeam
    : public fair::Spinner<BusyTeam<Size>, fair::Neighbour, Size> {};

using BusyBlock = BusyTeam<rk::Lanes::Block>;
using BusyCluster = BusyTeam<rk::Lanes::Cluster>;
using BusyGrid = BusyTeam<rk::Lanes::Grid>;

} // namespace teams
