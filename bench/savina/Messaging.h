//===- Messaging.h - Ping-pong, counting, thread ring -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The programs whose actors do nothing but send.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>

namespace savina {

/// How many messages of the program an actor has received.
struct TallyQuery {};
struct Tally {
  std::uint64_t received;
};

//===- Ping-pong ------------------------------------------------------------//

class Pinger;
class Ponger;

struct PingPongStart {
  rk::ActorRef<Ponger> ponger;
  std::uint64_t trips;
};
struct Ping {
  rk::ActorRef<Pinger> from;
};
struct Pong {};

class [[rk::actor]] Pinger {
public:
  /// Answered with a `Tally` when the last pong has come.
  [[rk::handler]] void on(PingPongStart start, rk::Context &context);
  [[rk::handler]] void on(Pong, rk::Context &context);

private:
  rk::ActorRef<Ponger> ponger_;
  rk::ReplyTo<Tally> asker_;
  std::uint64_t left_ = 0, received_ = 0;
};

class [[rk::actor]] Ponger {
public:
  [[rk::handler]] void on(Ping ping, rk::Context &context);
  [[rk::handler]] Tally on(TallyQuery) { return {received_}; }

private:
  std::uint64_t received_ = 0;
};

//===- Counting -------------------------------------------------------------//

class Counter;

struct CountingStart {
  rk::ActorRef<Counter> counter;
  std::uint64_t messages;
};
struct Increment {};

class [[rk::actor]] Counter {
public:
  [[rk::handler]] void on(Increment) { ++count_; }
  [[rk::handler]] Tally on(TallyQuery) { return {count_}; }

private:
  std::uint64_t count_ = 0;
};

class [[rk::actor]] Producer {
public:
  /// A mailbox is bounded, so the count is asked for after each burst, and the
  /// next burst begins when it is known.
  static constexpr std::uint64_t Burst = 16384;

  /// Answered with the counter's last `Tally`.
  [[rk::handler]] void on(CountingStart start, rk::Context &context);
  [[rk::handler]] void on(Tally tally, rk::Context &context);

private:
  void sendBurst(rk::Context &context);

  rk::ActorRef<Counter> counter_;
  rk::ReplyTo<Tally> asker_;
  std::uint64_t left_ = 0;
};

//===- Thread ring ----------------------------------------------------------//

class RingNode;

struct RingNext {
  rk::ActorRef<RingNode> next;
};
struct RingStart {
  std::uint64_t hops;
};
struct Token {
  rk::ReplyTo<Tally> asker;
  std::uint64_t left, made; ///< hops
};

class [[rk::actor]] RingNode {
public:
  [[rk::handler]] void on(RingNext next) { next_ = next.next; }
  /// Answered with the number of hops, by whoever gets the token last.
  [[rk::handler]] void on(RingStart start, rk::Context &context);
  [[rk::handler]] void on(Token token, rk::Context &context);
  [[rk::handler]] Tally on(TallyQuery) { return {received_}; }

private:
  rk::ActorRef<RingNode> next_;
  std::uint64_t received_ = 0;
};

} // namespace savina
