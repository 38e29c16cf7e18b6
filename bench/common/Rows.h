//===- Rows.h - Measured values and how they are written -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What every measuring program prints: one JSON object a line, with the
/// median, the 99th percentile and the number of samples.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace rkbench {

/// Whether a larger value is better. Of a rate, "p99" is the first percentile:
/// in both cases 99 % of the samples are at least as good.
enum class Better { Lower, Higher };

struct Row {
  std::string name;
  std::string unit;
  double p50 = 0;
  double p99 = 0;
  std::size_t runs = 0;
  /// Of many samples: 50, 90, 99, 99.9 and 100 % are at least as good.
  std::vector<double> percentiles;
  /// Bytes of content of a message, where that is what is counted.
  unsigned content = 0;
  /// What was counted or summed to know that the work was done; never empty.
  std::string checked;
};

/// Returns the sample that `share` (0 to 1) of the sorted samples precede.
inline double quantile(const std::vector<double> &sorted, double share) {
  if (sorted.empty())
    return 0;
  const double position = share * double(sorted.size() - 1);
  return sorted[std::size_t(position + 0.5)];
}

inline constexpr double PercentilesShown[] = {50, 90, 99, 99.9, 100};
/// With fewer samples, the last of them would be the same.
inline constexpr std::size_t SamplesForPercentiles = 1000;

inline Row summarize(std::string name, std::string unit,
                     std::vector<double> samples, Better better,
                     std::string checked) {
  std::sort(samples.begin(), samples.end());
  Row row;
  row.name = std::move(name);
  row.unit = std::move(unit);
  row.p50 = quantile(samples, 0.5);
  row.p99 = quantile(samples, better == Better::Lower ? 0.99 : 0.01);
  row.runs = samples.size();
  if (row.runs >= SamplesForPercentiles)
    for (double percent : PercentilesShown)
      row.percentiles.push_back(quantile(samples, better == Better::Lower
                                                      ? percent / 100
                                                      : 1 - percent / 100));
  row.checked = std::move(checked);
  return row;
}

/// Names and texts in this folder need no escapes but these.
inline std::string jsonText(const std::string &text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + '"';
}

/// Writes one row; `value` is the median.
inline void print(const Row &row) {
  std::printf("{\"name\": %s, \"value\": %.6g, \"unit\": %s, \"p50\": %.6g, "
              "\"p99\": %.6g, \"runs\": %zu, \"checked\": %s",
              jsonText(row.name).c_str(), row.p50, jsonText(row.unit).c_str(),
              row.p50, row.p99, row.runs, jsonText(row.checked).c_str());
  if (row.content != 0)
    std::printf(", \"content\": %u", row.content);
  for (std::size_t i = 0; i < row.percentiles.size(); ++i)
    std::printf("%s\"%g\": %.6g", i == 0 ? ", \"percentiles\": {" : ", ",
                PercentilesShown[i], row.percentiles[i]);
  std::puts(row.percentiles.empty() ? "}" : "}}");
  std::fflush(stdout);
}

/// Writes a row that says why there is no value.
inline void printFailure(const std::string &name, const std::string &why) {
  std::printf("{\"name\": %s, \"error\": %s}\n", jsonText(name).c_str(),
              jsonText(why).c_str());
  std::fflush(stdout);
}

using Clock = std::chrono::steady_clock;

inline double nanosecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}
inline double secondsSince(Clock::time_point start) {
  return nanosecondsSince(start) * 1e-9;
}

} // namespace rkbench
