//===- Feed.h - Options of programs that are fed ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What programs have in common whose items are made on the device, or by
/// threads of the host.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Example.h"

namespace example {

struct FeedSettings {
  std::uint64_t threads = 2, workers = 0, runs = 1, seed = 2026;
  std::size_t feed = 0; ///< a place among `device` and `host`
  bool json = false;

  bool fromHost() const { return feed == 1; }
};

/// Adds the options that set them; `runs` and `items` say what a run and what
/// an item is.
inline void addFeedOptions(CommandLine &command, FeedSettings &settings,
                           const std::string &runs, const std::string &items) {
  command.number("runs", settings.runs, 1, 1000, runs);
  command.number("threads", settings.threads, 1, 64,
                 "host threads that feed, for --feed=host");
  command.number("workers", settings.workers, 0, 65536,
                 "workers of the system; 0: as many as there is room for");
  command.number("seed", settings.seed, 0, UINT64_MAX,
                 "seed of the random numbers");
  command.choice("feed", settings.feed, {"device", "host"},
                 "where " + items + " are made");
  command.flag("json", settings.json, "also print a row for the record");
}

} // namespace example
