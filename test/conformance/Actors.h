//===- Actors.h - Actors of the conformance suite ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The actors that `test/conformance` runs on every back end. Each does one
/// thing that the suite asks about.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/actor.h"
#include "rk/clock.h"

#include <cstdint>

namespace conformance {

struct Add {
  std::int64_t amount;
};
struct Get {};
struct Total {
  std::int64_t value;
};
/// Odd sizes: inline, one word too large to be inline, and the largest.
struct Odd {
  unsigned char bytes[29];
};
struct Medium {
  std::uint32_t words[9];
};
struct Largest {
  std::uint32_t words[1024];
};

/// Keeps a sum, and sends messages back changed.
class [[rk::actor]] Counter {
public:
  Counter() = default;
  explicit Counter(std::int64_t total) : total_(total) {}

  [[rk::handler]] void on(Add add) { total_ += add.amount; }
  [[rk::handler]] Total on(Get) { return {total_}; }
  [[rk::handler]] Odd on(Odd odd) {
    for (unsigned char &byte : odd.bytes)
      byte = static_cast<unsigned char>(byte + 1);
    return odd;
  }
  [[rk::handler]] Medium on(const Medium &medium) {
    Medium answer{};
    for (int i = 0; i < 9; ++i)
      answer.words[i] = medium.words[8 - i];
    return answer;
  }
  [[rk::handler]] Largest on(const Largest &largest) {
    Largest answer{};
    for (int i = 0; i < 1024; ++i)
      answer.words[i] = ~largest.words[i];
    return answer;
  }

private:
  std::int64_t total_ = 0;
};

/// `Size` bytes without an alignment, on their way from actor to actor.
template <unsigned Size> struct Bytes {
  unsigned char hops;
  unsigned char values[Size - 1];
};

/// Passes bytes on, each one more than before, and answers with what arrived
/// last.
class [[rk::actor]] Passer {
public:
  struct Partner {
    rk::ActorRef<Passer> actor;
  };
  struct Take {};

  [[rk::handler]] void on(Partner partner) { partner_ = partner.actor; }
  [[rk::handler]] void on(const Bytes<33> &bytes, rk::Context &context) {
    pass(bytes, context);
  }
  [[rk::handler]] void on(const Bytes<130> &bytes, rk::Context &context) {
    pass(bytes, context);
  }
  [[rk::handler]] void on(const Bytes<1021> &bytes, rk::Context &context) {
    pass(bytes, context);
  }
  [[rk::handler]] Bytes<1021> on(Take) { return last_; }

private:
  template <unsigned Size>
  void pass(const Bytes<Size> &bytes, rk::Context &context) {
    if (bytes.hops == 0) {
      last_ = {};
      for (unsigned i = 0; i < Size - 1; ++i)
        last_.values[i] = bytes.values[i];
      return;
    }
    Bytes<Size> next = bytes;
    --next.hops;
    for (unsigned char &value : next.values)
      ++value;
    context.send(partner_, next);
  }

  rk::ActorRef<Passer> partner_;
  Bytes<1021> last_{};
};

struct Hold {};
struct Release {
  std::int64_t value;
};

/// Answers a `Hold` when it is told to, as often as it is told to.
class [[rk::actor]] Keeper {
public:
  [[rk::handler]] void on(Hold, rk::Context &context) {
    asker_ = context.replyLater<Total>();
  }
  [[rk::handler]] void on(Release release, rk::Context &context) {
    context.reply(asker_, Total{release.value});
  }

private:
  rk::ReplyTo<Total> asker_;
};

/// Answers a `Get` by asking `source_` first.
struct Fetch {};
class [[rk::actor]] Broker {
public:
  Broker() = default;
  explicit Broker(rk::ActorRef<Counter> source) : source_(source) {}

