//===- Engine.h - One running system ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Starts agents on a back end, talks with them, watches them and ends them.
/// `rk::System` is its typed face.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"
#include "HostLink.h"
#include "Layout.h"
#include "LoadedModule.h"
#include "Schedule.h"
#include "StateMemory.h"
#include "Watchdog.h"

#include "rk/options.h"
#include "rk/placement.h"
#include "rk/report.h"
#include "rk/status.h"

#include <atomic>
#include <coroutine>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace rk::runtime {

/// One running system.
///
/// Threads   any, but for `start` and `release`.
class Engine {
public:
  /// Chooses module and back end as `options` and the environment say, and
  /// starts.
  static Result<std::shared_ptr<Engine>> create(const SystemOptions &options);
  /// Starts `module` on `backend`; `reason` says who chose it.
  static Result<std::shared_ptr<Engine>>
  start(const SystemOptions &options,
        std::shared_ptr<const LoadedModule> module,
        std::unique_ptr<Backend> backend, std::string reason);
  ~Engine();

  /// Names this system among all that the process has had.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const LoadedModule &module() const { return *module_; }
  [[nodiscard]] const Layout &layout() const { return layout_; }

  /// Waits at most `patience` for room; if that is negative, as long as the
  /// options say.
  Status send(abi::PacketKind kind, std::uint64_t address,
              std::uint32_t message, Bytes bytes,
              std::chrono::nanoseconds patience);
  /// Sends a message that fits into its packet, to a lane with room: what is
  /// sent most. Returns whether that was so.
  [[gnu::always_inline]] bool sendWords(std::uint64_t address,
                                        std::uint32_t message,
                                        detail::PayloadHalf low,
                                        detail::PayloadHalf high) {
    const abi::Address to{address};
    if (to.isNull()) [[unlikely]]
      return false;
    LaneGroup *const group = link_->ownedGroup();
    if (group == nullptr) [[unlikely]]
      return pushWords(to, message, low, high);
    return group->pushAlone(to.slot(), packetOf(to, message, low, high)) ==
           LaneWriter::Outcome::Written;
  }
  /// Sends the messages of a row until one cannot go at once; returns how many.
  std::size_t sendRow(const MessageRow &row) {
    LaneWriter::Outcome outcome;
    return link_->pushRow(row, outcome);
  }
  /// Sends a request; `token` names it until `take` or `giveUp`.
  Status ask(const Question &question, Bytes bytes,
             std::chrono::nanoseconds deadline, std::uint64_t &token);
  /// The answer is the address of the first of `count` actors.
  Status spawn(std::uint32_t actorType, Bytes state, std::uint32_t count,
               Placement placement, std::uint64_t &token);

  // EngineBulk.cpp
  /// Makes a payload with the content of `bytes`; `handle` is 0 on an error.
  /// Waits for room as `send` does.
  Status makeBulk(const void *bytes, std::uint64_t length,
                  std::chrono::nanoseconds patience, std::uint64_t &handle);
  /// Copies a payload's first `length` bytes.
  Status readBulk(std::uint64_t handle, void *to, std::uint64_t length);
  /// Takes one holder away.
  Status releaseBulk(std::uint64_t handle);

  [[nodiscard]] bool isDone(std::uint64_t token);
  /// Waits for the end of a request; returns whether it came in time.
  bool await(std::uint64_t token, std::chrono::nanoseconds timeout);
  Status take(std::uint64_t token, void *answer, std::uint32_t size);
  void giveUp(std::uint64_t token);
  /// Resumes `waiter` from the service thread once the request has ended;
  /// returns false if it has.
  bool resumeWhenDone(std::uint64_t token, std::coroutine_handle<> waiter);

  Status waitIdle(std::chrono::nanoseconds timeout);
  Status shutdown(std::chrono::nanoseconds timeout);
  /// Frees memory and back end after `shutdown`. No call but those of futures
  /// may be under way, or come after.
  void release();
  /// In the child of a fork there are no agents: says so to every caller.
  void abandonAfterFork();

  [[nodiscard]] Counters counters();
  [[nodiscard]] MemoryUse memory();
  [[nodiscard]] std::vector<StallReport> stalls();
  [[nodiscard]] const RunDescription &description() const {
    return description_;
  }
  [[nodiscard]] Status status() const;
  /// Whether a scheduler chooses: then nothing may be sent by `sendWords`.
  [[nodiscard]] bool isScheduled() const { return schedule_.has_value(); }

private:
  struct Rows {
    std::vector<abi::WorkerReport> reports;
    std::uint64_t sent = 0;
    std::uint64_t consumed = 0;
  };

  Engine(const SystemOptions &options,
         std::shared_ptr<const LoadedModule> module,
         std::unique_ptr<Backend> backend);

  // Engine.cpp: the start.
  Status prepare();
  Status launch();
  Status awaitRunning(std::chrono::nanoseconds timeout);
  void describe(std::string reason, std::chrono::nanoseconds startTime);
  /// Device memory that does not grow: all but the states'.
  [[nodiscard]] std::uint64_t fixedDeviceBytes() const {
    return layout_.device.total + (lanes_.onDevice ? layout_.lanes.total : 0);
  }

