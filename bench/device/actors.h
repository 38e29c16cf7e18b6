//===- actors.h - The actors that the benchmarks measure --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each section is one benchmark; `bench/host` drives them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Broadcast.h"
#include "Spawning.h"
#include "Walking.h"

#include <rk/actor.h>

#include <array>

namespace rkbench {

//===- Round trip -----------------------------------------------------------//

struct Ping {
  std::uint64_t value;
};
struct Pong {
  std::uint64_t value;
};

class [[rk::actor]] Echo {
public:
  [[rk::handler]] Pong on(Ping ping) { return {ping.value + 1}; }
};

//===- One way between two actors -------------------------------------------//

class Rallier;

struct Rally {
  rk::ActorRef<Rallier> partner;
  std::uint64_t trips; ///< there and back
};
/// As large as a message can be without a block of the payload pool.
struct Ball {
  rk::ActorRef<Rallier> from;
  std::uint64_t left; ///< hops
  std::uint64_t sum;
  std::uint64_t spare;
};
/// Marked, since it is no handler's reply: it is sent with `reply`.
struct [[rk::message]] RallyDone {
  std::uint64_t sum;
};

class [[rk::actor]] Rallier {
public:
  /// Answered when the ball has made its trips.
  [[rk::handler]] void on(Rally rally, rk::Context &context) {
    asker_ = context.replyLater<RallyDone>();
    context.send(rally.partner,
                 Ball{context.self(this), 2 * rally.trips - 1, 0, 0});
  }
  [[rk::handler]] void on(Ball ball, rk::Context &context) {
    ball.sum += ball.left;
    if (ball.left == 0)
      context.reply(asker_, RallyDone{ball.sum});
    else
      context.send(ball.from,
                   Ball{context.self(this), ball.left - 1, ball.sum, 0});
  }
  /// The same, forever: for stopping a busy system.
  struct Forever {
    rk::ActorRef<Rallier> partner;
  };
  [[rk::handler]] void on(Forever forever, rk::Context &context) {
    context.send(forever.partner, Forever{context.self(this)});
  }

private:
  rk::ReplyTo<RallyDone> asker_;
};

//===- From the host to handlers --------------------------------------------//

/// As large as one packet holds.
struct Parcel {
  std::array<std::uint64_t, 4> content;
};
/// Parcels of one run have numbers of their own, from which all content
/// follows.
constexpr Parcel parcelOf(std::uint64_t number) {
  return {{number, 3 * number, 5 * number, 7 * number}};
}
/// As `hashOf` of a step.
constexpr std::uint64_t hashOf(const Parcel &parcel) {
  std::uint64_t hash = 0;
  for (unsigned i = 0; i < parcel.content.size(); ++i)
    hash += parcel.content[i] * (2 * i + 1);
  return hash;
}

class [[rk::actor]] Depot {
public:
  [[rk::handler]] void on(const Parcel &parcel) {
    ++tally_.received;
    tally_.sum += hashOf(parcel);
  }
  [[rk::handler]] Tally on(TallyQuery) { return tally_; }

private:
  Tally tally_{};
};

} // namespace rkbench
