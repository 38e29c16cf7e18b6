//===- Big.h - Many actors, each pings random others ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every actor has one ping under way and answers those of the others.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Messaging.h"
#include "Parameters.h"

#include <array>

namespace savina {

class BigActor;
class BigSink;

using BigTable = std::array<rk::ActorRef<BigActor>, Full.BigActors>;

struct BigSetup {
  BigTable actors;
  rk::ActorRef<BigSink> sink;
  std::uint32_t self; ///< index in `actors`
};
struct BigGo {
  std::uint64_t pings;
};
struct BigPing {
  rk::ActorRef<BigActor> from;
};
struct BigPong {};
struct BigFinished {};
struct BigStart {
  BigTable actors;
  std::uint64_t pings; ///< of each actor
};

class [[rk::actor]] BigActor {
public:
  [[rk::handler]] void on(const BigSetup &setup);
  [[rk::handler]] void on(BigGo go, rk::Context &context);
  [[rk::handler]] void on(BigPing ping, rk::Context &context);
  [[rk::handler]] void on(BigPong, rk::Context &context);
  /// Pings that it has answered.
  [[rk::handler]] Tally on(TallyQuery) { return {answered_}; }

private:
  void ping(rk::Context &context);

  BigSetup setup_{};
  std::uint64_t left_ = 0, answered_ = 0;
  std::uint32_t random_ = 0;
};

class [[rk::actor]] BigSink {
public:
  /// Answered with the number of actors, once all have finished.
  [[rk::handler]] void on(const BigStart &start, rk::Context &context);
  [[rk::handler]] void on(BigFinished, rk::Context &context);

private:
  rk::ReplyTo<Tally> asker_;
  std::uint64_t finished_ = 0;
};

} // namespace savina
