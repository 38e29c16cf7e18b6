//===- Watchdog.cpp - Finding stalls, and the texts of reports ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Watchdog.h"

#include "rk/abi/Address.h"

#include <cstdio>

namespace rk {

namespace {

std::string hexadecimal(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx",
                static_cast<unsigned long long>(value));
  return text;
}

} // namespace

std::string StallReport::text() const {
  char seconds[32];
  std::snprintf(seconds, sizeof(seconds), "%.2f s",
                std::chrono::duration<double>(since).count());
  std::string place;
  if (!file.empty())
    place = " at " + file + ":" + std::to_string(line);
  return "worker " + std::to_string(worker) + ": " + handler + place +
         " has been running for " + seconds + " on actor " + hexadecimal(actor);
}

std::string RunDescription::text() const {
  return backend + " on " + device +
         (driver.empty() ? std::string() : " (CUDA driver " + driver + ")") +
         ", image " + image + ", " + std::to_string(workers) + " workers" +
         (laneMemory.empty() ? std::string()
                             : ", lanes in " + laneMemory + " memory") +
         "; " + reason;
}

} // namespace rk

namespace rk::runtime {

Watchdog::Watchdog(const LoadedModule &module, std::uint32_t workers,
                   std::chrono::nanoseconds threshold)
    : module_(module), threshold_(threshold),
      calls_(std::size_t(workers) * abi::MaxLanes) {}

std::vector<StallReport>
Watchdog::sample(std::span<const abi::Progress> progress,
                 std::span<const abi::WorkerReport> reports,
                 Clock::time_point now, const GenerationOf &generationOf) {
  now_ = now;
  std::vector<StallReport> fresh;
  for (std::size_t place = 0; place < calls_.size(); ++place) {
    const std::size_t worker = place / abi::MaxLanes;
    const std::uint64_t turns = progress[worker].turns;
    abi::LaneActivity seen = reports[worker].activity[place % abi::MaxLanes];
    if (turns % 2 == 0)
      seen = {}; // between two batches
    Call &call = calls_[place];
    // Within one batch, an actor is never called twice by one lane with the
    // same message type but for a moment.
    const bool same = seen.handler != 0 && seen.handler == call.handler &&
                      seen.slot == call.slot && turns == call.turns;
    if (!same) {
      call = {seen.slot, seen.handler, turns, now, false};
      continue;
    }
    if (!call.reported && now - call.since >= threshold_) {
      call.reported = true;
      fresh.push_back(describe(place, call, generationOf));
    }
  }
  return fresh;
}

std::vector<StallReport>
Watchdog::running(std::chrono::nanoseconds least,
                  const GenerationOf &generationOf) const {
  std::vector<StallReport> found;
  for (std::size_t place = 0; place < calls_.size(); ++place)
    if (calls_[place].handler != 0 && now_ - calls_[place].since >= least)
      found.push_back(describe(place, calls_[place], generationOf));
  return found;
}

StallReport Watchdog::describe(std::size_t place, const Call &call,
                               const GenerationOf &generationOf) const {
  StallReport report;
  report.worker = std::uint32_t(place / abi::MaxLanes);
  report.lane = std::uint32_t(place % abi::MaxLanes);
  report.actor = abi::Address::make(call.slot, generationOf(call.slot)).bits;
  const std::uint32_t key = call.handler - 1;
  report.handler = module_.handlerName(key);
  const std::uint32_t type = key >> abi::MessageBits;
  if (type < module_.view.actors.size())
    report.actorType = module_.view.actors[type].name;
  if (const auto found = module_.handlers.find(key);
      found != module_.handlers.end()) {
    report.file = found->second->file;
    report.line = found->second->line;
  }
  report.since = now_ - call.since;
  return report;
}

} // namespace rk::runtime
