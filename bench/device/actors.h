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

struct Parcel {
  std::array<std::uint64_t, 4> content;
};
struct TallyQuery {};
struct Tally {
  std::uint64_t received;
  std::uint64_t sum;
};

class [[rk::actor]] Depot {
public:
  [[rk::handler]] void on(const Parcel &parcel) {
    ++tally_.received;
    for (std::uint64_t word : parcel.content)
      tally_.sum += word;
  }
  [[rk::handler]] Tally on(TallyQuery) { return tally_; }

private:
  Tally tally_{};
};

//===- Between pooled actors ------------------------------------------------//

class Walker;

struct Neighbours {
  std::array<rk::ActorRef<Walker>, 4> walkers;
};
struct Step {
  std::uint32_t left;
  std::uint32_t random;
};

/// A step with `Size` bytes to carry along.
template <unsigned Size> struct SizedStep {
  std::uint32_t left;
  std::uint32_t random;
  std::array<std::uint32_t, (Size - 8) / 4> load;
};

/// Passes every step on to one of four actors, themselves picked at random.
class [[rk::actor]] Walker {
public:
  [[rk::handler]] void on(Neighbours neighbours) { neighbours_ = neighbours; }
  [[rk::handler]] void on(Step step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const SizedStep<16> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const SizedStep<48> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const SizedStep<112> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const SizedStep<1024> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] Tally on(TallyQuery) { return {received_, 0}; }

private:
  template <class Message>
  void pass(const Message &step, rk::Context &context) {
    ++received_;
    if (step.left == 0)
      return;
    Message next = step;
    next.left = step.left - 1;
    next.random = step.random * 1664525u + 1013904223u;
    context.send(neighbours_.walkers[next.random >> 30], next);
  }

  Neighbours neighbours_{};
  std::uint64_t received_ = 0;
};

} // namespace rkbench
