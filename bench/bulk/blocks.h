//===- blocks.h - Block actors that copy payloads ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "payload.h"

/// How a block copies.
enum class Way : std::uint32_t {
  Together,  ///< by `rk::copyTogether`, as the target allows
  Registers, ///< by its lanes' registers
};

/// Copies its payload to a new one and sends itself that.
template <Way way> class [[rk::actor, rk::resident]] BlockCarrier {
public:
  struct Begin {
    rk::ActorRef<BlockCarrier> self;
    rk::ActorRef<Collector> collector;
    std::uint32_t quads;
    std::uint32_t hops;
  };

  [[rk::handler(rk::Lanes::Block)]] void on(const Begin &begin,
                                            rk::Context &context) {
    auto payload = makeTogether(context, begin.quads);
    if (rk::Group().rank() != 0)
      return;
    self_ = begin.self;
    collector_ = begin.collector;
    context.send(self_, Load{std::move(payload), begin.hops});
  }
  [[rk::handler(rk::Lanes::Block)]] void on(const Load &load,
                                            rk::Context &context) {
    const rk::Group group;
    const std::uint32_t size = load.size();
    auto next = rk::BulkBuffer<Quad>::makeTogether(context, size);
    if constexpr (way == Way::Together)
      rk::copyTogether(next.data(), load.data(), size);
    else
      copyByRegisters(next.data(), load.data(), size);
    const bool isRight = load.hops != 0 || isWhole(load);
    group.sync();
    if (group.rank() != 0)
      return;
    if (load.hops == 0)
      context.send(collector_, Finished{!isRight});
    else
      context.send(self_, Load{std::move(next), load.hops - 1});
  }

private:
  rk::ActorRef<BlockCarrier> self_;
  rk::ActorRef<Collector> collector_;
};
