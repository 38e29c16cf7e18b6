//===- scheduler.h - Who goes next, decided by a test -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// On the CPU back end, a test can decide which worker runs when: at random
/// from a seed, as written in a trace, in every possible way, or by a rule of
/// its own. Then what a program does depends on nothing else, so that a failure
/// can be found and run again: `docs/testing.md`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/options.h"
#include "rk/status.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rk {

namespace runtime {
class Schedule;
} // namespace runtime

/// Who takes a step.
enum class AgentKind : std::uint8_t {
  /// The program's own threads: a step is one call that sends, asks, spawns or
  /// stops, or the return from a wait that is over.
  Host,
  Worker,   ///< handles one message
  Lane,     ///< hands what one host thread has sent to the workers
  Outbound, ///< brings answers to the host that found no room before
};

struct AgentId {
  AgentKind kind = AgentKind::Host;
  std::uint32_t number = 0;

  auto operator<=>(const AgentId &) const = default;
  /// Returns "h", "w3", "l0" or "o".
  [[nodiscard]] std::string text() const;
};

/// A moment at which several could go on.
struct SchedulePoint {
  /// Those that have something to do, two or more, in ascending order.
  std::span<const AgentId> ready;
  /// Who took the step before.
  AgentId last;

  /// The place in `ready` of whoever goes on if nothing speaks against it: the
  /// one that went before, or else the next behind it, and round.
  [[nodiscard]] std::size_t usual() const;
};

/// What was chosen wherever there was a choice.
class ScheduleTrace {
public:
  void add(AgentId agent) { chosen_.push_back(agent); }
  void clear() { chosen_.clear(); }
  [[nodiscard]] const std::vector<AgentId> &chosen() const { return chosen_; }

  /// Returns it in one line: "h w0 w1*3 l0".
  [[nodiscard]] std::string text() const;
  /// Reads what `text` has written.
  ///
  /// Errors    `InvalidArgument` with the word that is none.
  static Result<ScheduleTrace> parse(std::string_view text);

  bool operator==(const ScheduleTrace &) const = default;

private:
  std::vector<AgentId> chosen_;
};

/// Decides who goes next; given to a system in `SystemOptions::scheduler`.
///
/// The system then has no threads. Its agents take steps in the thread that
/// waits for it (`Future::get`, `System::waitIdle`, ...) and before each call
/// that sends. Time moves with the steps, by 1 us each: deadlines, and what
/// handlers read from their clock, depend on the schedule alone.
///
/// Threads   `choose` is called by one thread at a time, under a lock of the
///           system: it must not call the system. A program whose choices shall
///           repeat uses its system from one thread.
class Scheduler {
public:
  /// Returned by `choose`, ends the run.
  static constexpr std::size_t Stop = ~std::size_t(0);

  virtual ~Scheduler() = default;
  /// Returns a place in `point.ready`, or `Stop`.
  virtual std::size_t choose(const SchedulePoint &point) = 0;

  /// Returns what has been chosen so far.
  [[nodiscard]] const ScheduleTrace &trace() const { return trace_; }
  /// Steps that systems have taken, choices or not.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }
  /// Ends a run that takes more steps. 0, as from the start: no limit.
  void limitSteps(std::uint64_t most) { mostSteps_ = most; }

private:
  friend class runtime::Schedule;
  ScheduleTrace trace_;
  std::uint64_t steps_ = 0;
  std::uint64_t mostSteps_ = 0;
};

/// Chooses at random. The same seed chooses the same on every machine.
class SeededScheduler final : public Scheduler {
public:
  explicit SeededScheduler(std::uint64_t seed) : state_(seed) {}
  std::size_t choose(const SchedulePoint &point) override;

private:
  std::uint64_t state_;
};

/// Chooses what a trace says, and the usual behind its end.
class ReplayScheduler final : public Scheduler {
public:
  explicit ReplayScheduler(ScheduleTrace trace) : plan_(std::move(trace)) {}
  std::size_t choose(const SchedulePoint &point) override;

  /// Whether the program has gone another way than when the trace was made:
  /// whoever should have gone next could not. From there on the usual goes on.
  [[nodiscard]] bool hasDiverged() const { return diverged_; }

private:
  const ScheduleTrace plan_;
  std::size_t next_ = 0;
  bool diverged_ = false;
};

/// Returns options for a small system that starts quickly: CPU, two workers,
/// 256 actors.
[[nodiscard]] SystemOptions scheduledOptions(std::shared_ptr<Scheduler> by);

/// How far `explore` goes.
struct ExploreLimits {
  /// How often a schedule may turn from an agent that could go on. Few races
  /// need more than two (Musuvathi and Qadeer, "Iterative context bounding for
  /// systematic testing of multithreaded programs", PLDI 2007); the number of
  /// schedules grows with a power of the program's length for each.
  std::uint32_t preemptions = 2;
  std::uint64_t schedules = 1'000'000;
  std::chrono::nanoseconds time = std::chrono::minutes(5);
  /// Steps of one schedule; one that takes more has failed.
  std::uint64_t steps = 100'000;
};

/// What `explore` has found.
struct Exploration {
  std::uint64_t schedules = 0;
  /// Whether these were all that `ExploreLimits::preemptions` allows.
  bool complete = false;
  /// What the program said of the first schedule that failed; empty if none
  /// did.
  std::string failure;
  /// How to see it again: `ReplayScheduler`.
  ScheduleTrace trace;

  /// Returns one line: "failed in schedule 17: 3 is not 4; replay h w0 w1*3".
  [[nodiscard]] std::string text() const;
};

/// A program that makes a system with the options, uses it, and returns what is
/// wrong, or nothing.
using ScheduledProgram = std::function<std::string(const SystemOptions &)>;

/// Runs `program` in every way that `limits` allow, from the start each time,
/// until one fails. An exception is a failure, too. The program must depend on
/// nothing but its schedule, which `explore` checks as far as it can see.
///
/// Cost      about half a millisecond for each schedule of a small program,
/// most
///           of it to start and end the system.
[[nodiscard]] Exploration explore(const ScheduledProgram &program,
                                  const ExploreLimits &limits = {});

} // namespace rk
