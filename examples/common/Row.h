//===- Row.h - What an example measured, for the record --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One JSON object a line, in the form in which the benchmarks print theirs,
/// so that one record holds both.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace example {

/// Prints rates, of which larger is better: their median, and as "p99" the one
/// that 99 % of them reach. `more` is further JSON members, or empty. Call it
/// only after what it reports was checked; `checked` says how.
inline void printRow(const std::string &name, const std::string &unit,
                     std::vector<double> rates, const std::string &checked,
                     const std::string &more = {}) {
  if (rates.empty())
    return;
  std::sort(rates.begin(), rates.end());
  const auto at = [&](double share) {
    return rates[std::size_t(share * double(rates.size() - 1) + 0.5)];
  };
  std::printf("{\"name\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"p50\": "
              "%.6g, \"p99\": %.6g, \"runs\": %zu, \"checked\": \"%s\"%s%s}\n",
              name.c_str(), at(0.5), unit.c_str(), at(0.5), at(0.01),
              rates.size(), checked.c_str(), more.empty() ? "" : ", ",
              more.c_str());
}

} // namespace example
