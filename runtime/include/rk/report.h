//===- report.h - What a system tells about itself -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Counters, stalls and the description of where a system runs.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Runtime.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <string>

namespace rk {

using DeadLetterReason = abi::DeadLetterReason;

/// Returns the enumerator's name: "ActorStopped".
constexpr const char *deadLetterReasonName(DeadLetterReason reason) {
  switch (reason) {
  case DeadLetterReason::ActorStopped:
    return "ActorStopped";
  case DeadLetterReason::NeverIssued:
    return "NeverIssued";
  case DeadLetterReason::NoHandler:
    return "NoHandler";
  case DeadLetterReason::MailboxFull:
    return "MailboxFull";
  case DeadLetterReason::Shutdown:
    return "Shutdown";
  case DeadLetterReason::AnsweredBefore:
    return "AnsweredBefore";
  case DeadLetterReason::DroppedOldest:
    return "DroppedOldest";
  }
  return "unknown";
}

/// Messages that were not handled, by reason.
struct DeadLetters {
  std::array<std::uint64_t, abi::DeadLetterReasonCount> count{};

  std::uint64_t operator[](DeadLetterReason reason) const {
    return count[std::size_t(reason)];
  }
  std::uint64_t total() const {
    return std::accumulate(count.begin(), count.end(), std::uint64_t(0));
  }
};

/// What has happened since the start. While the system runs the figures are
/// read one after the other, so sums need not agree; after `waitIdle` or
/// `shutdown` they do.
struct Counters {
  /// Packets that host threads handed to the device: messages, requests, stops
  /// and spawns.
  std::uint64_t hostSent = 0;
  /// Packets put into inboxes on the device, replies to the host included.
  std::uint64_t sent = 0;
  /// Packets taken out of inboxes and dealt with.
  std::uint64_t handled = 0;
  /// Actors that were made. On the device no packet goes round for that.
  std::uint64_t spawned = 0;
  std::uint64_t stopped = 0;
  /// Spawns that failed, for want of a slot, a place or memory: each told its
  /// caller.
  std::uint64_t refusedSpawns = 0;
  /// Spawns that waited for more memory: see `SystemOptions::firstStateBytes`.
  std::uint64_t waitedSpawns = 0;
  /// Shards, groups of actors, that changed their worker: see
  /// `SystemOptions::balance`.
  std::uint64_t moves = 0;
  /// Replies that reached the host, and those that came after their request
  /// had been given up.
  std::uint64_t replies = 0;
  std::uint64_t lateReplies = 0;
  /// Bytes of bulk payloads that somebody holds, as they are taken from the
  /// pool: powers of two, 4096 at least.
  std::uint64_t bulkBytes = 0;
  DeadLetters deadLetters;
};

/// What a system takes of the device's memory, in bytes.
struct MemoryUse {
  /// States that were handed out. The storage of an actor that stopped is used
  /// again and stays in here, so this never gets less.
  std::uint64_t stateUsed = 0;
  /// What states have now, and the most that they can have.
  std::uint64_t stateTaken = 0;
  std::uint64_t stateLimit = 0;
  /// All that the system has now, `stateTaken` included.
  std::uint64_t deviceBytes = 0;
};

/// One handler call that does not come back.
struct StallReport {
  std::uint32_t worker = 0;
  /// The lane of the worker's warp; 0 on the CPU.
  std::uint32_t lane = 0;
  /// The actor's address; its generation is 0 if it could not be read.
  std::uint64_t actor = 0;
  /// Qualified C++ name: "Account".
  std::string actorType;
  /// "Account::on(Deposit)".
  std::string handler;
  /// Where the handler is written; an empty file and line 0 if unknown.
  std::string file;
  std::uint32_t line = 0;
  /// How long the watchdog has seen the call for.
  std::chrono::nanoseconds since{};

  /// Returns one line: "worker 3: Account::on(Deposit) at bank.cpp:12 has been
  /// running for 1.25 s on actor 0x100000002a".
  [[nodiscard]] std::string text() const;
};

/// Where a system runs.
struct RunDescription {
  /// "cuda" or "cpu".
  std::string backend;
  /// Why this back end: "asked for by RK_BACKEND", "no usable GPU: ...".
  std::string reason;
  /// "NVIDIA H200", or the processor's name.
  std::string device;
  /// The driver's CUDA version, "13.0"; empty on the CPU.
  std::string driver;
  /// The image in use: "cubin sm_90a", "ptx compute_90", "host x86-64-v3".
  std::string image;
  std::string module;
  std::uint32_t workers = 0;
  std::uint32_t lanes = 0;
  /// "device", or "host" and why: see `SystemOptions::laneMemory`.
  std::string laneMemory;
  std::uint32_t maxActors = 0;
  /// Actors whose slots are equal modulo this are of one shard: they change
  /// their worker together.
  std::uint32_t shards = 0;
  /// Taken at the start: see `System::memory` for what is taken later.
  std::uint64_t deviceBytes = 0;
  std::uint64_t hostBytes = 0;
  /// From the call of the constructor until every worker ran.
  std::chrono::nanoseconds startTime{};

  /// Returns one line for people.
  [[nodiscard]] std::string text() const;
};

} // namespace rk
