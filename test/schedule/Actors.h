//===- Actors.h - Actors of the scheduler's tests ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Programs of a few messages, so that all their schedules can be run.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/actor.h"
#include "rk/clock.h"

#include <cstdint>

namespace schedule {

struct Get {};
struct Total {
  std::uint64_t value;
};

//===----------------------------------------------------------------------===//
// A race on purpose: what is read may be old when it is written back
//===----------------------------------------------------------------------===//

struct Read {};
struct Value {
  std::uint64_t value;
};
struct Write {
  std::uint64_t value;
};
class [[rk::actor]] Account {
public:
  [[rk::handler]] Value on(Read) { return {value_}; }
  [[rk::handler]] void on(Write write) { value_ = write.value; }

private:
  std::uint64_t value_ = 0;
};

struct Deposit {
  std::uint64_t amount;
};
class [[rk::actor]] Clerk {
public:
  Clerk() = default;
  explicit Clerk(rk::ActorRef<Account> account) : account_(account) {}
  [[rk::handler]] void on(Deposit deposit, rk::Context &context) {
    amount_ = deposit.amount;
    context.request(this, account_, Read{});
  }
  [[rk::handler]] void on(Value seen, rk::Context &context) {
    context.send(account_, Write{seen.value + amount_});
  }

private:
  rk::ActorRef<Account> account_;
  std::uint64_t amount_ = 0;
};

//===----------------------------------------------------------------------===//
// A log whose digest tells one order from another
//===----------------------------------------------------------------------===//

struct Note {
  std::uint32_t sender;
  std::uint32_t number;
};
struct Summary {
  std::uint64_t digest;
  std::uint32_t notes;
  std::uint32_t outOfOrder;
};
class [[rk::actor]] Log {
public:
  [[rk::handler]] void on(Note note) {
    digest_ = digest_ * 1'000'003 + note.sender * 101 + note.number + 1;
    ++notes_;
    outOfOrder_ += note.number != next_[note.sender % 8]++;
  }
  [[rk::handler]] Summary on(Get) { return {digest_, notes_, outOfOrder_}; }

private:
  std::uint64_t digest_ = 0;
  std::uint32_t notes_ = 0;
  std::uint32_t outOfOrder_ = 0;
  std::uint32_t next_[8] = {};
};

struct Report {
  std::uint32_t count;
};
/// Sends numbered notes, one for each message to itself.
class [[rk::actor]] Reporter {
public:
  Reporter() = default;
  Reporter(std::uint32_t number, rk::ActorRef<Log> log)
      : number_(number), log_(log) {}
  [[rk::handler]] void on(Report report, rk::Context &context) {
    context.send(log_, Note{number_, sent_++});
    if (report.count > 1)
      context.send(context.self(this), Report{report.count - 1});
  }

private:
  std::uint32_t number_ = 0;
  std::uint32_t sent_ = 0;
  rk::ActorRef<Log> log_;
};

//===----------------------------------------------------------------------===//
// Ping-pong, children, waiting
//===----------------------------------------------------------------------===//

class Player;
struct Ball {
  std::uint64_t from;
  std::uint32_t left;
};
class [[rk::actor]] Player {
public:
  [[rk::handler]] void on(Ball ball, rk::Context &context) {
    ++hits_;
    if (ball.left > 0)
      context.send(rk::ActorRef<Player>::fromBits(ball.from),
                   Ball{context.self(this).bits(), ball.left - 1});
  }
  [[rk::handler]] Total on(Get) { return {hits_}; }

private:
  std::uint64_t hits_ = 0;
};

struct Raise {
  std::uint32_t children;
};
struct Grown {};
struct Leave {};
class Child;
/// Makes children that say when they are there, and are stopped then.
class [[rk::actor]] Parent {
public:
  [[rk::handler]] void on(Raise raise, rk::Context &context);
  [[rk::handler]] void on(Grown) { ++grown_; }
  [[rk::handler]] Total on(Get) { return {grown_}; }

private:
  std::uint64_t grown_ = 0;
};
class [[rk::actor]] Child {
public:
  explicit Child(rk::ActorRef<Parent> parent) : parent_(parent) {}
  [[rk::handler]] void on(Leave, rk::Context &context) {
    context.send(parent_, Grown{});
    context.stop(context.self(this));
  }

private:
  rk::ActorRef<Parent> parent_;
};
inline void Parent::on(Raise raise, rk::Context &context) {
  for (std::uint32_t i = 0; i < raise.children; ++i)
    context.send(context.spawn<Child>(context.self(this)), Leave{});
}

struct Ask {};
struct Answer {};
/// Answers a question once it is told to.
class [[rk::actor]] Oracle {
public:
  [[rk::handler]] void on(Ask, rk::Context &context) {
    asker_ = context.replyLater<Total>();
    answerIfReady(context);
  }
  [[rk::handler]] void on(Answer, rk::Context &context) {
    ready_ = true;
    answerIfReady(context);
  }

private:
  void answerIfReady(rk::Context &context) {
    if (ready_ && asker_)
      context.reply(asker_, Total{42});
  }
  rk::ReplyTo<Total> asker_;
  bool ready_ = false;
};

struct PauseFor {
  std::uint32_t nanoseconds;
};
struct PauseForEver {};
struct Elapsed {
  std::uint64_t before;
  std::uint64_t after;
};
class [[rk::actor]] Sleeper {
public:
  [[rk::handler]] Elapsed on(PauseFor pause) {
    const std::uint64_t before = rk::clock::nowNs();
    rk::clock::pause(pause.nanoseconds);
    return {before, rk::clock::nowNs()};
  }
  [[rk::handler]] void on(PauseForEver) {
    for (;;)
      rk::clock::pause(1000);
  }
};

} // namespace schedule