  [[rk::handler]] void on(Fetch, rk::Context &context) {
    asker_ = context.replyLater<Total>();
    context.request(this, source_, Get{});
  }
  [[rk::handler]] void on(Total total, rk::Context &context) {
    context.reply(asker_, Total{total.value * 2});
  }

private:
  rk::ActorRef<Counter> source_;
  rk::ReplyTo<Total> asker_;
};

struct Ball {};
/// Hits the ball back, for ever.
class [[rk::actor]] Player {
public:
  struct Meet {
    rk::ActorRef<Player> partner;
  };
  [[rk::handler]] void on(Meet meet) { partner_ = meet.partner; }
  [[rk::handler]] void on(Ball, rk::Context &context) {
    ++hits_;
    context.send(partner_, Ball{});
  }
  [[rk::handler]] Total on(Get) { return {hits_}; }

private:
  rk::ActorRef<Player> partner_;
  std::int64_t hits_ = 0;
};

struct Loop {
  std::uint32_t milliseconds;
};
inline void holdUp(Loop loop) {
  const std::uint64_t end =
      rk::clock::nowNs() + std::uint64_t(loop.milliseconds) * 1'000'000;
  while (rk::clock::nowNs() < end)
    rk::clock::pause(1000);
}

struct Numbered {
  std::uint32_t source;
  std::uint32_t number;
};
struct Faults {
  std::uint32_t received;
  std::uint32_t outOfOrder;
};
/// Checks that each source's numbers come in order.
class [[rk::actor]] Sequencer {
public:
  static constexpr std::uint32_t Sources = 64;
  [[rk::handler]] void on(Numbered numbered) {
    std::uint32_t &next = next_[numbered.source % Sources];
    if (numbered.number != next)
      ++outOfOrder_;
    next = numbered.number + 1;
    ++received_;
  }
  [[rk::handler]] Faults on(Get) { return {received_, outOfOrder_}; }
  [[rk::handler]] void on(Loop loop) { holdUp(loop); }

private:
  std::uint32_t next_[Sources] = {};
  std::uint32_t received_ = 0;
  std::uint32_t outOfOrder_ = 0;
};

struct Flood {
  rk::ActorRef<Sequencer> to;
  std::uint32_t source;
  std::uint32_t count;
};
struct Outcomes {
  std::uint32_t placed;
  std::uint32_t full;
  std::uint32_t other;
};
/// Sends numbered messages as fast as it can; says what became of them.
class [[rk::actor]] Source {
public:
  [[rk::handler]] Outcomes on(Flood flood, rk::Context &context) {
    Outcomes outcomes{};
    for (std::uint32_t i = 0; i < flood.count; ++i) {
      const rk::StatusCode status =
          context.send(flood.to, Numbered{flood.source, outcomes.placed});
      if (status == rk::StatusCode::Ok)
        ++outcomes.placed;
      else if (status == rk::StatusCode::MailboxFull)
        ++outcomes.full;
      else
        ++outcomes.other;
    }
    return outcomes;
  }
};

struct Tell {
  rk::ActorRef<Counter> to;
  std::uint32_t count;
};
struct TellLater {
  rk::ActorRef<Counter> to;
  std::uint32_t count;
};
/// Sends before it answers: `count` times one.
class [[rk::actor]] Teller {
public:
  [[rk::handler]] Total on(Tell tell, rk::Context &context) {
    // Those that nobody looks after may wait for the end of the handler.
    for (std::uint32_t i = 1; i < tell.count; ++i)
      context.send(tell.to, Add{1});
    const rk::StatusCode last = context.send(tell.to, Add{1});
    failures_ += last != rk::StatusCode::Ok;
    return {failures_};
  }
  [[rk::handler]] void on(TellLater tell, rk::Context &context) {
    for (std::uint32_t i = 0; i < tell.count; ++i)
      context.send(tell.to, Add{1});
    context.reply(context.replyLater<Total>(), Total{failures_});
  }
  /// The same with an answer that waits with what was sent.
  [[rk::handler]] Medium on(const Medium &medium, rk::Context &context) {
    const auto to = rk::ActorRef<Counter>::fromBits(
        medium.words[0] | std::uint64_t(medium.words[1]) << 32);
    for (std::uint32_t i = 0; i < medium.words[2]; ++i)
      context.send(to, Add{1});
    return medium;
  }

private:
  std::int64_t failures_ = 0;
};

struct Sum {
  std::int64_t value;
};
/// A tree of actors made on the device; the leaves' numbers are summed on the
/// way back, and every node but the root stops itself.
class [[rk::actor]] Node {
public:
  struct Grow {
    std::uint32_t depth;
    std::uint32_t fanout;
    std::int64_t number;
    rk::ActorRef<Node> parent;
  };
  struct Count {
    std::uint32_t depth;
    std::uint32_t fanout;
  };

  [[rk::handler]] void on(Count count, rk::Context &context) {
    asker_ = context.replyLater<Sum>();
    grow(Grow{count.depth, count.fanout, 0, {}}, context);
  }
  [[rk::handler]] void on(Grow order, rk::Context &context) {
    grow(order, context);
  }
  [[rk::handler]] void on(Sum sum, rk::Context &context) {
    sum_ += sum.value;
    if (--open_ == 0)
      finish(context);
  }

private:
  void grow(const Grow &order, rk::Context &context) {
    parent_ = order.parent;
    if (order.depth == 0) {
      sum_ = order.number;
      finish(context);
      return;
    }
    open_ = order.fanout;
    for (std::uint32_t i = 0; i < order.fanout; ++i) {
      const rk::ActorRef<Node> child = context.spawn<Node>();
      context.send(child,
                   Grow{order.depth - 1, order.fanout,
                        order.number * order.fanout + i, context.self(this)});
    }
  }
  void finish(rk::Context &context) {
    if (!parent_) {
      context.reply(asker_, Sum{sum_});
      return;
    }
    context.send(parent_, Sum{sum_});
    context.stop(context.self(this));
  }

