//===- actors.h - What the benchmarks of barriers run -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One actor for each size, which times its barriers, and passes marks across
/// them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>
#include <rk/clock.h>
#include <rk/group.h>

#include <cstdint>

/// Passes so many barriers, with nothing between them.
struct Time {
  std::uint32_t rounds;
};
struct Took {
  std::uint64_t ns;
  std::uint64_t lanes;
};

/// Passes as many, and reads behind each what another lane wrote before it.
struct Check {
  std::uint32_t rounds;
};
struct Checked {
  std::uint64_t ns;
  std::uint32_t missed;
};

template <rk::Lanes Size> class [[rk::actor, rk::resident]] Team {
public:
  [[rk::handler(Size)]] Took on(Time message) {
    const rk::Group group;
    group.sync();
    const std::uint64_t begin = rk::clock::nowNs();
    for (std::uint32_t round = 0; round < message.rounds; ++round)
      group.sync();
    return {rk::clock::nowNs() - begin, group.size()};
  }

  [[rk::handler(Size)]] Checked on(Check message) {
    const rk::Group group;
    const std::uint32_t rank = group.rank();
    const std::uint32_t share = (group.size() + Places - 1) / Places;
    const std::uint32_t writers = (group.size() + share - 1) / share;
    // Of another warp, and where there are several blocks, of another block.
    const std::uint32_t neighbour = (rank / share + writers / 2) % writers;
    std::uint32_t missed = 0;
    group.sync();
    const std::uint64_t begin = rk::clock::nowNs();
    for (std::uint32_t round = 1; round <= message.rounds; ++round) {
      // A lane may write the next round's while another reads this one's.
      std::uint32_t *const marks = marks_ + round % 2 * Places;
      if (rank % share == 0)
        marks[rank / share] = round;
      group.sync();
      missed += marks[neighbour] != round;
    }
    const std::uint64_t ns = rk::clock::nowNs() - begin;
    return {ns, group.sum(missed)};
  }

private:
  static constexpr std::uint32_t Places = 256;
  std::uint32_t marks_[2 * Places] = {};
};

using BlockTeam = Team<rk::Lanes::Block>;
using ClusterTeam = Team<rk::Lanes::Cluster>;
using GridTeam = Team<rk::Lanes::Grid>;
