//===- LaneWriter.h - The host's end of one lane ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes packets into a `rk::abi::HostLane`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "PacketAccess.h"

#include "rk/abi/Runtime.h"

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>

namespace rk::runtime {

/// What travels with a packet: a large message or an actor's state.
struct Bytes {
  const void *data = nullptr;
  std::uint32_t size = 0;
};

/// The host's end of one lane. Pushing is inlined into `Engine`'s calls: a
/// packet that passes through memory on its way is read back in other widths
/// than it was written, which costs more than all the rest.
///
/// Threads   any number may `push`, or one thread at a time `pushAlone`;
/// `close`
///           works on the former. `pushed` and `left`: any.
/// Ordering  packets are read in the order of the pushes of each thread.
class LaneWriter {
public:
  enum class Outcome { Written, Full, Closed };

  /// Where a lane lies, as `abi::HostLane` has it.
  struct Places {
    abi::Packet *ring;
    unsigned char *staging;
    const std::uint64_t *consumed;
    std::uint64_t *tail; ///< null: `ring` and `staging` are device memory
  };

  LaneWriter(const Places &places, std::uint32_t capacity,
             std::uint32_t stagingStride)
      : ring_(places.ring), staging_(places.staging),
        consumed_(places.consumed), hint_(places.tail), capacity_(capacity),
        shift_(std::uint32_t(std::countr_zero(capacity))),
        stride_(stagingStride) {}

  /// Writes one packet if there is room; `staged` goes beside it.
  ///
  /// Cost      one compare-and-swap, 64 bytes, and what is staged.
  template <class Content>
  Outcome push(const Content &content, Bytes staged = {});
  /// The same for a thread that has the lane to itself.
  ///
  /// Cost      64 bytes and what is staged.
  template <class Content>
  Outcome pushAlone(const Content &content, Bytes staged = {});
  /// The same for what `put(packet, mark)` writes there, to device memory by
  /// one store.
  template <class Write> Outcome pushAloneBy(const Write &put);

  /// Refuses packets from now on. Pushes that have their position end soon.
  void close() { tail_.fetch_or(Closed, std::memory_order_acq_rel); }
  /// Packets that got a position.
  [[nodiscard]] std::uint64_t pushed() const {
    return tail_.load(std::memory_order_acquire) & ~Closed;
  }
  /// Packets that the device has not read.
  [[nodiscard]] std::uint64_t left() const {
    const std::uint64_t read = readConsumed();
    return pushed() - read;
  }

private:
  /// How many packets ahead a line is asked for.
  static constexpr std::uint32_t PrefetchDistance = 6;
  /// How often the device is told how far it may read ahead: it reads this
  /// line so often that each write of it is slow.
  static constexpr std::uint64_t HintEvery = 16;
  static constexpr std::uint64_t Closed = std::uint64_t(1) << 63;

  /// Acquire: the device's reads of the slots before are over.
  [[nodiscard]] std::uint64_t readConsumed() const {
    return __atomic_load_n(consumed_, __ATOMIC_ACQUIRE);
  }
  bool hasRoom(std::uint64_t position);
  template <class Write> Outcome pushAloneTo(const Write &put);
  /// Device memory is written packet by packet and never read: its marks are
  /// all that tells of a packet.
  [[nodiscard]] bool isOnDevice() const { return hint_ == nullptr; }
  template <class Content>
  void write(std::uint64_t position, std::uint32_t mark, const Content &content,
             Bytes staged);
  void stage(std::uint64_t index, Bytes staged) {
    if (staged.size == 0)
      return;
    std::memcpy(staging_ + index * stride_, staged.data, staged.size);
    if (isOnDevice())
      fenceWholePackets();
  }
  void prepareFor(std::uint64_t position) const {
    if (!isOnDevice())
      prefetchPacket(ring_ + ((position + PrefetchDistance) & (capacity_ - 1)));
  }
  void tellOf(std::uint64_t position) {
    // Release: who sees it may take the packets before it without their marks.
    if (position % HintEvery == HintEvery - 1 && !isOnDevice())
      __atomic_store_n(hint_, position + 1, __ATOMIC_RELEASE);
  }
  /// `abi::ringMark` without its division.
  [[nodiscard]] std::uint32_t markOf(std::uint64_t position) const {
    return std::uint32_t(position >> shift_) % 0x7fffffffu + 1;
  }

