//===- ReplyTable.cpp - Opening, ending and taking requests ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ReplyTable.h"

#include "Futex.h"
#include "PacketAccess.h"

#include "rk/abi/Bulk.h"

#include <cstring>
#include <numeric>
#include <utility>

namespace rk::runtime {

namespace {

std::int64_t ticks(Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             time.time_since_epoch())
      .count();
}

/// Lowers `least` to `value`.
void lower(std::atomic<std::int64_t> &least, std::int64_t value) {
  std::int64_t now = least.load(std::memory_order_relaxed);
  // Sequentially consistent: see `ReplyTable::expireChunk`.
  while (value < now && !least.compare_exchange_weak(now, value))
    ;
}

} // namespace

ReplyTable::~ReplyTable() {
  for (const std::atomic<Chunk *> &chunk : chunks_)
    delete chunk.load();
}

template <class Visit> void ReplyTable::forEachChunk(Visit visit) {
  for (const Region *region : {&withSlot_, &withoutSlot_})
    for (std::uint32_t i = 0; i < region->chunkCount.load(); ++i)
      visit(region->firstChunk + i, *chunks_[region->firstChunk + i].load());
}

ReplyTable::Row *ReplyTable::rowOf(std::uint64_t token) const {
  const auto index = std::uint32_t(token) & ((1u << IndexBits) - 1);
  Chunk *chunk = chunks_[index / RowsPerChunk].load(std::memory_order_acquire);
  return chunk ? &chunk->rows[index % RowsPerChunk] : nullptr;
}

std::vector<std::uint32_t> ReplyTable::grow(Region &region) {
  const std::uint32_t count = region.chunkCount.load();
  if (region.firstChunk + count == region.endChunk)
    return {};
  const std::uint32_t chunk = region.firstChunk + count;
  std::vector<std::uint32_t> rows(RowsPerChunk);
  std::iota(rows.rbegin(), rows.rend(), chunk * RowsPerChunk);
  chunks_[chunk].store(new Chunk, std::memory_order_release);
  region.chunkCount.store(count + 1);
  return rows;
}

std::uint32_t ReplyTable::takeIndex(Region &region) {
  return region.free.take([&] { return grow(region); });
}

std::uint32_t ReplyTable::takeIndex(bool small) {
  const std::uint32_t index = small ? takeIndex(withSlot_) : RowStocks::NoRow;
  return index != RowStocks::NoRow ? index : takeIndex(withoutSlot_);
}

std::uint64_t ReplyTable::open(const Question &question,
                               Clock::time_point deadline) {
  const std::uint32_t index = takeIndex(question.replySize <= abi::InlineBytes);
  if (index == RowStocks::NoRow)
    return 0;
  Chunk &chunk = *chunks_[index / RowsPerChunk].load();
  Row &row = chunk.rows[index % RowsPerChunk];
  const std::uint32_t generation = row.word.load() >> PhaseBits;
  row.question = question;
  row.deadline.store(ticks(deadline), std::memory_order_relaxed);
  waiting_.fetch_add(1, std::memory_order_relaxed);
  row.word.store(generation << PhaseBits | Waiting);
  lower(chunk.earliest, ticks(deadline));
  return std::uint64_t(generation) << IndexBits | index;
}

/// Whether all of a token's answer is in its slot.
bool ReplyTable::hasArrived(std::uint64_t token) const {
  PacketContent content;
  return readPacket(slots_ + abi::replyRow(token), content,
                    abi::replyMark(token));
}

/// Ends a request with the answer in its slot, if it is there.
bool ReplyTable::collect(std::uint64_t token) {
  PacketContent content;
  if (!readPacket(slots_ + abi::replyRow(token), content,
                  abi::replyMark(token)))
    return false;
  if (complete(token, abi::StatusCode(content.header.status),
               content.header.message, content.payload, abi::InlineBytes))
    slotAnswers_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool ReplyTable::claim(std::uint64_t token, Row &row) {
  std::uint32_t expected = wordOf(token, Waiting);
  return row.word.compare_exchange_strong(expected, wordOf(token, Filling));
}

void ReplyTable::finish(std::uint64_t token, Row &row) {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  // Sequentially consistent, as are the store and load in `sleep`: either the
  // sleeper sees the end, or we see the sleeper.
  row.word.store(wordOf(token, Done));
  if (row.sleeper.load())
    wakeWord(row.word);
}

bool ReplyTable::complete(std::uint64_t token, abi::StatusCode status,
                          std::uint32_t reply, const void *bytes,
                          std::uint32_t size) {
  Row *row = rowOf(token);
  if (!row || !claim(token, *row))
    return false;
  const Question &question = row->question;
  row->status = status;
  if (status == abi::StatusCode::Ok) {
    if (reply != question.reply || size < question.replySize) {
      row->status = abi::StatusCode::LayoutMismatch;
    } else {
      unsigned char *to = row->small;
      if (question.replySize > sizeof(row->small)) {
        row->large = std::make_unique<unsigned char[]>(question.replySize);
        to = row->large.get();
      }
      if (question.replySize != 0)
        std::memcpy(to, bytes, question.replySize);
    }
  }
  finish(token, *row);
  return true;
}

bool ReplyTable::isDone(std::uint64_t token) {
  const Row &row = *rowOf(token);
  if (row.word.load(std::memory_order_acquire) == wordOf(token, Done))
    return true;
  return hasSlot(token) && collect(token) &&
         row.word.load(std::memory_order_acquire) == wordOf(token, Done);
}

Clock::time_point ReplyTable::deadlineOf(std::uint64_t token) const {
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(
      std::chrono::nanoseconds(rowOf(token)->deadline.load())));
}

