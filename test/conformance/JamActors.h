//===- JamActors.h - Actors that fill mailboxes -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Actors that send more than their receivers take, and count what they send
/// and get: every message is handled or counted as a dead letter.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Actors.h"

namespace conformance {

struct Mail {
  std::uint32_t source;
  std::uint32_t number; ///< of the pair of source and receiver, from 1
};
struct GetTally {};
struct Tally {
  std::uint64_t sent;
  std::uint64_t received;
  std::uint64_t refused; ///< as a send's status said
  std::uint32_t outOfOrder;
  std::uint32_t last; ///< number of the last `Mail`
};
/// From now on each `Mail` takes this long.
struct Slow {
  std::uint32_t nanoseconds;
};

/// Receives mail, and may be held up or slow.
template <class Derived> class Sink {
public:
  static constexpr std::uint32_t Sources = 64;

  [[rk::handler]] void on(Mail mail) {
    std::uint32_t &last = last_[mail.source % Sources];
    tally_.outOfOrder += mail.number <= last;
    tally_.last = last = mail.number;
    ++tally_.received;
    const std::uint64_t begin = busyNs_ == 0 ? 0 : rk::clock::nowNs();
    while (busyNs_ != 0 && rk::clock::nowNs() - begin < busyNs_)
      rk::clock::pause(100);
  }
  [[rk::handler]] Tally on(GetTally) { return tally_; }
  [[rk::handler]] void on(Slow slow) { busyNs_ = slow.nanoseconds; }
  [[rk::handler]] void on(Loop loop) { holdUp(loop); }

private:
  Tally tally_{};
  std::uint32_t last_[Sources] = {};
  std::uint32_t busyNs_ = 0;
};

class [[rk::actor]] FailSink : public Sink<FailSink> {};
class [[rk::actor(rk::WhenFull::DeadLetter)]] LetterSink
    : public Sink<LetterSink> {};
class [[rk::actor(rk::WhenFull::DropOldest)]] NewestSink
    : public Sink<NewestSink> {};

/// Sends mail, `each` in a turn, until `left` is 0, and then no more.
template <class To> struct Pour {
  rk::ActorRef<To> to;
  std::uint32_t source;
  std::uint32_t left;
  std::uint32_t each;
  bool looks; ///< at the status of what it sends
};
template <class To> class [[rk::actor]] Pump {
public:
  [[rk::handler]] void on(const Pour<To> &pour, rk::Context &context) {
    Pour<To> rest = pour;
    for (std::uint32_t i = 0; i < pour.each && rest.left != 0; ++i) {
      --rest.left;
      ++tally_.sent;
      const Mail mail{pour.source, ++number_};
      if (!pour.looks)
        context.send(pour.to, mail);
      else if (context.send(pour.to, mail) != rk::StatusCode::Ok)
        ++tally_.refused;
    }
    ++tally_.received;
    if (rest.left == 0)
      return;
    ++tally_.sent;
    context.send(context.self(this), rest);
  }
  [[rk::handler]] Tally on(GetTally) { return tally_; }

private:
  Tally tally_{};
  std::uint32_t number_ = 0;
};

/// Two for one, to the next in the ring, until the depth is reached. A ring of
/// one sends to itself.
struct Token {
  std::uint32_t depth;
  std::uint32_t number;
  bool looks;
};
struct Next {
  std::uint64_t address;
};
class [[rk::actor]] Link {
public:
  [[rk::handler]] void on(Next next) {
    next_ = rk::ActorRef<Link>::fromBits(next.address);
  }
  [[rk::handler]] void on(Token token, rk::Context &context) {
    if (tally_.received != 0)
      tally_.outOfOrder += token.number <= tally_.last;
    tally_.last = token.number;
    ++tally_.received;
    for (int i = 0; i < 2 && token.depth != 0; ++i) {
      const Token out{token.depth - 1, ++number_, token.looks};
      ++tally_.sent;
      if (!token.looks)
        context.send(next_, out);
      else if (context.send(next_, out) != rk::StatusCode::Ok)
        ++tally_.refused;
    }
  }
  [[rk::handler]] Tally on(GetTally) { return tally_; }

private:
  rk::ActorRef<Link> next_;
  Tally tally_{};
  std::uint32_t number_ = 0;
};

} // namespace conformance
