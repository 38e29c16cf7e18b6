//===- Programs.cpp - The host sides of the programs ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include <algorithm>

namespace savina {
namespace {

rk::SystemOptions optionsFor(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = 1u << 17;
  return options;
}

} // namespace

// The actors of earlier runs stay where they are, here and in `counting`, so
// that each run's pair lies as the first one did: a freed place might be used
// again, and on which worker a pair lies decides its speed.
void pingPong(const Settings &settings) {
  rk::System system(optionsFor(settings));
  const std::uint64_t trips = settings.parameters().PingPongTrips;
  measure(settings, system, "ping-pong", "pings and pongs counted", [&] {
    const auto ponger = system.spawn<Ponger>();
    const auto pinger = system.spawn<Pinger>();
    const auto [pongs, time] =
        timedAsk<Tally>(system, pinger, PingPongStart{ponger, trips});
    const Tally pings = system.ask(ponger, TallyQuery{}).get();
    require(pongs.received == trips, "every pong came");
    require(pings.received == trips, "every ping came");
    return time;
  });
}

void counting(const Settings &settings) {
  rk::System system(optionsFor(settings));
  const std::uint64_t messages = settings.parameters().CountingMessages;
  measure(settings, system, "counting", "the counter's count", [&] {
    const auto counter = system.spawn<Counter>();
    const auto producer = system.spawn<Producer>();
    const auto [tally, time] =
        timedAsk<Tally>(system, producer, CountingStart{counter, messages});
    require(tally.received == messages, "every message was counted");
    return time;
  });
}

void forkJoinThroughput(const Settings &settings) {
  rk::System system(optionsFor(settings));
  ThroughputStart start{};
  start.messages = settings.parameters().ThroughputMessages;
  for (rk::ActorRef<ThroughputWorker> &worker : start.workers)
    worker = system.spawn<ThroughputWorker>();
  const auto driver = system.spawn<ThroughputDriver>();
  const std::uint64_t all = start.messages * start.workers.size();
  measure(settings, system, "fork-join-throughput",
          "count and sum of all workers", [&] {
            const auto [done, time] = timedAsk<WorkDone>(system, driver, start);
            require(isSumOfWork(done, all), "all work was done once");
            return time;
          });
}

void forkJoinCreate(const Settings &settings) {
  rk::System system(optionsFor(settings));
  const std::uint64_t actors = settings.parameters().CreateActors;
  const auto creator = system.spawn<Creator>();
  std::uint64_t stopped = 0;
  measure(settings, system, "fork-join-create",
          "count and sum of all actors, and that they stopped", [&] {
            const auto [done, time] =
                timedAsk<WorkDone>(system, creator, CreateStart{actors});
            require(isSumOfWork(done, actors), "every actor did its work");
            require(system.waitIdle());
            stopped += actors;
            require(system.counters().stopped == stopped,
                    "every actor has ended");
            return time;
          });
}

void threadRing(const Settings &settings) {
  rk::System system(optionsFor(settings));
  const std::uint64_t hops = settings.parameters().RingHops;
  const std::size_t actors = settings.parameters().RingActors;
  std::vector<rk::ActorRef<RingNode>> ring(actors);
  for (rk::ActorRef<RingNode> &node : ring)
    node = system.spawn<RingNode>();
  for (std::size_t i = 0; i < actors; ++i)
    require(system.send(ring[i], RingNext{ring[(i + 1) % actors]}));
  require(system.waitIdle());
  std::uint64_t runs = 0;
  measure(settings, system, "thread-ring", "hops counted by token and nodes",
          [&] {
            const auto [tally, time] =
                timedAsk<Tally>(system, ring[0], RingStart{hops});
            require(tally.received == hops, "the token made its hops");
            ++runs;
            std::uint64_t received = 0;
            for (rk::ActorRef<RingNode> node : ring)
              received += system.ask(node, TallyQuery{}).get().received;
            require(received == runs * hops, "the nodes counted every hop");
            return time;
          });
}

void big(const Settings &settings) {
  rk::System system(optionsFor(settings));
  BigStart start{};
  start.pings = settings.parameters().BigPings;
  for (rk::ActorRef<BigActor> &actor : start.actors)
    actor = system.spawn<BigActor>();
  const auto sink = system.spawn<BigSink>();
  for (std::uint32_t i = 0; i < start.actors.size(); ++i)
    require(system.send(start.actors[i], BigSetup{start.actors, sink, i}));
  require(system.waitIdle());
  std::uint64_t expected = 0;
  measure(settings, system, "big", "pings answered by all actors", [&] {
    const auto [tally, time] = timedAsk<Tally>(system, sink, start);
    require(tally.received == start.actors.size(), "every actor finished");
    expected += start.pings * start.actors.size();
    std::uint64_t answered = 0;
    for (rk::ActorRef<BigActor> actor : start.actors)
      answered += system.ask(actor, TallyQuery{}).get().received;
    require(answered == expected, "every ping was answered once");
    return time;
  });
}

namespace {

/// Returns how many actors a tree has, its leaves included.
std::uint64_t treeSize(std::uint64_t leaves, std::uint64_t children) {
  std::uint64_t size = 1;
  for (std::uint64_t level = children; level <= leaves; level *= children)
    size += level;
  return size;
}

/// Returns the most children that a node may have at a time, so that what all
/// of them send fits into the mailboxes of `workers`: with fewer workers the
/// tree is walked more in depth than in breadth.
std::uint32_t windowFor(std::uint64_t workers, const Parameters &parameters) {
  constexpr std::uint64_t LeavesPerWorker = 16384;
  const std::uint64_t children = parameters.SkynetChildren;
  for (std::uint64_t window = children; window > 1; --window) {
    std::uint64_t alive = 1;
    for (std::uint64_t level = children; level <= parameters.SkynetLeaves;
         level *= children)
      alive *= window;
    if (alive <= workers * LeavesPerWorker)
      return std::uint32_t(window);
  }
  return 1;
}

} // namespace

void skynet(const Settings &settings) {
  const Parameters &parameters = settings.parameters();
  const std::uint64_t leaves = parameters.SkynetLeaves;
  const std::uint64_t nodes = treeSize(leaves, parameters.SkynetChildren);
  rk::SystemOptions options = optionsFor(settings);
  options.maxActors = std::uint32_t(nodes) + 1;
  // Nodes are small; the default reckons with the largest of all actors.
  options.stateBytes = std::uint64_t(options.maxActors) * 256;
  rk::System system(options);
  const SkynetGo go{{},
                    0,
                    leaves,
                    std::uint32_t(parameters.SkynetChildren),
                    windowFor(system.description().workers, parameters)};
  std::uint64_t stopped = 0;
  measure(
      settings, system, "skynet", "sum of all leaves, and actors ended", [&] {
        const auto root = system.spawn<SkynetNode>();
        const auto [sum, time] = timedAsk<SkynetSum>(system, root, go);
        require(sum.sum == leaves * (leaves - 1) / 2, "sum of all leaves");
        require(system.waitIdle());
        stopped += nodes;
        require(system.counters().stopped == stopped, "every actor has ended");
        return time;
      });
}

} // namespace savina
