//===- Skynet.h - A tree of actors that adds up its leaves ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every node spawns its children on the device, adds up what they report,
/// reports the sum and ends.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>

namespace savina {

class SkynetNode;

struct SkynetGo {
  rk::ActorRef<SkynetNode> parent; ///< null for the root, which is asked
  std::uint64_t first, leaves;     ///< the numbers of this subtree's leaves
  std::uint32_t children;          ///< of a node
  /// Children of a node that live at a time: mailboxes are bounded.
  std::uint32_t window;
};
struct [[rk::message]] SkynetSum {
  std::uint64_t sum;
};

class [[rk::actor]] SkynetNode {
public:
  /// The root's asker gets the `SkynetSum` of all leaves.
  [[rk::handler]] void on(SkynetGo go, rk::Context &context);
  [[rk::handler]] void on(SkynetSum sum, rk::Context &context);

private:
  void spawnChild(rk::Context &context);
  void report(rk::Context &context);

  SkynetGo go_{};
  rk::ReplyTo<SkynetSum> asker_;
  std::uint64_t sum_ = 0;
  std::uint32_t spawned_ = 0, reported_ = 0;
};

} // namespace savina
