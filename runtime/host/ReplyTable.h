//===- ReplyTable.h - Requests that wait for answers ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The requests of host threads that wait for an answer, found by the token
/// that travels with each. A token names a row and the row's generation, so an
/// answer that comes after its request was given up finds nobody.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "RowStocks.h"

#include "rk/abi/Packet.h"
#include "rk/abi/Status.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace rk::runtime {

using Clock = std::chrono::steady_clock;

/// What a request is about, for messages and checks.
struct Question {
  /// The receiver, or 0 for a request to spawn.
  std::uint64_t address = 0;
  /// The message type, or the actor type to spawn.
  std::uint32_t type = abi::NoMessage;
  /// The message type of the answer, or `NoMessage` for one without a type.
  std::uint32_t reply = abi::NoMessage;
  /// The answer's size in bytes.
  std::uint32_t replySize = 0;
};

/// How a request ended.
struct Outcome {
  abi::StatusCode status = abi::StatusCode::Internal;
  Question question;
};

/// The table of waiting requests.
///
/// Threads   any; a token is waited on, taken or given up by one thread at a
///           time, completed by any. What a request takes of the table is
///           shared with no other thread, but for the count of those that wait.
class ReplyTable {
public:
  /// Small answers to requests in the first `slotCount` rows come in `slots`,
  /// which the device writes; a multiple of `RowsPerChunk`.
  explicit ReplyTable(const abi::Packet *slots = nullptr,
                      std::uint32_t slotCount = 0)
      : slots_(slots), slotCount_(slotCount / RowsPerChunk * RowsPerChunk) {}
  ~ReplyTable();
  ReplyTable(const ReplyTable &) = delete;
  ReplyTable &operator=(const ReplyTable &) = delete;

  /// Opens a request; returns its token, or 0 if 2^24 requests wait.
  std::uint64_t open(const Question &question, Clock::time_point deadline);

  /// Ends a request with an answer or with a failure; returns false if nobody
  /// waits for it. `size` is what was sent, at least the answer's own size. An
  /// answer of another type, or a smaller one, ends it with `LayoutMismatch`.
  bool complete(std::uint64_t token, abi::StatusCode status,
                std::uint32_t reply, const void *bytes, std::uint32_t size);

  /// Whether a request has ended; takes in an answer that lies in its slot.
  [[nodiscard]] bool isDone(std::uint64_t token);
  [[nodiscard]] Clock::time_point deadlineOf(std::uint64_t token) const;
  /// Sleeps until it is done or `timeout` has passed; may return early.
  void sleep(std::uint64_t token, std::chrono::nanoseconds timeout) const;

  /// Copies the answer of a request that is done, and frees its row.
  Outcome take(std::uint64_t token, void *bytes);
  /// Frees the row of a request that nobody waits for any more. Its slot stays
  /// out of use until the answer has come.
  void giveUp(std::uint64_t token);
  /// Frees the row of a request that was never sent.
  void cancel(std::uint64_t token);
  /// Reads no slot any more: their memory is about to go.
  void detach();
  /// Brings slots back into use whose answers have come late.
  void reclaim();

  /// Answers that nobody takes may name bulk payloads, if they are of these
  /// types. Before the first request.
  void setBulkMessages(std::vector<bool> isBulk) {
    isBulk_ = std::move(isBulk);
  }
  /// Notes the payload of an answer that nobody takes.
  void noteOrphan(std::uint32_t message, const void *bytes);
  void addOrphan(std::uint64_t handle);
  [[nodiscard]] std::vector<std::uint64_t> takeOrphans();

  /// Ends what is past its deadline.
  void expire(Clock::time_point now);
  /// Ends everything that waits.
  void failAll(abi::StatusCode status);