  // EngineMessages.cpp
  static PlainPacket packetOf(abi::Address to, std::uint32_t message,
                              detail::PayloadHalf low,
                              detail::PayloadHalf high) {
    return {{to.slot(), to.generation() | message << abi::GenerationBits, 0, 0},
            low,
            high};
  }
  bool pushWords(abi::Address to, std::uint32_t message,
                 detail::PayloadHalf low, detail::PayloadHalf high);
  Status pushBounded(const PacketContent &content, Bytes staged,
                     std::chrono::nanoseconds patience);
  Status pushSlowly(LaneWriter::Outcome outcome, const PacketContent &content,
                    Bytes staged, std::chrono::nanoseconds patience);
  [[nodiscard]] Status checkPlacement(std::uint32_t actorType,
                                      Placement placement) const;
  [[nodiscard]] Status closedReason() const;
  [[nodiscard]] Status failureOf(const Outcome &outcome) const;
  [[nodiscard]] std::string questionText(const Question &question) const;

  // EngineBulk.cpp
  Status askForBulk(std::uint64_t length, std::uint64_t &handle);
  Status checkBulk(std::uint64_t handle, std::uint64_t length);
  void releaseUnsent(std::uint32_t message, const void *bytes);
  void releaseOrphans();
  /// Under `endMutex_`.
  std::uint64_t heldBulkBytes();

  // EngineScheduled.cpp: what differs under a scheduler.
  void letAgentsGoFirst();
  bool takeStep(bool hostReady);
  bool pollScheduled(std::uint64_t token);
  bool awaitScheduled(std::uint64_t token, std::chrono::nanoseconds timeout);
  Status waitIdleScheduled(std::chrono::nanoseconds timeout);
  void takeStepOrWait(Clock::time_point limit);
  void letTimePass(Clock::time_point limit);

  // EngineService.cpp
  void serve();
  [[nodiscard]] std::chrono::nanoseconds serviceStep();
  void tendStates() { states_.tend(control().stateWanted); }
  void resumeReady();
  void checkHealth();
  void watch();
  void fail(Status status);
  void stopService();
  [[nodiscard]] std::uint32_t generationOf(std::uint32_t slot);

  // EngineEnd.cpp
  Status readProgress(std::vector<abi::Progress> &progress);
  Status readRings(std::vector<abi::RingCount> &rings);
  bool areRingsQuiet(const std::vector<abi::Progress> &first,
                     const std::vector<abi::RingCount> &handled);
  bool isQuiet();
  Status end(std::chrono::nanoseconds timeout);
  Status stalledStatus();
  Status readRows(Rows &rows);
  void keepFinalRows(bool ended);

  [[nodiscard]] bool hasEnded(std::uint64_t token);
  [[nodiscard]] Status notIdle();
  /// The time that deadlines count in.
  [[nodiscard]] Clock::time_point now() const {
    return stepped_ ? Clock::time_point(stepped_->now()) : Clock::now();
  }
  [[nodiscard]] Clock::time_point after(std::chrono::nanoseconds timeout) const;

  /// Agents that run handlers are among these.
  [[nodiscard]] std::uint32_t watchedAgents() const {
    const Sizes &sizes = layout_.sizes;
    return sizes.residents.inboxes ? sizes.agents : sizes.workers;
  }
  [[nodiscard]] abi::Control &control() const {
    return *reinterpret_cast<abi::Control *>(host_.host + layout_.host.control);
  }

  const std::uint64_t number_;
  const SystemOptions options_;
  const std::shared_ptr<const LoadedModule> module_;
  std::unique_ptr<Backend> backend_;
  Layout layout_;
  DeviceAddress device_ = 0;
  LaneBlock lanes_;
  HostBlock host_;
  StateMemory states_;
  std::optional<HostLink> link_;
  RunDescription description_;
  bool yields_ = false;
  SteppedAgents *stepped_ = nullptr; ///< null without a scheduler
  std::optional<Schedule> schedule_;

  std::unique_ptr<std::thread> service_;
  std::atomic<std::uint32_t> serviceWord_{0}; ///< 1 asks the thread to end

  struct Suspended {
    std::uint64_t token;
    std::coroutine_handle<> waiter;
  };
  std::mutex suspendedMutex_; ///< guards `suspended_`
  std::vector<Suspended> suspended_;
  std::atomic<std::size_t> suspendedCount_{0};

  std::mutex watchMutex_; ///< guards `watchdog_` and `samples_`
  std::optional<Watchdog> watchdog_;
  std::vector<abi::WorkerReport> samples_;

  std::atomic<bool> failed_{false};
  std::atomic<bool> forked_{false};
  std::atomic<bool> stopping_{false};
  mutable std::mutex failureMutex_; ///< guards `failure_`
  Status failure_;

  std::mutex endMutex_; ///< guards what follows
  bool ended_ = false;
  bool agentsRun_ = false;
  bool released_ = false;
  Status endStatus_;
  Rows finalRows_;
  std::uint64_t shutdownLetters_ = 0;
  MemoryUse finalMemory_;
};

} // namespace rk::runtime
