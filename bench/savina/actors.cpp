//===- actors.cpp - What the actors of Savina's programs do ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "actors.h"

#include <algorithm>
#include <cmath>

namespace savina {

//===- Ping-pong ------------------------------------------------------------//

void Pinger::on(PingPongStart start, rk::Context &context) {
  asker_ = context.replyLater<Tally>();
  ponger_ = start.ponger;
  left_ = start.trips;
  context.send(ponger_, Ping{context.self(this)});
}

void Pinger::on(Pong, rk::Context &context) {
  ++received_;
  if (--left_ > 0)
    context.send(ponger_, Ping{context.self(this)});
  else
    context.reply(asker_, Tally{received_});
}

void Ponger::on(Ping ping, rk::Context &context) {
  ++received_;
  context.send(ping.from, Pong{});
}

//===- Counting -------------------------------------------------------------//

void Producer::on(CountingStart start, rk::Context &context) {
  asker_ = context.replyLater<Tally>();
  counter_ = start.counter;
  left_ = start.messages;
  sendBurst(context);
}

void Producer::sendBurst(rk::Context &context) {
  const std::uint64_t burst = std::min(left_, Burst);
  for (std::uint64_t i = 0; i < burst; ++i)
    context.send(counter_, Increment{});
  left_ -= burst;
  context.request(this, counter_, TallyQuery{});
}

void Producer::on(Tally tally, rk::Context &context) {
  if (left_ > 0)
    sendBurst(context);
  else
    context.reply(asker_, tally);
}

//===- Thread ring ----------------------------------------------------------//

void RingNode::on(RingStart start, rk::Context &context) {
  context.send(next_, Token{context.replyLater<Tally>(), start.hops - 1, 1});
}

void RingNode::on(Token token, rk::Context &context) {
  ++received_;
  if (token.left > 0)
    context.send(next_, Token{token.asker, token.left - 1, token.made + 1});
  else
    context.reply(token.asker, Tally{token.made});
}

//===- Fork-join ------------------------------------------------------------//

namespace {

double compute(Work work) {
  const double sine = std::sin(work.theta);
  return sine * sine;
}

void add(WorkDone &total, WorkDone done) {
  total.count += done.count;
  total.sum += done.sum;
}

} // namespace

void ThroughputWorker::on(Work work) { add(done_, {1, compute(work)}); }

void ThroughputWorker::on(ThroughputJoin join, rk::Context &context) {
  context.send(join.driver, done_);
  done_ = {};
}

void ThroughputDriver::on(const ThroughputStart &start, rk::Context &context) {
  asker_ = context.replyLater<WorkDone>();
  start_ = start;
  left_ = start.messages;
  total_ = {};
  sendBurst(context);
}

void ThroughputDriver::sendBurst(rk::Context &context) {
  const std::uint64_t burst = std::min(left_, Burst);
  for (std::uint64_t i = 0; i < burst; ++i)
    for (rk::ActorRef<ThroughputWorker> worker : start_.workers)
      context.send(worker, Work{Theta});
  left_ -= burst;
  for (rk::ActorRef<ThroughputWorker> worker : start_.workers)
    context.send(worker, ThroughputJoin{context.self(this)});
}

void ThroughputDriver::on(WorkDone done, rk::Context &context) {
  add(total_, done);
  if (++joined_ < start_.workers.size())
    return;
  joined_ = 0;
  if (left_ > 0)
    sendBurst(context);
  else
    context.reply(asker_, total_);
}

void Child::on(Work work, rk::Context &context) {
  context.send(creator_, WorkDone{1, compute(work)});
  context.stop(context.self(this));
}

void Creator::on(CreateStart start, rk::Context &context) {
  asker_ = context.replyLater<WorkDone>();
  left_ = start.actors;
  total_ = {};
  for (std::uint64_t i = 0; i < start.actors; ++i)
    context.send(context.spawn<Child>(context.self(this)), Work{Theta});
}

void Creator::on(WorkDone done, rk::Context &context) {
  add(total_, done);
  if (--left_ == 0)
    context.reply(asker_, total_);
}

//===- Big ------------------------------------------------------------------//

void BigActor::on(const BigSetup &setup) {
  setup_ = setup;
  random_ = setup.self;
}

void BigActor::on(BigGo go, rk::Context &context) {
  left_ = go.pings;
  ping(context);
}

void BigActor::ping(rk::Context &context) {
  random_ = nextRandom(random_);
  const std::uint32_t other =
      pickOther(random_, setup_.self, std::uint32_t(setup_.actors.size()));
  context.send(setup_.actors[other], BigPing{context.self(this)});
}

void BigActor::on(BigPing ping, rk::Context &context) {
  ++answered_;
  context.send(ping.from, BigPong{});
}

void BigActor::on(BigPong, rk::Context &context) {
  if (--left_ > 0)
    ping(context);
  else
    context.send(setup_.sink, BigFinished{});
}

void BigSink::on(const BigStart &start, rk::Context &context) {
  asker_ = context.replyLater<Tally>();
  finished_ = 0;
  for (rk::ActorRef<BigActor> actor : start.actors)
    context.send(actor, BigGo{start.pings});
}

void BigSink::on(BigFinished, rk::Context &context) {
  if (++finished_ == Full.BigActors)
    context.reply(asker_, Tally{finished_});
}

//===- Skynet ---------------------------------------------------------------//

void SkynetNode::on(SkynetGo go, rk::Context &context) {
  go_ = go;
  asker_ = context.replyLater<SkynetSum>();
  if (go.leaves == 1) {
    sum_ = go.first;
    return report(context);
  }
  for (std::uint32_t i = 0; i < go.window; ++i)
    spawnChild(context);
}

void SkynetNode::spawnChild(rk::Context &context) {
  const std::uint64_t leaves = go_.leaves / go_.children;
  const auto child = context.spawn<SkynetNode>();
  context.send(child,
               SkynetGo{context.self(this), go_.first + spawned_ * leaves,
                        leaves, go_.children, go_.window});
  ++spawned_;
}

void SkynetNode::on(SkynetSum sum, rk::Context &context) {
  sum_ += sum.sum;
  ++reported_;
  if (spawned_ < go_.children)
    spawnChild(context);
  if (reported_ == go_.children)
    report(context);
}

void SkynetNode::report(rk::Context &context) {
  if (asker_)
    context.reply(asker_, SkynetSum{sum_});
  else
    context.send(go_.parent, SkynetSum{sum_});
  context.stop(context.self(this));
}

} // namespace savina