  [[nodiscard]] std::uint64_t waiting() const {
    return waiting_.load(std::memory_order_relaxed);
  }
  /// Answers that came in slots for those who waited, and too late.
  [[nodiscard]] std::uint64_t slotAnswers() const {
    return slotAnswers_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t lateSlotAnswers() const {
    return lateSlotAnswers_.load(std::memory_order_relaxed);
  }

private:
  enum Phase : std::uint32_t { Free = 0, Waiting = 1, Filling = 2, Done = 3 };
  static constexpr std::uint32_t PhaseBits = 2;
  static constexpr std::uint32_t IndexBits = abi::ReplyRowBits;
  static constexpr std::uint32_t GenerationMask = (1u << 24) - 1;
  static constexpr std::uint32_t RowsPerChunk = 1024;
  static constexpr std::uint32_t MaxChunks = (1u << IndexBits) / RowsPerChunk;

  struct Row {
    /// generation << 2 | phase. Also the word that the waiter sleeps on.
    std::atomic<std::uint32_t> word{1u << PhaseBits};
    std::atomic<bool> sleeper{false};
    std::atomic<std::int64_t> deadline{0};
    abi::StatusCode status{};
    Question question;
    alignas(16) unsigned char small[abi::InlineBytes];
    std::unique_ptr<unsigned char[]> large;
  };
  struct Chunk {
    /// No row of the chunk has an earlier deadline.
    std::atomic<std::int64_t> earliest{INT64_MAX};
    std::array<Row, RowsPerChunk> rows;
  };

  static std::uint32_t wordOf(std::uint64_t token, Phase phase) {
    return std::uint32_t(token >> IndexBits) << PhaseBits | phase;
  }
  /// Rows of one kind, with a slot or without, and those that are free.
  struct Region {
    std::uint32_t firstChunk = 0, endChunk = 0;
    std::atomic<std::uint32_t> chunkCount{0};
    RowStocks free;
  };

  [[nodiscard]] Row *rowOf(std::uint64_t token) const;
  [[nodiscard]] bool hasSlot(std::uint64_t token) const {
    return abi::replyRow(token) < slotCount_;
  }
  [[nodiscard]] bool hasArrived(std::uint64_t token) const;
  bool collect(std::uint64_t token);
  std::uint32_t takeIndex(bool small);
  std::uint32_t takeIndex(Region &region);
  std::vector<std::uint32_t> grow(Region &region);
  template <class Visit> void forEachChunk(Visit visit);
  /// Ends a request that nobody wants any more; returns false if it had ended.
  bool withdraw(std::uint64_t token, Row &row);
  /// `answered`: no answer will come any more.
  void freeRow(std::uint64_t token, Row &row, bool answered);
  /// Keeps the slot of a request that nobody waits for out of use until its
  /// answer has come; returns false if slots are read no more.
  bool keepLate(std::uint64_t token);
  void release(std::uint64_t token);
  /// Claims a waiting row for its end; the caller calls `finish`.
  bool claim(std::uint64_t token, Row &row);
  void finish(std::uint64_t token, Row &row);
  void expireChunk(std::uint32_t index, Chunk &chunk, std::int64_t now);

  const abi::Packet *const slots_;
  const std::uint32_t slotCount_;
  std::atomic<std::uint64_t> slotAnswers_{0}, lateSlotAnswers_{0};

  bool attached_ = true; ///< guarded by `mutex_`
  std::mutex mutex_;     ///< guards `late_`
  Region withSlot_{0, slotCount_ / RowsPerChunk, {}, {}};
  Region withoutSlot_{slotCount_ / RowsPerChunk, MaxChunks, {}, {}};
  /// Requests without a waiter whose answers have not come.
  std::vector<std::uint64_t> late_;
  std::vector<bool> isBulk_;
  std::mutex orphanMutex_; ///< guards `orphans_`
  std::vector<std::uint64_t> orphans_;
  std::array<std::atomic<Chunk *>, MaxChunks> chunks_{};
  std::atomic<std::uint64_t> waiting_{0};
};

} // namespace rk::runtime
