//===- Probe.h - Where a worker's cycles go ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Measures the steps of a worker's turn, in a device library that was built
/// with `RK_DEVICE_PROBES`; in any other there is nothing of it. A probed
/// run prints each busy worker's mean cycles a step when it ends. Probes
/// keep instructions in their order and so cost time themselves.
///
//===----------------------------------------------------------------------===//

#pragma once

#if defined(RK_DEVICE_PROBES)
#include "ProbeOutput.h"
#endif

#include <stdint.h>

namespace rk::device {

enum class Step : uint32_t {
  Poll,    ///< the read that found packets
  Sort,    ///< lanes with equal receivers
  Row,     ///< row of the actor table
  Handler, ///< dispatch and handler
  Reserve, ///< tickets
  Locate,  ///< places of the tickets
  Write,   ///< packets
  Report,  ///< progress, and the segment's end
};

#if defined(RK_DEVICE_PROBES)

class Probes {
public:
  void start() { last = probeClock(); }
  void end(Step step) {
    const uint64_t time = probeClock();
    sums[uint32_t(step)] += time - last;
    last = time;
  }
  void count(uint32_t packets) {
    ++turns;
    handled += packets;
  }
  void print(uint32_t worker) const {
    if (turns < 1000)
      return;
    uint32_t values[10] = {worker, uint32_t(handled * 100 / turns)};
    for (uint32_t i = 0; i < 8; ++i)
      values[2 + i] = uint32_t(sums[i] / turns);
    printProbe("probe worker %u packets/100 %u poll %u sort %u row %u handler "
               "%u reserve %u locate %u write %u report %u\n",
               values);
  }

private:
  uint64_t last = 0, turns = 0, handled = 0;
  uint64_t sums[8] = {};
};

#else

class Probes {
public:
  void start() {}
  void end(Step) {}
  void count(uint32_t) {}
  void print(uint32_t) const {}
};

#endif

} // namespace rk::device
