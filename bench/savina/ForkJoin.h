//===- ForkJoin.h - Fork-join throughput and create -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One actor gives work to many and waits until all have done it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Parameters.h"

#include <rk/actor.h>

#include <array>

namespace savina {

struct Work {
  double theta;
};
/// What the workers have done: how often, and the sum of their results.
struct [[rk::message]] WorkDone {
  std::uint64_t count;
  double sum;
};

//===- Throughput -----------------------------------------------------------//

class ThroughputWorker;
class ThroughputDriver;

struct ThroughputStart {
  std::uint64_t messages; ///< to each worker
  std::array<rk::ActorRef<ThroughputWorker>, Full.ThroughputActors> workers;
};
struct ThroughputJoin {
  rk::ActorRef<ThroughputDriver> driver;
};

class [[rk::actor]] ThroughputWorker {
public:
  [[rk::handler]] void on(Work work);
  [[rk::handler]] void on(ThroughputJoin join, rk::Context &context);

private:
  WorkDone done_{};
};

class [[rk::actor]] ThroughputDriver {
public:
  /// Messages to each worker, after which all of them report: mailboxes are
  /// bounded.
  static constexpr std::uint64_t Burst = 512;

  /// Answered with the sums of all workers.
  [[rk::handler]] void on(const ThroughputStart &start, rk::Context &context);
  [[rk::handler]] void on(WorkDone done, rk::Context &context);

private:
  void sendBurst(rk::Context &context);

  ThroughputStart start_{};
  rk::ReplyTo<WorkDone> asker_;
  std::uint64_t left_ = 0; ///< messages to each worker
  std::uint32_t joined_ = 0;
  WorkDone total_{};
};

//===- Create ---------------------------------------------------------------//

class Creator;

struct CreateStart {
  std::uint64_t actors;
};

/// Does one piece of work and ends.
class [[rk::actor]] Child {
public:
  explicit Child(rk::ActorRef<Creator> creator) : creator_(creator) {}
  [[rk::handler]] void on(Work work, rk::Context &context);

private:
  rk::ActorRef<Creator> creator_;
};

class [[rk::actor]] Creator {
public:
  /// Answered with the sums of all children.
  [[rk::handler]] void on(CreateStart start, rk::Context &context);
  [[rk::handler]] void on(WorkDone done, rk::Context &context);

private:
  rk::ReplyTo<WorkDone> asker_;
  std::uint64_t left_ = 0;
  WorkDone total_{};
};

} // namespace savina