  abi::Packet *const ring_;
  unsigned char *const staging_;
  const std::uint64_t *const consumed_;
  std::uint64_t *const hint_; ///< `HostLane::tail`
  const std::uint32_t capacity_;
  const std::uint32_t shift_; ///< capacity = 1 << shift
  const std::uint32_t stride_;
  std::uint32_t mark_ = 1; ///< of the lap of `tail_`; the owner's
  alignas(128) std::atomic<std::uint64_t> tail_{0};
  /// What was last seen in `*consumed_`, which the device's bus keeps busy.
  alignas(128) std::atomic<std::uint64_t> seen_{0};
};

inline bool LaneWriter::hasRoom(std::uint64_t position) {
  // Signed: a position that other threads have left behind has room, and its
  // compare-and-swap fails. Acquire pairs with the release below: another
  // thread's look at `*consumed_` counts for this one too.
  const auto room = std::int64_t(capacity_);
  if (std::int64_t(position - seen_.load(std::memory_order_acquire)) < room)
    return true;
  const std::uint64_t now = readConsumed();
  seen_.store(now, std::memory_order_release);
  return std::int64_t(position - now) < room;
}

template <class Content>
[[gnu::always_inline]] inline LaneWriter::Outcome
LaneWriter::push(const Content &content, Bytes staged) {
  std::uint64_t position = tail_.load(std::memory_order_relaxed);
  do {
    if (position & Closed)
      return Outcome::Closed;
    if (!hasRoom(position))
      return Outcome::Full;
    // Data is published by marks. Release, for whoever closes the lane: it then
    // sees what this thread did before it got in.
  } while (!tail_.compare_exchange_weak(position, position + 1,
                                        std::memory_order_release,
                                        std::memory_order_relaxed));
  write(position, markOf(position), content, staged);
  return Outcome::Written;
}

template <class Content>
[[gnu::always_inline]] inline void
LaneWriter::write(std::uint64_t position, std::uint32_t mark,
                  const Content &content, Bytes staged) {
  const std::uint64_t index = position & (capacity_ - 1);
  stage(index, staged);
  if (isOnDevice()) {
    writeWholePacket(ring_ + index, content, mark);
    return;
  }
  prepareFor(position);
  writePacket(ring_ + index, content, mark);
  tellOf(position);
}

template <class Content>
[[gnu::always_inline]] inline LaneWriter::Outcome
LaneWriter::pushAlone(const Content &content, Bytes staged) {
  return pushAloneTo([&](std::uint64_t position, std::uint32_t mark)
                         __attribute__((always_inline)) {
                           write(position, mark, content, staged);
                         });
}

template <class Write>
[[gnu::always_inline]] inline LaneWriter::Outcome
LaneWriter::pushAloneBy(const Write &put) {
  return pushAloneTo([&](std::uint64_t position, std::uint32_t mark)
                         __attribute__((always_inline)) {
                           prepareFor(position);
                           put(ring_ + (position & (capacity_ - 1)), mark);
                           tellOf(position);
                         });
}

template <class Write>
[[gnu::always_inline]] inline LaneWriter::Outcome
LaneWriter::pushAloneTo(const Write &put) {
  const std::uint64_t position = tail_.load(std::memory_order_relaxed);
  if (!hasRoom(position)) [[unlikely]]
    return Outcome::Full;
  // Another thread may have had this lane before, and written the mark of the
  // lap; it then gave the lane away with release.
  if ((position & (capacity_ - 1)) == 0) [[unlikely]]
    mark_ = markOf(position);
  put(position, mark_);
  tail_.store(position + 1, std::memory_order_release); // as in `pushAlone`
  return Outcome::Written;
}

} // namespace rk::runtime
