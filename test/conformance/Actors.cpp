//===- Actors.cpp - What rkc compiles for the conformance suite -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"

namespace conformance {

void Looper::on(Loop loop) {
  const std::uint64_t end =
      rk::clock::nowNs() + std::uint64_t(loop.milliseconds) * 1'000'000;
  while (rk::clock::nowNs() < end)
    rk::clock::pause(1000);
}

} // namespace conformance
