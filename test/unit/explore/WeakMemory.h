//===- WeakMemory.h - What a load may return --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Memory that keeps, for each word, the values that were stored there one
/// after the other, and lets a load return every one that C++'s memory model
/// does not forbid by happens-before and coherence.
///
/// Source    the way of D. Vyukov's Relacy: vector clocks; a release store
///           carries its thread's clock, and an acquire load takes it over.
/// Limits    a load returns nothing that is stored later, and a word's values
///           are in the order in which the stores ran: what hardware does by
///           delaying loads behind later stores is not shown.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Choices.h"

#include <array>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace rk::test {

inline constexpr std::uint32_t MostThreads = 5;

/// What each thread had done at some moment.
struct VectorClock {
  std::array<std::uint32_t, MostThreads> time{};

  void join(const VectorClock &other) {
    for (std::uint32_t i = 0; i < MostThreads; ++i)
      time[i] = std::max(time[i], other.time[i]);
  }
};

class WeakMemory {
public:
  enum class Kind { Load, Store, Modify };
  struct Orders {
    bool acquires = false;
    bool releases = false;
  };
  /// Says which orders an access has: takes some away, for a mistake on
  /// purpose.
  using Weaken = std::function<Orders(const void *, Kind, Orders)>;

  explicit WeakMemory(Choices &choices) : choices_(choices) {}

  /// Forgets everything: words have the value that is in the real memory.
  void reset(std::uint32_t threads);
  void weaken(Weaken weaken) { weaken_ = std::move(weaken); }

  /// `newest` is what the real memory holds.
  std::uint64_t load(std::uint32_t thread, const void *address,
                     std::uint64_t newest, Orders orders);
  /// `before` is what the real memory held.
  void store(std::uint32_t thread, const void *address, std::uint64_t before,
             std::uint64_t value, Orders orders);
  /// A read-modify-write sees the newest value; `writes` is false for a
  /// comparison that failed.
  void modify(std::uint32_t thread, const void *address, std::uint64_t before,
              std::uint64_t value, bool writes, Orders orders);
  void fence(std::uint32_t thread);
  /// Notes that the thread uses what it has read there.
  void use(std::uint32_t thread, const void *address);
  /// Whether every use is over for `thread`, so that it may write there.
  [[nodiscard]] bool isUnused(std::uint32_t thread, const void *address) const;
  /// A fence in every thread, as membarrier(2) makes one.
  void fenceEverywhere();

  /// Whether the thread has read a value that was not the newest since this was
  /// asked last.
  bool takeStale(std::uint32_t thread);
  [[nodiscard]] std::uint64_t storesOfOthers(std::uint32_t thread) const {
    return stores_ - threads_[thread].stores;
  }

private:
  struct Store {
    std::uint64_t value;
    std::uint32_t thread;
    std::uint32_t when;
    VectorClock carries;
  };
  /// Thread `thread` saw store number `index` at its time `when`.
  struct Sight {
    std::uint32_t thread;
    std::uint32_t when;
    std::uint32_t index;
  };
  struct Word {
    std::vector<Store> stores;
    std::vector<Sight> sights;
    std::vector<Sight> uses;
  };
  struct Thread {
    VectorClock clock;
    VectorClock fenced;   ///< the clock at the last fence
    VectorClock unfenced; ///< what relaxed loads saw; a fence takes it over
    bool stale = false;
    std::uint64_t stores = 0;
  };

  Word &wordAt(const void *address, std::uint64_t value);
  [[nodiscard]] std::uint32_t oldestFor(std::uint32_t thread,
                                        const Word &word) const;
  void see(std::uint32_t thread, Word &word, std::uint32_t index,
           bool acquires);
  void append(std::uint32_t thread, Word &word, std::uint64_t value,
              bool releases, bool continues);
  [[nodiscard]] Orders weakened(const void *address, Kind kind,
                                Orders orders) const;

  Choices &choices_;
  Weaken weaken_;
  std::unordered_map<const void *, Word> words_;
  std::array<Thread, MostThreads> threads_;
  std::uint32_t threadCount_ = 0;
  std::uint64_t stores_ = 0;
};

} // namespace rk::test
