//===- Scheduler.cpp - Schedulers and their traces ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/scheduler.h"

#include <algorithm>
#include <charconv>

namespace rk {

namespace {

Status badWord(std::string_view word) {
  return Status(StatusCode::InvalidArgument,
                "'" + std::string(word) +
                    "' in a trace is not h, w<number>, l<number> or o, with "
                    "*<count> behind it or not");
}

/// Reads a number that takes all of `text`.
bool readNumber(std::string_view text, std::uint32_t &number) {
  const char *begin = text.data(), *end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, number);
  return error == std::errc() && rest == end && !text.empty();
}

bool readAgent(std::string_view text, AgentId &agent) {
  if (text == "h" || text == "o") {
    agent = {text == "h" ? AgentKind::Host : AgentKind::Outbound, 0};
    return true;
  }
  if (text.empty() || (text[0] != 'w' && text[0] != 'l'))
    return false;
  agent.kind = text[0] == 'w' ? AgentKind::Worker : AgentKind::Lane;
  return readNumber(text.substr(1), agent.number);
}

/// Long enough for every trace that a test should keep.
constexpr std::uint32_t MostRepeats = 1u << 24;

} // namespace

std::string AgentId::text() const {
  switch (kind) {
  case AgentKind::Host:
    return "h";
  case AgentKind::Worker:
    return "w" + std::to_string(number);
  case AgentKind::Lane:
    return "l" + std::to_string(number);
  case AgentKind::Outbound:
    return "o";
  }
  return "?";
}

std::size_t SchedulePoint::usual() const {
  // `ready` ascends, so this is `last` itself if it is there.
  const auto next = std::lower_bound(ready.begin(), ready.end(), last);
  return next == ready.end() ? 0 : std::size_t(next - ready.begin());
}

std::string ScheduleTrace::text() const {
  std::string text;
  for (std::size_t i = 0, end; i < chosen_.size(); i = end) {
    for (end = i; end < chosen_.size() && chosen_[end] == chosen_[i];)
      ++end;
    text += (text.empty() ? "" : " ") + chosen_[i].text();
    if (end - i > 1)
      text += "*" + std::to_string(end - i);
  }
  return text;
}

Result<ScheduleTrace> ScheduleTrace::parse(std::string_view text) {
  ScheduleTrace trace;
  for (;;) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos)
      return trace;
    text.remove_prefix(begin);
    const std::string_view word =
        text.substr(0, std::min(text.find_first_of(" \t\n"), text.size()));
    text.remove_prefix(word.size());
    const std::size_t star = word.find('*');
    AgentId agent;
    std::uint32_t count = 1;
    if (!readAgent(word.substr(0, star), agent) ||
        (star != std::string_view::npos &&
         !readNumber(word.substr(star + 1), count)) ||
        count == 0 || count > MostRepeats)
      return badWord(word);
    trace.chosen_.insert(trace.chosen_.end(), count, agent);
  }
}

/// Sebastiano Vigna's SplitMix64. The remainder favours small numbers by less
/// than one in 2^32.
std::size_t SeededScheduler::choose(const SchedulePoint &point) {
  std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  mixed ^= mixed >> 31;
  return std::size_t(mixed % point.ready.size());
}

std::size_t ReplayScheduler::choose(const SchedulePoint &point) {
  if (diverged_ || next_ == plan_.chosen().size())
    return point.usual();
  const AgentId wanted = plan_.chosen()[next_++];
  const auto found = std::find(point.ready.begin(), point.ready.end(), wanted);
  if (found == point.ready.end()) {
    diverged_ = true;
    return point.usual();
  }
  return std::size_t(found - point.ready.begin());
}

SystemOptions scheduledOptions(std::shared_ptr<Scheduler> by) {
  SystemOptions options;
  options.backend = BackendKind::Cpu;
  options.scheduler = std::move(by);
  options.workers = 2;
  options.maxActors = 256;
  options.messageBytes = 1 << 20;
  options.payloadBlocks = 64;
  options.lanes = 2;
  return options;
}

} // namespace rk
