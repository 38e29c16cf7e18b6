//===- Main.cu - rk-floors: what this device allows ------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the floors that were asked for, or all, and prints one JSON row a line.
///
//===----------------------------------------------------------------------===//

#include "Floors.cuh"

#include <cstring>

namespace {

struct Group {
  const char *name;
  const char *what;
  void (*measure)();
};

constexpr Group Groups[] = {
    {"host-link", "round trip and injection over PCIe",
     rkbench::measureHostLink},
    {"device-link", "the same by device memory that the host writes",
     rkbench::measureDeviceLink},
    {"launch", "kernel and graph launches, start and stop",
     rkbench::measureLaunch},
    {"ping-pong", "one way through the L2 cache", rkbench::measurePingPong},
    {"memory", "random stores and atomic additions", rkbench::measureMemory},
    {"copies", "payloads that warps copy", rkbench::measureCopies},
    {"bulk-copies",
     "payloads that blocks copy, by registers and by cp.async.bulk",
     rkbench::measureBulkCopies},
    {"pooled", "messages between pooled actors", rkbench::measurePooled},
    {"state-layout", "actors' states whole and in tiles",
     rkbench::measureStateLayout},
    {"barriers", "barriers of the whole grid, by design",
     rkbench::measureBarriers},
    {"local-barriers", "barriers of a cluster and of a block",
     rkbench::measureLocalBarriers},
    {"tiers", "one way within a block, a cluster and the device",
     rkbench::measureTiers},
    {"baselines", "pooled actors and hops as launches and graphs",
     rkbench::measureBaselines},
    {"stencils", "plans of the 3-D wave step, written by hand",
     rkbench::measureStencils},
    {"stencil-bounds", "what the stencils of the record stand beside",
     rkbench::measureStencilBounds},
};

int usage(FILE *to, int code) {
  std::fputs("Usage: rk-floors [GROUP]...\n\n"
             "Measures what the GPU allows, without RingKernel in the way.\n"
             "Prints one JSON object a line. Groups (default: all):\n",
             to);
  for (const Group &group : Groups)
    std::fprintf(to, "  %-14s %s\n", group.name, group.what);
  return code;
}

/// Returns whether the group worked; a failure is a row of its own.
bool run(const Group &group) {
  try {
    group.measure();
    return true;
  } catch (const std::exception &failure) {
    rkbench::printFailure(group.name, failure.what());
    return false;
  }
}

void printDevice() {
  cudaDeviceProp properties;
  RK_CUDA(cudaGetDeviceProperties(&properties, 0));
  int kilohertz = 0, driver = 0;
  RK_CUDA(cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, 0));
  RK_CUDA(cudaDriverGetVersion(&driver));
  std::printf("{\"device\": %s, \"multiprocessors\": %d, \"maxClockMHz\": %d, "
              "\"cudaDriver\": %d}\n",
              rkbench::jsonText(properties.name).c_str(),
              properties.multiProcessorCount, kilohertz / 1000, driver);
}

} // namespace

int main(int count, char **arguments) {
  for (int i = 1; i < count; ++i)
    if (!std::strcmp(arguments[i], "--help"))
      return usage(stdout, 0);
  try {
    printDevice();
  } catch (const std::exception &failure) {
    rkbench::printFailure("device", failure.what());
    return 1;
  }
  bool good = true;
  for (int i = 1; i < count; ++i) {
    bool known = false;
    for (const Group &group : Groups)
      if (!std::strcmp(arguments[i], group.name)) {
        known = true;
        good = run(group) && good;
      }
    if (!known)
      return usage(stderr, 2);
  }
  if (count == 1)
    for (const Group &group : Groups)
      good = run(group) && good;
  return good ? 0 : 1;
}
