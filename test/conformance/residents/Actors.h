//===- Actors.h - Resident actors of the suite ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Resident actors, and pooled ones that they talk with.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../FairActors.h"

#include <rk/actor.h>
#include <rk/group.h>

#include <cstdint>

struct Add {
  std::uint64_t value;
};
struct Read {};
struct Sum {
  std::uint64_t value;
  std::uint64_t messages;
};
/// Travels by reference.
struct Large {
  std::uint32_t words[500];
};
struct Spread {};
struct Lanes {
  std::uint32_t size;
  std::uint32_t sum;
};

class [[rk::actor, rk::resident]] Keeper {
public:
  Keeper() = default;
  explicit Keeper(std::uint64_t start) : sum_{start, 0} {}

  [[rk::handler]] void on(Add add) {
    sum_.value += add.value;
    ++sum_.messages;
  }
  [[rk::handler]] Sum on(Read) { return sum_; }
  [[rk::handler]] Large on(const Large &large) {
    Large answer;
    for (std::uint32_t i = 0; i < 500; ++i)
      answer.words[i] = ~large.words[499 - i];
    return answer;
  }
  /// The sum of all lanes' ranks plus one.
  [[rk::handler(rk::Lanes::Warp)]] ::Lanes on(Spread) {
    const rk::Group group;
    const std::uint32_t sum = group.sum(group.rank() + 1);
    return {group.size(), sum};
  }

private:
  Sum sum_{};
};

//===- Order ----------------------------------------------------------------//

struct Numbered {
  std::uint64_t number;
  std::uint32_t sender;
};
struct Report {
  std::uint64_t received;
  std::uint64_t outOfOrder;
};

/// What residents and pooled actors do alike: counts what is not the next of
/// its sender.
struct Ledger {
  static constexpr std::uint32_t Senders = 32;
  Report report{};
  std::uint64_t next[Senders] = {};

  void take(Numbered message) {
    ++report.received;
    report.outOfOrder += message.number != next[message.sender]++;
  }
};
class [[rk::actor, rk::resident]] ResidentLedger {
public:
  [[rk::handler]] void on(Numbered message) { ledger_.take(message); }
  [[rk::handler]] Report on(Read) { return ledger_.report; }

private:
  Ledger ledger_;
};
class [[rk::actor]] PooledLedger {
public:
  [[rk::handler]] void on(Numbered message) { ledger_.take(message); }
  [[rk::handler]] Report on(Read) { return ledger_.report; }

private:
  Ledger ledger_;
};

/// Sends `messages` numbered messages, `PerTurn` in each turn: more than a ring
/// holds.
template <class Receiver> struct Flood {
  rk::ActorRef<Receiver> to;
  std::uint64_t messages;
  std::uint32_t sender;
};
struct Go {};
template <class Receiver, class Self> class Flooding {
public:
  static constexpr std::uint32_t PerTurn = 40;

protected:
  void begin(Flood<Receiver> flood, Self *self, rk::Context &context) {
    flood_ = flood;
    next_ = 0;
    context.send(context.self(self), Go{});
  }
  void go(Self *self, rk::Context &context) {
    for (std::uint32_t i = 0; i < PerTurn && next_ < flood_.messages; ++i)
      context.send(flood_.to, Numbered{next_++, flood_.sender});
    if (next_ < flood_.messages)
      context.send(context.self(self), Go{});
  }

private:
  Flood<Receiver> flood_{};
  std::uint64_t next_ = 0;
};
class [[rk::actor, rk::resident]] ResidentSource
    : Flooding<ResidentLedger, ResidentSource> {
public:
  [[rk::handler]] void on(Flood<ResidentLedger> flood, rk::Context &context) {
    begin(flood, this, context);
  }
  [[rk::handler]] void on(Go, rk::Context &context) { go(this, context); }
};
class [[rk::actor]] PooledSource : Flooding<ResidentLedger, PooledSource> {
public:
  [[rk::handler]] void on(Flood<ResidentLedger> flood, rk::Context &context) {
    begin(flood, this, context);
  }
  [[rk::handler]] void on(Go, rk::Context &context) { go(this, context); }
};
class [[rk::actor, rk::resident]] Outward : Flooding<PooledLedger, Outward> {
public:
  [[rk::handler]] void on(Flood<PooledLedger> flood, rk::Context &context) {
    begin(flood, this, context);
  }
  [[rk::handler]] void on(Go, rk::Context &context) { go(this, context); }
};

//===- Life on the device ---------------------------------------------------//

struct Raise {
  std::uint32_t count;
};
struct Raised {
  std::uint32_t good;
  std::uint32_t refused;
};

/// Asks for a resident actor at a place.
struct Settle {
  rk::Placement placement;
};
struct Settled {
  rk::ActorRef<Keeper> made;
  rk::StatusCode status;
};
class [[rk::actor, rk::resident]] Settler {
public:
  [[rk::handler]] Settled on(Settle settle, rk::Context &context) {
    Settled settled{};
    settled.made =
        context.spawnAtInto<Keeper>(&settled.status, settle.placement, 5u);
    return settled;
  }
};

/// Spawns resident actors, tells each something, and stops it.
class [[rk::actor]] Nursery {
public:
  [[rk::handler]] Raised on(Raise raise, rk::Context &context) {
    Raised raised{};
    for (std::uint32_t i = 0; i < raise.count; ++i) {
      const auto made = context.spawn<Keeper>(std::uint64_t(i));
      if (!made) {
        ++raised.refused;
        continue;
      }
      context.send(made, Add{1});
      context.stop(made);
      ++raised.good;
    }
    return raised;
  }
};

/// The same beside itself, where the compiler knows the way; it tells also
/// those that could not be made.
class [[rk::actor, rk::resident]] Founder {
public:
  [[rk::handler]] Raised on(Raise raise, rk::Context &context) {
    Raised raised{};
    for (std::uint32_t i = 0; i < raise.count; ++i) {
      const auto made = context.spawnAt<Keeper>(
          rk::Placement::inBlockOf(context.self(this)), std::uint64_t(i));
      context.send(made, Add{1});
      raised.good += bool(made);
      raised.refused += !made;
      last_ = made ? made : last_;
    }
    return raised;
  }
  /// What the last one has got.
  [[rk::handler]] void on(Read, rk::Context &context) {
    asker_ = context.replyLater<Sum>();
    context.request(this, last_, Read{});
  }
  [[rk::handler]] void on(Sum sum, rk::Context &context) {
    context.reply(asker_, sum);
  }

private:
  rk::ActorRef<Keeper> last_;
  rk::ReplyTo<Sum> asker_;
};

//===- Turns ----------------------------------------------------------------//

class [[rk::actor, rk::resident]] ResidentNeighbour {
public:
  [[rk::handler]] fair::Echo on(fair::Call call) { return {call.handled}; }
};
class [[rk::actor, rk::resident]] BusyResident
    : public fair::Spinner<BusyResident, ResidentNeighbour, rk::Lanes::One> {};
class [[rk::actor, rk::resident]] BusyWarp
    : public fair::Spinner<BusyWarp, ResidentNeighbour, rk::Lanes::Warp> {};
/// Its neighbour's answers come by its inbox.
class [[rk::actor, rk::resident]] BusyBesidePooled
    : public fair::Spinner<BusyBesidePooled, fair::Neighbour, rk::Lanes::One> {
};
