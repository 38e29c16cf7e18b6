//===- Messaging.cpp - Ping-pong, counting and thread ring on CAF ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

namespace peers {

struct PingPongStart {
  caf::actor ponger, asker;
  std::uint64_t trips;
};
struct Ping {
  caf::actor from;
};
struct Pong {};
struct CountingStart {
  caf::actor counter, asker;
  std::uint64_t messages;
};
struct Increment {};
struct RingNext {
  caf::actor next;
};
struct RingStart {
  caf::actor asker;
  std::uint64_t hops;
};
struct Token {
  caf::actor asker;
  std::uint64_t left, made;
};

} // namespace peers

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::PingPongStart)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Ping)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Pong)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::CountingStart)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Increment)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::RingNext)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::RingStart)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Token)

namespace peers {
namespace {

struct PingerState {
  caf::actor ponger, asker;
  std::uint64_t left = 0, received = 0;
};

caf::behavior pinger(caf::stateful_actor<PingerState> *self) {
  return {[self](const PingPongStart &start) {
            self->state.ponger = start.ponger;
            self->state.asker = start.asker;
            self->state.left = start.trips;
            self->send(start.ponger, Ping{self});
          },
          [self](Pong) {
            PingerState &state = self->state;
            ++state.received;
            if (--state.left > 0)
              self->send(state.ponger, Ping{self});
            else
              self->send(state.asker, Done{state.received, 0});
          }};
}

struct Count {
  std::uint64_t received = 0;
};

caf::behavior ponger(caf::stateful_actor<Count> *self) {
  return {[self](const Ping &ping) {
            ++self->state.received;
            self->send(ping.from, Pong{});
          },
          [self](TallyQuery) { return Tally{self->state.received}; }};
}

} // namespace

void pingPong(const Settings &settings) {
  Config config(settings);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const std::uint64_t trips = settings.parameters.PingPongTrips;
  measure(settings, "ping-pong", "pings and pongs counted", [&] {
    const caf::actor second = system.spawn(ponger);
    const caf::actor first = system.spawn(pinger);
    const auto [done, time] = timed(self, [&, second = second] {
      self->send(first, PingPongStart{second, self, trips});
    });
    require(done.count == trips, "every pong came");
    require(askTally(self, second) == trips, "every ping came");
    return time;
  });
}

namespace {

caf::behavior counter(caf::stateful_actor<Count> *self) {
  return {[self](Increment) { ++self->state.received; },
          [self](TallyQuery) { return Tally{self->state.received}; }};
}

caf::behavior producer(caf::event_based_actor *self) {
  return {[self](const CountingStart &start) {
    for (std::uint64_t i = 0; i < start.messages; ++i)
      self->send(start.counter, Increment{});
    self->request(start.counter, caf::infinite, TallyQuery{})
        .then([self, asker = start.asker](Tally tally) {
          self->send(asker, Done{tally.received, 0});
        });
  }};
}

} // namespace

void counting(const Settings &settings) {
  Config config(settings);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const std::uint64_t messages = settings.parameters.CountingMessages;
  measure(settings, "counting", "the counter's count", [&] {
    const caf::actor to = system.spawn(counter);
    const caf::actor from = system.spawn(producer);
    const auto [done, time] = timed(
        self, [&] { self->send(from, CountingStart{to, self, messages}); });
    require(done.count == messages, "every message was counted");
    return time;
  });
}

namespace {

struct RingState {
  caf::actor next;
  std::uint64_t received = 0;
};

caf::behavior ringNode(caf::stateful_actor<RingState> *self) {
  return {[self](const RingNext &next) { self->state.next = next.next; },
          [self](const RingStart &start) {
            self->send(self->state.next, Token{start.asker, start.hops - 1, 1});
          },
          [self](const Token &token) {
            ++self->state.received;
            if (token.left > 0)
              self->send(self->state.next,
                         Token{token.asker, token.left - 1, token.made + 1});
            else
              self->send(token.asker, Done{token.made, 0});
          },
          [self](TallyQuery) { return Tally{self->state.received}; }};
}

} // namespace

void threadRing(const Settings &settings) {
  Config config(settings);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const std::uint64_t hops = settings.parameters.RingHops;
  std::vector<caf::actor> ring(settings.parameters.RingActors);
  for (caf::actor &node : ring)
    node = system.spawn(ringNode);
  for (std::size_t i = 0; i < ring.size(); ++i)
    self->send(ring[i], RingNext{ring[(i + 1) % ring.size()]});
  std::uint64_t runs = 0;
  measure(settings, "thread-ring", "hops counted by token and nodes", [&] {
    const auto [done, time] =
        timed(self, [&] { self->send(ring[0], RingStart{self, hops}); });
    require(done.count == hops, "the token made its hops");
    ++runs;
    std::uint64_t received = 0;
    for (const caf::actor &node : ring)
      received += askTally(self, node);
    require(received == runs * hops, "the nodes counted every hop");
    return time;
  });
  // A ring of references would keep its actors alive.
  for (const caf::actor &node : ring)
    self->send_exit(node, caf::exit_reason::user_shutdown);
}

} // namespace peers
