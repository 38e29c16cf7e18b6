//===- actors.h - Actors that hand payloads on ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "payload.h"

/// What a warp does with a payload before it sends it on.
enum class Work : std::uint32_t {
  Nothing,
  Read, ///< adds all of it up
  Copy, ///< to a new payload
};

/// Whether the warp's lanes find 4 for each element in all of it.
inline bool hasItsSum(const Load &load) {
  const rk::Group group;
  std::uint32_t sum = 0;
#pragma clang loop unroll_count(8)
  for (std::uint32_t i = group.rank(); i < load.size(); i += group.size())
    sum += sumOf(load[i]);
  return group.sum(sum) == 4 * load.size();
}
template <Work what> class [[rk::actor]] Carrier {
public:
  struct Begin {
    rk::ActorRef<Carrier> partner;
    rk::ActorRef<Collector> collector;
    std::uint32_t quads;
    std::uint32_t hops;
  };
  struct Meet {
    rk::ActorRef<Carrier> partner;
    rk::ActorRef<Collector> collector;
  };

  [[rk::handler]] void on(Meet meet) {
    partner_ = meet.partner;
    collector_ = meet.collector;
    wrong_ = 0;
  }
  [[rk::handler(rk::Lanes::Warp)]] void on(const Begin &begin,
                                           rk::Context &context) {
    auto payload = makeTogether(context, begin.quads);
    if (rk::Group().rank() == 0)
      context.send(begin.partner, Load{std::move(payload), begin.hops});
  }
  [[rk::handler(rk::Lanes::Warp)]] void on(const Load &load,
                                           rk::Context &context) {
    const rk::Group group;
    const std::uint32_t size = load.size();
    rk::BulkBuffer<Quad> next;
    if constexpr (what == Work::Copy)
      next = rk::BulkBuffer<Quad>::makeTogether(context, size);
    else
      next = context.take(load);
    if constexpr (what == Work::Copy)
      rk::copyTogether(next.data(), load.data(), size);
    // A copy is read at its end only: what one hop loses is lost for good.
    bool isRight = true;
    if (what == Work::Read || (what == Work::Copy && load.hops == 0))
      isRight = what == Work::Read ? hasItsSum(load) : isWhole(load);
    group.sync();
    if (group.rank() != 0)
      return;
    wrong_ += !isRight;
    if (load.hops == 0)
      context.send(collector_, Finished{wrong_});
    else
      context.send(partner_, Load{std::move(next), load.hops - 1});
  }

private:
  rk::ActorRef<Carrier> partner_;
  rk::ActorRef<Collector> collector_;
  std::uint32_t wrong_ = 0;
};

struct Give {
  std::uint32_t quads;
};
/// Takes payloads from the host, and makes them for it.
class [[rk::actor]] Port {
public:
  explicit Port(rk::ActorRef<Collector> collector) : collector_(collector) {}

  [[rk::handler(rk::Lanes::Warp)]] void on(const Load &load,
                                           rk::Context &context) {
    const bool isRight = hasItsSum(load);
    if (rk::Group().rank() == 0)
      context.send(collector_, Finished{!isRight});
  }
  [[rk::handler(rk::Lanes::Warp)]] Load on(Give give, rk::Context &context) {
    return {makeTogether(context, give.quads), 0};
  }

private:
  rk::ActorRef<Collector> collector_;
};
