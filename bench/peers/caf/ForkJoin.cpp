//===- ForkJoin.cpp - Fork-join throughput and create on CAF --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

namespace peers {

struct Work {
  double theta;
};
struct Join {
  caf::actor driver;
};
struct ThroughputStart {
  caf::actor asker;
  std::uint64_t messages;
  std::vector<caf::actor> workers;
};
struct CreateStart {
  caf::actor asker;
  std::uint64_t actors;
};

} // namespace peers

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Join)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::ThroughputStart)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::CreateStart)

namespace peers {
namespace {

struct WorkerState {
  WorkDone done{};
};

caf::behavior worker(caf::stateful_actor<WorkerState> *self) {
  return {[self](Work work) {
            ++self->state.done.count;
            self->state.done.sum += compute(work.theta);
          },
          [self](const Join &join) {
            self->send(join.driver, self->state.done);
            self->state.done = {};
          }};
}

/// Adds up what `left` actors report.
struct JoinState {
  caf::actor asker;
  std::uint64_t left = 0;
  Done total{};

  bool add(WorkDone done) {
    total.count += done.count;
    total.sum += done.sum;
    return --left == 0;
  }
};

caf::behavior driver(caf::stateful_actor<JoinState> *self) {
  return {[self](const ThroughputStart &start) {
            self->state = {start.asker, start.workers.size(), {}};
            for (std::uint64_t i = 0; i < start.messages; ++i)
              for (const caf::actor &worker : start.workers)
                self->send(worker, Work{savina::Theta});
            for (const caf::actor &worker : start.workers)
              self->send(worker, Join{self});
          },
          [self](WorkDone done) {
            if (self->state.add(done))
              self->send(self->state.asker, self->state.total);
          }};
}

} // namespace

void forkJoinThroughput(const Settings &settings) {
  Config config(settings);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  std::vector<caf::actor> workers(settings.parameters.ThroughputActors);
  for (caf::actor &actor : workers)
    actor = system.spawn(worker);
  const caf::actor from = system.spawn(driver);
  const std::uint64_t messages = settings.parameters.ThroughputMessages;
  measure(settings, "fork-join-throughput", "count and sum of all workers",
          [&] {
            const auto [done, time] = timed(self, [&] {
              self->send(from, ThroughputStart{self, messages, workers});
            });
            require(isSumOfWork(done, messages * workers.size()),
                    "all work was done once");
            return time;
          });
}

namespace {

caf::behavior child(caf::event_based_actor *self, const caf::actor &creator) {
  return {[self, creator](Work work) {
    self->send(creator, WorkDone{1, compute(work.theta)});
    self->quit();
  }};
}

caf::behavior creator(caf::stateful_actor<JoinState> *self) {
  return {[self](const CreateStart &start) {
            self->state = {start.asker, start.actors, {}};
            const caf::actor me = self;
            for (std::uint64_t i = 0; i < start.actors; ++i)
              self->send(self->spawn(child, me), Work{savina::Theta});
          },
          [self](WorkDone done) {
            if (self->state.add(done))
              self->send(self->state.asker, self->state.total);
          }};
}

} // namespace

void forkJoinCreate(const Settings &settings) {
  Config config(settings);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const caf::actor from = system.spawn(creator);
  const std::uint64_t actors = settings.parameters.CreateActors;
  measure(settings, "fork-join-create", "count and sum of all actors", [&] {
    const auto [done, time] =
        timed(self, [&] { self->send(from, CreateStart{self, actors}); });
    require(isSumOfWork(done, actors), "every actor did its work");
    return time;
  });
}

} // namespace peers
