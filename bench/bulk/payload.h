//===- payload.h - The payloads of rk-bulk ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>
#include <rk/group.h>

#include <cstdint>

struct alignas(16) Quad {
  std::uint32_t word[4];
};
inline std::uint32_t sumOf(const Quad &quad) {
  return quad.word[0] + quad.word[1] + quad.word[2] + quad.word[3];
}

struct Load : rk::Bulk<Quad> {
  std::uint32_t hops;
};

struct Expect {
  std::uint32_t count;
};
struct Finished {
  std::uint32_t wrong;
};
/// Marked, since it is no handler's reply.
struct [[rk::message]] Sums {
  std::uint32_t wrong;
};

/// Answers once so many have finished.
class [[rk::actor]] Collector {
public:
  [[rk::handler]] void on(Expect expect, rk::Context &context) {
    asker_ = context.replyLater<Sums>();
    open_ += std::int64_t(expect.count);
    endIfAll(context);
  }
  [[rk::handler]] void on(Finished finished, rk::Context &context) {
    wrong_ += finished.wrong;
    --open_;
    endIfAll(context);
  }

private:
  void endIfAll(rk::Context &context) {
    if (open_ != 0 || !asker_)
      return;
    context.reply(asker_, Sums{wrong_});
    asker_ = {};
    wrong_ = 0;
  }

  rk::ReplyTo<Sums> asker_;
  std::int64_t open_ = 0;
  std::uint32_t wrong_ = 0;
};

/// What the element `index` of a payload holds, so that its sum is known and
/// another order is another payload.
inline Quad quadOf(std::uint32_t index) {
  return {{index, 0u - index, index + 3, 1u - index}};
}
/// Whether each element is where it belongs.
inline bool isWhole(const Load &load) {
  const rk::Group group;
  bool isRight = true;
  for (std::uint32_t i = group.rank(); i < load.size(); i += group.size()) {
    const Quad found = load[i], wanted = quadOf(i);
    for (std::uint32_t j = 0; j < 4; ++j)
      isRight &= found.word[j] == wanted.word[j];
  }
  return group.all(isRight);
}
/// Makes a payload of `quads` elements, by all lanes.
inline rk::BulkBuffer<Quad> makeTogether(rk::Context &context,
                                         std::uint32_t quads) {
  const rk::Group group;
  auto payload = rk::BulkBuffer<Quad>::makeTogether(context, quads);
  for (std::uint32_t i = group.rank(); i < payload.size(); i += group.size())
    payload[i] = quadOf(i);
  group.sync();
  return payload;
}

/// Sixteen bytes of whatever type.
using Piece [[gnu::vector_size(16), gnu::may_alias]] = std::uint32_t;

/// What `rk::copyTogether` does where a group has nothing else, with twice as
/// many pieces a lane under way: the most that helps a block.
inline void copyByRegisters(Quad *toQuads, const Quad *fromQuads,
                            std::uint64_t count) {
  constexpr std::uint32_t Depth = 16;
  auto *const to = reinterpret_cast<Piece *>(toQuads);
  const auto *const from = reinterpret_cast<const Piece *>(fromQuads);
  const rk::Group group;
  const std::uint64_t step = group.size();
  std::uint64_t at = group.rank();
  for (; at + (Depth - 1) * step < count; at += Depth * step) {
    Piece piece[Depth];
    for (std::uint32_t i = 0; i < Depth; ++i)
      piece[i] = from[at + i * step];
    for (std::uint32_t i = 0; i < Depth; ++i)
      to[at + i * step] = piece[i];
  }
  for (; at < count; at += step)
    to[at] = from[at];
}