void ReplyTable::sleep(std::uint64_t token,
                       std::chrono::nanoseconds timeout) const {
  Row &row = *rowOf(token);
  row.sleeper.store(true);
  const std::uint32_t word = row.word.load();
  if (word != wordOf(token, Done))
    waitOnWord(row.word, word, timeout);
  row.sleeper.store(false, std::memory_order_relaxed);
}

Outcome ReplyTable::take(std::uint64_t token, void *bytes) {
  Row &row = *rowOf(token);
  const Outcome outcome{row.status, row.question};
  if (row.status == abi::StatusCode::Ok && row.question.replySize != 0)
    std::memcpy(bytes, row.large ? row.large.get() : row.small,
                row.question.replySize);
  freeRow(token, row, outcome.status != abi::StatusCode::DeadlineExceeded);
  return outcome;
}

bool ReplyTable::withdraw(std::uint64_t token, Row &row) {
  if (claim(token, row)) {
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return true;
  }
  // Somebody is filling the row, which takes a moment.
  while (row.word.load() != wordOf(token, Done))
    waitOnWord(row.word, wordOf(token, Filling), std::chrono::microseconds(50));
  return false;
}

void ReplyTable::giveUp(std::uint64_t token) {
  Row &row = *rowOf(token);
  const bool waited = withdraw(token, row);
  if (!waited && row.status == abi::StatusCode::Ok && !row.large)
    noteOrphan(row.question.reply, row.small);
  freeRow(token, row,
          !waited && row.status != abi::StatusCode::DeadlineExceeded);
}

void ReplyTable::cancel(std::uint64_t token) {
  Row &row = *rowOf(token);
  withdraw(token, row);
  freeRow(token, row, true);
}

void ReplyTable::freeRow(std::uint64_t token, Row &row, bool answered) {
  row.large.reset();
  // Generation 0 is never used, so that no token is 0.
  std::uint32_t next = (std::uint32_t(token >> IndexBits) + 1) & GenerationMask;
  next += next == 0;
  row.word.store(next << PhaseBits | Free);
  if (answered || !hasSlot(token) || !keepLate(token))
    release(token);
}

bool ReplyTable::keepLate(std::uint64_t token) {
  const std::lock_guard lock(mutex_);
  if (attached_)
    late_.push_back(token);
  return attached_;
}

void ReplyTable::release(std::uint64_t token) {
  (hasSlot(token) ? withSlot_ : withoutSlot_).free.give(abi::replyRow(token));
}

void ReplyTable::detach() {
  const std::lock_guard lock(mutex_);
  attached_ = false;
  late_.clear();
}

void ReplyTable::reclaim() {
  const std::lock_guard lock(mutex_);
  std::erase_if(late_, [this](std::uint64_t token) {
    if (!hasArrived(token))
      return false;
    PacketContent content;
    if (readPacket(slots_ + abi::replyRow(token), content,
                   abi::replyMark(token)) &&
        content.header.status == std::uint32_t(abi::StatusCode::Ok))
      noteOrphan(content.header.message, content.payload);
    release(token);
    lateSlotAnswers_.fetch_add(1, std::memory_order_relaxed);
    return true;
  });
}

void ReplyTable::noteOrphan(std::uint32_t message, const void *bytes) {
  if (message >= isBulk_.size() || !isBulk_[message])
    return;
  abi::BulkReference reference;
  std::memcpy(&reference, bytes, sizeof(reference));
  if (reference.handle != 0)
    addOrphan(reference.handle);
}

void ReplyTable::addOrphan(std::uint64_t handle) {
  const std::lock_guard lock(orphanMutex_);
  orphans_.push_back(handle);
}

std::vector<std::uint64_t> ReplyTable::takeOrphans() {
  const std::lock_guard lock(orphanMutex_);
  return std::exchange(orphans_, {});
}

/// The bound is taken away first and lowered again by the rows that stay. A row
/// that is opened meanwhile lowers it after it has become visible, so either
/// the scan sees the row or the bound keeps its deadline.
void ReplyTable::expireChunk(std::uint32_t index, Chunk &chunk,
                             std::int64_t now) {
  chunk.earliest.exchange(INT64_MAX);
  for (std::uint32_t i = 0; i < RowsPerChunk; ++i) {
    Row &row = chunk.rows[i];
    const std::uint32_t word = row.word.load();
    if ((word & ((1u << PhaseBits) - 1)) != Waiting)
      continue;
    const std::int64_t deadline = row.deadline.load();
    if (deadline > now) {
      lower(chunk.earliest, deadline);
      continue;
    }
    const std::uint64_t token = std::uint64_t(word >> PhaseBits) << IndexBits |
                                (index * RowsPerChunk + i);
    if (isDone(token))
      continue;
    complete(token, abi::StatusCode::DeadlineExceeded, abi::NoMessage, nullptr,
             0);
  }
}

void ReplyTable::expire(Clock::time_point now) {
  forEachChunk([&](std::uint32_t index, Chunk &chunk) {
    if (chunk.earliest.load() <= ticks(now))
      expireChunk(index, chunk, ticks(now));
  });
}

void ReplyTable::failAll(abi::StatusCode status) {
  forEachChunk([&](std::uint32_t index, Chunk &chunk) {
    for (std::uint32_t i = 0; i < RowsPerChunk; ++i) {
      const std::uint32_t word = chunk.rows[i].word.load();
      const std::uint64_t token = std::uint64_t(word >> PhaseBits)
                                      << IndexBits |
                                  (index * RowsPerChunk + i);
      if ((word & ((1u << PhaseBits) - 1)) == Waiting && !isDone(token))
        complete(token, status, abi::NoMessage, nullptr, 0);
    }
  });
}

} // namespace rk::runtime
