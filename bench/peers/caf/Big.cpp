//===- Big.cpp - Many actors, each pings random others, on CAF ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

namespace peers {

struct BigSetup {
  std::vector<caf::actor> actors;
  caf::actor sink;
  std::uint32_t self; ///< index in `actors`
};
struct BigGo {
  std::uint64_t pings;
};
struct BigPing {
  caf::actor from;
};
struct BigPong {};
struct BigFinished {};
struct BigStart {
  caf::actor asker;
  std::vector<caf::actor> actors;
  std::uint64_t pings; ///< of each actor
};

} // namespace peers

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::BigSetup)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::BigGo)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::BigPing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::BigPong)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::BigFinished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::BigStart)

namespace peers {
namespace {

struct BigState {
  BigSetup setup;
  std::uint64_t left = 0, answered = 0;
  std::uint32_t random = 0;
};
using BigSelf = caf::stateful_actor<BigState>;

void ping(BigSelf *self) {
  BigState &state = self->state;
  state.random = savina::nextRandom(state.random);
  const std::uint32_t other = savina::pickOther(
      state.random, state.setup.self, std::uint32_t(state.setup.actors.size()));
  self->send(state.setup.actors[other], BigPing{self});
}

caf::behavior bigActor(BigSelf *self) {
  return {[self](const BigSetup &setup) {
            self->state.setup = setup;
            self->state.random = setup.self;
          },
          [self](BigGo go) {
            self->state.left = go.pings;
            ping(self);
          },
          [self](const BigPing &received) {
            ++self->state.answered;
            self->send(received.from, BigPong{});
          },
          [self](BigPong) {
            if (--self->state.left > 0)
              ping(self);
            else
              self->send(self->state.setup.sink, BigFinished{});
          },
          [self](TallyQuery) { return Tally{self->state.answered}; }};
}

struct SinkState {
  caf::actor asker;
  std::uint64_t finished = 0, actors = 0;
};

caf::behavior bigSink(caf::stateful_actor<SinkState> *self) {
  return {[self](const BigStart &start) {
            self->state = {start.asker, 0, start.actors.size()};
            for (const caf::actor &actor : start.actors)
              self->send(actor, BigGo{start.pings});
          },
          [self](BigFinished) {
            SinkState &state = self->state;
            if (++state.finished == state.actors)
              self->send(state.asker, Done{state.finished, 0});
          }};
}

} // namespace

void big(const Settings &settings) {
  Config config(settings);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const std::uint64_t pings = settings.parameters.BigPings;
  std::vector<caf::actor> actors(settings.parameters.BigActors);
  for (caf::actor &actor : actors)
    actor = system.spawn(bigActor);
  const caf::actor sink = system.spawn(bigSink);
  for (std::uint32_t i = 0; i < actors.size(); ++i)
    self->send(actors[i], BigSetup{actors, sink, i});
  std::uint64_t expected = 0;
  measure(settings, "big", "pings answered by all actors", [&] {
    const auto [done, time] =
        timed(self, [&] { self->send(sink, BigStart{self, actors, pings}); });
    require(done.count == actors.size(), "every actor finished");
    expected += pings * actors.size();
    std::uint64_t answered = 0;
    for (const caf::actor &actor : actors)
      answered += askTally(self, actor);
    require(answered == expected, "every ping was answered once");
    return time;
  });
  // Actors that refer to each other would live forever.
  for (const caf::actor &actor : actors)
    self->send_exit(actor, caf::exit_reason::user_shutdown);
}

} // namespace peers
