//===- LinkRings.h - From the host's link to places -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How a link of the resident kernel passes messages on to places by rings.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Ways.h"

namespace rk::device {

/// Sends the records of `lanes` in `row` to their places, in the order of
/// lanes; from the first that finds no room on, none. Returns those that were
/// not sent. All lanes call it.
inline uint32_t putRings(Agent agent, const Record *row, uint32_t lanes) {
  while (lanes != 0) {
    const auto lane = uint32_t(__builtin_ctz(lanes));
    bool fits = true;
    if (agent.lane == lane) {
      fits = putInRingAtOnce(*agent.launch, agent.desk->shared,
                             row[agent.lane].header().slot, row[agent.lane]);
      if (fits) [[likely]]
        addOwn(&agent.desk->ringSent, 1);
      else
        fits = putInRing(*agent.desk, row[agent.lane]);
    }
    if (ballot(fits) != AllLanes)
      return lanes;
    lanes &= lanes - 1;
  }
  return 0;
}

/// Makes known what went into rings, before the host hears that it has been
/// passed on. All lanes call it.
inline void reportRings(Agent agent) {
  syncLanes();
  if (agent.lane == 0)
    publishRingSent(*agent.desk,
                    agent.launch->residents
                        .ringCounts[agent.index - agent.launch->workerCount],
                    0);
  fence<Scope::Device>();
}

} // namespace rk::device
