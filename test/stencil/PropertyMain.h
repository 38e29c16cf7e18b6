//===- PropertyMain.h - The command line of random stencils ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Property.h"

#include <chrono>
#include <cstdlib>
#include <span>

namespace property {

using Test = void (*)(Case &);

inline Request requestOf(int count, char **arguments) {
  Request request;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    const std::size_t sign = word.find('=');
    const std::string key = word.substr(0, sign);
    const std::string value =
        sign == std::string::npos ? "" : word.substr(sign + 1);
    if (key == "--plan")
      request.plan = value == "auto" ? "" : value;
    else if (key == "--seed")
      request.seed = std::strtoull(value.c_str(), nullptr, 10);
    else if (key == "--first")
      request.first = std::strtoull(value.c_str(), nullptr, 10);
    else if (key == "--count")
      request.count = std::strtoull(value.c_str(), nullptr, 10);
    else if (key == "--seconds")
      request.seconds = std::strtod(value.c_str(), nullptr);
    else if (key == "--spoil")
      request.spoils = true;
    else {
      std::fprintf(stderr,
                   "unknown argument '%s'; there are --plan=NAME or auto, "
                   "--seed=N, "
                   "--first=N, --count=N, --seconds=N and --spoil (change a "
                   "bit of what is compared, which must be found)\n",
                   word.c_str());
      std::exit(2);
    }
  }
  return request;
}

inline void print(const Totals &totals, std::size_t stencils, double seconds) {
  std::printf("{\"device\": \"%s\", \"stencils\": %zu, \"grids\": %llu, "
              "\"steps\": %llu, \"updates\": %llu, \"compared\": %llu, "
              "\"wrong\": %llu, \"seconds\": %.1f, \"refusals\": {",
              totals.device.c_str(), stencils,
              static_cast<unsigned long long>(totals.grids),
              static_cast<unsigned long long>(totals.steps),
              static_cast<unsigned long long>(totals.updates),
              static_cast<unsigned long long>(totals.compared),
              static_cast<unsigned long long>(totals.wrong), seconds);
  const char *before = "";
  for (const auto &[reason, count] : totals.refusals) {
    std::printf("%s\"%s\": %llu", before, reason.c_str(),
                static_cast<unsigned long long>(count));
    before = ", ";
  }
  std::puts("}}");
}

/// Runs the tests in turn, each case on a new grid. Returns the exit code: 1 if
/// a case was wrong.
inline int runAll(std::span<const Test> tests, int count, char **arguments) {
  const Request request = requestOf(count, arguments);
  Totals totals;
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  auto taken = [&] {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  for (std::uint64_t done = 0;
       !totals.hasLostDevice &&
       (request.seconds > 0 ? taken() < request.seconds : done < request.count);
       ++done) {
    const std::uint64_t number = request.first + done;
    Case one(request, number, totals);
    tests[number % tests.size()](one);
  }
  print(totals, tests.size(), taken());
  return totals.wrong != 0;
}

} // namespace property
