//===- Skynet.cpp - A tree of actors that adds up its leaves, on CAF ------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

namespace peers {

struct SkynetSum {
  std::uint64_t sum;
};

} // namespace peers

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::SkynetSum)

namespace peers {
namespace {

struct NodeState {
  std::uint64_t sum = 0, left = 0;
};

/// A node needs no message to begin: CAF calls this when it first runs.
caf::behavior node(caf::stateful_actor<NodeState> *self,
                   const caf::actor &parent, std::uint64_t first,
                   std::uint64_t leaves, std::uint64_t children) {
  if (leaves == 1) {
    self->send(parent, SkynetSum{first});
    return {};
  }
  self->state.left = children;
  const caf::actor me = self;
  const std::uint64_t part = leaves / children;
  for (std::uint64_t i = 0; i < children; ++i)
    self->spawn(node, me, first + i * part, part, children);
  return {[self, parent](SkynetSum part) {
    self->state.sum += part.sum;
    if (--self->state.left > 0)
      return;
    self->send(parent, SkynetSum{self->state.sum});
    self->quit();
  }};
}

} // namespace

void skynet(const Settings &settings) {
  Config config(settings);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const std::uint64_t leaves = settings.parameters.SkynetLeaves;
  const std::uint64_t children = settings.parameters.SkynetChildren;
  measure(settings, "skynet", "sum of all leaves", [&] {
    const rkbench::Clock::time_point begin = rkbench::Clock::now();
    system.spawn(node, caf::actor(self), std::uint64_t(0), leaves, children);
    std::uint64_t sum = 0;
    self->receive([&](SkynetSum all) { sum = all.sum; },
                  caf::after(std::chrono::seconds(60)) >> [] {});
    const double time = rkbench::nanosecondsSince(begin) * 1e-6;
    require(sum == leaves * (leaves - 1) / 2, "sum of all leaves");
    return time;
  });
}

} // namespace peers