  rk::ActorRef<Node> parent_;
  rk::ReplyTo<Sum> asker_;
  std::int64_t sum_ = 0;
  std::uint32_t open_ = 0;
};

struct Try {
  std::uint32_t count;
};
struct Made {
  std::uint32_t count;
  std::uint32_t status;
};
struct Probe {
  std::uint64_t address;
};
struct Seen {
  std::uint32_t status;
};
/// Tries what may fail, and says how it failed.
class [[rk::actor]] Tester {
public:
  [[rk::handler]] Made on(Try attempt, rk::Context &context) {
    Made made{};
    for (std::uint32_t i = 0; i < attempt.count; ++i) {
      rk::StatusCode status = rk::StatusCode::Ok;
      if (context.spawnInto<Counter>(&status))
        ++made.count;
      else
        made.status = std::uint32_t(status);
    }
    return made;
  }
  [[rk::handler]] Seen on(Probe probe, rk::Context &context) {
    const auto to = rk::ActorRef<Counter>::fromBits(probe.address);
    return {std::uint32_t(context.send(to, Add{1}))};
  }
};

/// One of many that were made together; finds its place by the range.
struct Siblings;
struct Place {
  std::uint32_t index;
  std::uint32_t calls;
};
class [[rk::actor]] Sibling {
public:
  Sibling() = default;
  explicit Sibling(std::uint32_t mark) : mark_(mark) {}
  [[rk::handler]] void on(const Siblings &siblings, rk::Context &context);
  /// Place and mark together.
  [[rk::handler]] Place on(Get) { return {index_ + mark_, calls_}; }

private:
  std::uint32_t mark_ = 0;
  std::uint32_t index_ = 0;
  std::uint32_t calls_ = 0;
};
struct Siblings {
  rk::ActorRange<Sibling> all;
};
inline void Sibling::on(const Siblings &siblings, rk::Context &context) {
  index_ = siblings.all.indexOf(context.self(this));
  ++calls_;
}

struct MakeMany {
  std::uint32_t count;
  std::uint32_t mark;
};
struct ManyMade {
  rk::ActorRange<Sibling> range;
  std::uint32_t status;
};
/// Makes many at once, tells each of them the range, and says what became of
/// it.
class [[rk::actor]] Parent {
public:
  [[rk::handler]] ManyMade on(MakeMany order, rk::Context &context) {
    ManyMade made{};
    rk::StatusCode status = rk::StatusCode::Internal;
    made.range = context.spawn_nInto<Sibling>(&status, order.count, order.mark);
    made.status = std::uint32_t(status);
    for (const rk::ActorRef<Sibling> sibling : made.range)
      context.send(sibling, Siblings{made.range});
    return made;
  }
};

/// A state of many bytes, checked at each touch.
struct Touch {
  std::uint32_t seed;
};
struct Intact {
  std::uint32_t wrong;
};
class [[rk::actor]] Heavy {
public:
  static constexpr std::uint32_t Words = 3000;
  Heavy() = default;
  explicit Heavy(std::uint32_t seed) {
    for (std::uint32_t i = 0; i < Words; ++i)
      words_[i] = seed * 2654435761u + i;
  }
  [[rk::handler]] Intact on(Touch touch) {
    Intact intact{};
    for (std::uint32_t i = 0; i < Words; ++i)
      intact.wrong += words_[i] != touch.seed * 2654435761u + i;
    return intact;
  }

private:
  std::uint32_t words_[Words] = {};
};

/// Wants an address at a multiple of 64.
struct Where {};
struct Remainder {
  std::uint64_t remainder;
};
class alignas(64) [[rk::actor]] Aligned {
public:
  [[rk::handler]] Remainder on(Where) {
    return {reinterpret_cast<std::uintptr_t>(&words_) % 64};
  }

private:
  std::uint32_t words_[16] = {};
};

struct Stamp {
  std::uint64_t value;
};
/// Holds its worker up.
struct Found {};
struct Founded {
  rk::ActorRef<Counter> child;
  std::uint32_t failed;
};
struct Forward {
  std::int64_t amount;
};
/// Makes a counter by one message, and sends to it at once by the next, which
/// may run beside others of the same batch.
class [[rk::actor]] Founder {
public:
  [[rk::handler]] void on(Found, rk::Context &context) {
    child_ = context.spawn<Counter>(std::int64_t(0));
  }
  [[rk::handler]] void on(Forward forward, rk::Context &context) {
    failed_ += context.send(child_, Add{forward.amount}) != rk::StatusCode::Ok;
  }
  /// The last child, and how many sends failed.
  [[rk::handler]] Founded on(Get) { return {child_, failed_}; }

private:
  rk::ActorRef<Counter> child_;
  std::uint32_t failed_ = 0;
};

class [[rk::actor]] Looper {
public:
  [[rk::handler]] void on(Loop loop);
  [[rk::handler]] Stamp on(Stamp stamp) { return stamp; }
  [[rk::handler]] void on(Add add) { total_ += add.amount; }
  [[rk::handler]] Total on(Get) { return {total_}; }

private:
  std::int64_t total_ = 0;
};

} // namespace conformance
