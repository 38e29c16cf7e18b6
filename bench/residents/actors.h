//===- actors.h - What the benchmarks of residents run ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Resident actors that answer the host, play a ball to and fro, or send to
/// themselves and to pooled ones.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>
#include <rk/clock.h>

#include <cstdint>

struct Ping {
  std::uint64_t value;
};
struct Pong {
  std::uint64_t value;
};

class [[rk::actor, rk::resident]] Echo {
public:
  [[rk::handler]] Pong on(Ping ping) { return {ping.value + 1}; }
};

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

class [[rk::actor, rk::resident]] Rallier {
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

private:
  rk::ReplyTo<RallyDone> asker_;
};

//===- From many to one -----------------------------------------------------//

struct Parcel {
  std::uint64_t number; ///< of this sender, from 0
  std::uint32_t sender;
};
struct Taken {};
struct TallyQuery {};
struct Tally {
  std::uint64_t received;
  std::uint64_t outOfOrder;
};

/// Counts what it gets, and what of it is not the next of its sender.
class [[rk::actor, rk::resident]] Depot {
public:
  static constexpr std::uint32_t Senders = 64;

  [[rk::handler]] Taken on(Parcel parcel) {
    ++tally_.received;
    tally_.outOfOrder += parcel.number != next_[parcel.sender]++;
    return {};
  }
  [[rk::handler]] Tally on(TallyQuery) { return tally_; }

private:
  Tally tally_{};
  std::uint64_t next_[Senders] = {};
};

struct Start {
  rk::ActorRef<Depot> to;
  std::uint64_t parcels;
  std::uint32_t sender;
  std::uint32_t window;
};

/// Sends parcels, `window` of them at a time.
class [[rk::actor, rk::resident]] Source {
public:
  [[rk::handler]] void on(Start start, rk::Context &context) {
    start_ = start;
    end_ = next_ + start.parcels;
    for (std::uint32_t i = 0; i < start.window; ++i)
      on(Taken{}, context);
  }
  [[rk::handler]] void on(Taken, rk::Context &context) {
    if (next_ < end_)
      context.request(this, start_.to, Parcel{next_++, start_.sender});
  }

private:
  Start start_{};
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
};

//===- To itself, and to pooled actors --------------------------------------//

struct Ticks {
  std::uint64_t count;
};
struct Tick {
  std::uint64_t left;
  std::uint64_t sum;
};

/// Sends itself a message after the other.
class [[rk::actor, rk::resident]] Ticker {
public:
  [[rk::handler]] void on(Ticks ticks, rk::Context &context) {
    asker_ = context.replyLater<RallyDone>();
    context.send(context.self(this), Tick{ticks.count - 1, 0});
  }
  [[rk::handler]] void on(Tick tick, rk::Context &context) {
    tick.sum += tick.left;
    if (tick.left == 0)
      context.reply(asker_, RallyDone{tick.sum});
    else
      context.send(context.self(this), Tick{tick.left - 1, tick.sum});
  }

private:
  rk::ReplyTo<RallyDone> asker_;
};

struct Item {
  std::uint64_t value;
};
struct Basketful {
  std::uint64_t items;
  std::uint64_t sum;
};
class [[rk::actor]] Basket {
public:
  [[rk::handler]] void on(Item item) {
    ++full_.items;
    full_.sum += item.value;
  }
  [[rk::handler]] Basketful on(TallyQuery) { return full_; }

private:
  Basketful full_{};
};

struct Fill {
  rk::ActorRef<Basket> basket;
  std::uint32_t items;
};
struct Filled {
  std::uint64_t ns;
};
/// Sends to a pooled actor, and says how long that took.
class [[rk::actor, rk::resident]] Filler {
public:
  [[rk::handler]] Filled on(Fill fill, rk::Context &context) {
    const std::uint64_t begin = rk::clock::nowNs();
    for (std::uint32_t i = 0; i < fill.items; ++i)
      context.send(fill.basket, Item{i});
    return {rk::clock::nowNs() - begin};
  }
};
