//===- Actors.h - Actors that handle payloads -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/actor.h"
#include "rk/clock.h"
#include "rk/group.h"

#include <cstdint>
#include <utility>

namespace conformance {

struct Frame : rk::Bulk<std::uint32_t> {
  std::uint32_t number;
  std::uint32_t hops;
};
struct Frames {
  std::uint32_t count;
  std::uint32_t outOfOrder;
  std::uint64_t sum;
};
struct GetFrames {};

inline std::uint64_t sumOf(const Frame &frame) {
  std::uint64_t sum = 0;
  for (const std::uint32_t value : frame)
    sum += value;
  return sum;
}

/// Adds up what it gets.
class [[rk::actor]] FrameSink {
public:
  [[rk::handler]] void on(const Frame &frame) {
    frames_.sum += sumOf(frame);
    frames_.outOfOrder += frame.number != frames_.count;
    ++frames_.count;
  }
  [[rk::handler]] Frames on(GetFrames) { return frames_; }

private:
  Frames frames_{};
};

/// The same with its state in shared memory, and rings.
class [[rk::actor, rk::resident]] ResidentSink {
public:
  [[rk::handler]] void on(const Frame &frame) {
    frames_.sum += sumOf(frame);
    ++frames_.count;
  }
  [[rk::handler]] Frames on(GetFrames) { return frames_; }

private:
  Frames frames_{};
};

struct MakeFrames {
  std::uint32_t count;
  std::uint32_t elements;
};
struct MadeFrames {
  std::uint32_t made;
  std::uint32_t status;
};

/// Makes frames: `number`, `number` + 1 and so on.
template <class Sink> class [[rk::actor]] FrameSource {
public:
  FrameSource() = default;
  explicit FrameSource(rk::ActorRef<Sink> sink) : sink_(sink) {}

  [[rk::handler]] MadeFrames on(MakeFrames order, rk::Context &context) {
    MadeFrames made{};
    for (std::uint32_t i = 0; i < order.count; ++i) {
      rk::StatusCode status{};
      auto buffer = context.makeBulk<std::uint32_t>(order.elements, &status);
      made.status = std::uint32_t(status);
      if (!buffer)
        break;
      for (std::uint32_t &value : buffer)
        value = i;
      if (context.send(sink_, Frame{std::move(buffer), i, 0}) ==
          rk::StatusCode::Ok)
        ++made.made;
    }
    return made;
  }

private:
  rk::ActorRef<Sink> sink_;
};

/// Takes a frame over, adds one to each element where it is, and passes it on.
class [[rk::actor]] FrameRelay {
public:
  struct Next {
    rk::ActorRef<FrameRelay> relay;
    rk::ActorRef<FrameSink> sink;
  };
  [[rk::handler]] void on(Next next) { next_ = next; }
  [[rk::handler]] void on(const Frame &frame, rk::Context &context) {
    auto buffer = context.take(frame);
    shared_ += !buffer.isAlone();
    for (std::uint32_t &value : buffer)
      ++value;
    if (frame.hops == 0)
      context.send(next_.sink, Frame{std::move(buffer), frame.number, 0});
    else
      context.send(next_.relay,
                   Frame{std::move(buffer), frame.number, frame.hops - 1});
  }
  [[rk::handler]] Frames on(GetFrames) { return {shared_, 0, 0}; }

private:
  Next next_;
  std::uint32_t shared_ = 0;
};

struct Scatter {
  rk::ActorRange<FrameSink> sinks;
  std::uint32_t elements;
};
/// Sends one payload to many.
class [[rk::actor]] FrameScatter {
public:
  [[rk::handler]] void on(Scatter order, rk::Context &context) {
    auto buffer = context.makeBulk<std::uint32_t>(order.elements);
    for (std::uint32_t &value : buffer)
      value = 3;
    for (const auto sink : order.sinks)
      context.send(sink, Frame{buffer.share(), 0, 0});
  }
};

struct TakeBack {};
/// Keeps the last frame, and gives it away.
class [[rk::actor]] FrameShelf {
public:
  [[rk::handler]] void on(const Frame &frame, rk::Context &context) {
    auto older = context.take(kept_);
    kept_ = rk::Bulk<std::uint32_t>(context.take(frame));
  }
  [[rk::handler]] Frame on(TakeBack, rk::Context &context) {
    Frame frame{context.take(kept_), 1, 2};
    kept_ = {};
    return frame;
  }

private:
  rk::Bulk<std::uint32_t> kept_;
};

/// What a warp or a block does with a frame together.
inline void scaleTogether(const Frame &frame, rk::ActorRef<FrameSink> sink,
                          rk::Context &context) {
  const rk::Group group;
  auto result =
      rk::BulkBuffer<std::uint32_t>::makeTogether(context, frame.size());
  for (std::uint32_t i = group.rank(); i < result.size(); i += group.size())
    result[i] = frame[i] * 2;
  group.sync();
  if (group.rank() == 0)
    context.send(sink, Frame{std::move(result), frame.number, 0});
}
class [[rk::actor]] FrameWarp {
public:
  explicit FrameWarp(rk::ActorRef<FrameSink> sink) : sink_(sink) {}
  [[rk::handler(rk::Lanes::Warp)]] void on(const Frame &frame,
                                           rk::Context &context) {
    scaleTogether(frame, sink_, context);
  }

private:
  rk::ActorRef<FrameSink> sink_;
};
/// Copies all of a frame but the first `hops` elements, twice, and adds 1 to
/// each thousandth in between: lanes and hardware each write what the other has
/// written or reads.
inline void copyTwice(const Frame &frame, rk::ActorRef<FrameShelf> shelf,
                      rk::Context &context) {
  const rk::Group group;
  const std::uint32_t size = frame.size() - frame.hops;
  auto first = rk::BulkBuffer<std::uint32_t>::makeTogether(context, size);
  auto second = rk::BulkBuffer<std::uint32_t>::makeTogether(context, size);
  rk::copyTogether(first.data(), frame.data() + frame.hops, size);
  group.sync();
  for (std::uint32_t i = 1000 * group.rank(); i < size;
       i += 1000 * group.size())
    first[i] += 1;
  group.sync();
  rk::copyTogether(second.data(), std::as_const(first).data(), size);
  group.sync();
  if (group.rank() == 0)
    context.send(shelf, Frame{std::move(second), frame.number, 0});
}
class [[rk::actor]] FrameCopier {
public:
  explicit FrameCopier(rk::ActorRef<FrameShelf> shelf) : shelf_(shelf) {}
  [[rk::handler(rk::Lanes::Warp)]] void on(const Frame &frame,
                                           rk::Context &context) {
    copyTwice(frame, shelf_, context);
  }

private:
  rk::ActorRef<FrameShelf> shelf_;
};
template <rk::Lanes lanes> class [[rk::actor, rk::resident]] FrameCopyTeam {
public:
  explicit FrameCopyTeam(rk::ActorRef<FrameShelf> shelf) : shelf_(shelf) {}
  [[rk::handler(lanes)]] void on(const Frame &frame, rk::Context &context) {
    copyTwice(frame, shelf_, context);
  }

private:
  rk::ActorRef<FrameShelf> shelf_;
};
class [[rk::actor, rk::resident]] FrameBlock {
public:
  explicit FrameBlock(rk::ActorRef<FrameSink> sink) : sink_(sink) {}
  [[rk::handler(rk::Lanes::Block)]] void on(const Frame &frame,
                                            rk::Context &context) {
    scaleTogether(frame, sink_, context);
  }
  [[rk::handler(rk::Lanes::Block)]] Frame on(GetFrames, rk::Context &context) {
    const rk::Group group;
    auto result = rk::BulkBuffer<std::uint32_t>::makeTogether(context, 100);
    for (std::uint32_t i = group.rank(); i < result.size(); i += group.size())
      result[i] = i;
    group.sync();
    return {std::move(result), 0, 0};
  }

private:
  rk::ActorRef<FrameSink> sink_;
};

struct Wait {
  std::uint32_t milliseconds;
};
/// Answers with a frame, late.
class [[rk::actor]] SlowSource {
public:
  [[rk::handler]] Frame on(Wait wait, rk::Context &context) {
    const std::uint64_t end =
        rk::clock::nowNs() + std::uint64_t(wait.milliseconds) * 1'000'000;
    while (rk::clock::nowNs() < end)
      rk::clock::pause(1000);
    return {context.makeBulk<std::uint32_t>(5000), 0, 0};
  }
};

} // namespace conformance
