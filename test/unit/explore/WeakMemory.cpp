//===- WeakMemory.cpp - Histories of words --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "WeakMemory.h"

#include <algorithm>
#include <utility>

namespace rk::test {

void WeakMemory::reset(std::uint32_t threads) {
  words_.clear();
  threads_ = {};
  threadCount_ = threads;
  stores_ = 0;
}

WeakMemory::Word &WeakMemory::wordAt(const void *address, std::uint64_t value) {
  Word &word = words_[address];
  if (word.stores.empty())
    word.stores.push_back({value, 0, 0, {}}); // before everything
  return word;
}

/// The first store that `thread` may still read: no later one has happened
/// before, nor has a read of a later one.
std::uint32_t WeakMemory::oldestFor(std::uint32_t thread,
                                    const Word &word) const {
  const VectorClock &clock = threads_[thread].clock;
  auto oldest = std::uint32_t(word.stores.size() - 1);
  for (; oldest > 0; --oldest) {
    const Store &store = word.stores[oldest];
    if (clock.time[store.thread] >= store.when)
      break;
  }
  for (const Sight &sight : word.sights)
    if (sight.index > oldest && clock.time[sight.thread] >= sight.when)
      oldest = sight.index;
  return oldest;
}

void WeakMemory::see(std::uint32_t thread, Word &word, std::uint32_t index,
                     bool acquires) {
  Thread &self = threads_[thread];
  ++self.clock.time[thread];
  word.sights.push_back({thread, self.clock.time[thread], index});
  const VectorClock &carried = word.stores[index].carries;
  if (acquires)
    self.clock.join(carried);
  else
    self.unfenced.join(carried);
}

/// `continues`: a read-modify-write passes on what its predecessor carried.
void WeakMemory::append(std::uint32_t thread, Word &word, std::uint64_t value,
                        bool releases, bool continues) {
  Thread &self = threads_[thread];
  ++self.clock.time[thread];
  ++stores_;
  ++self.stores;
  VectorClock carries = releases ? self.clock : self.fenced;
  if (continues)
    carries.join(word.stores.back().carries);
  word.stores.push_back({value, thread, self.clock.time[thread], carries});
}

WeakMemory::Orders WeakMemory::weakened(const void *address, Kind kind,
                                        Orders orders) const {
  return weaken_ ? weaken_(address, kind, orders) : orders;
}

std::uint64_t WeakMemory::load(std::uint32_t thread, const void *address,
                               std::uint64_t newest, Orders orders) {
  orders = weakened(address, Kind::Load, orders);
  Word &word = wordAt(address, newest);
  const auto last = std::uint32_t(word.stores.size() - 1);
  const std::uint32_t back =
      choices_.choose(last - oldestFor(thread, word) + 1, true);
  threads_[thread].stale |= back != 0;
  see(thread, word, last - back, orders.acquires);
  return word.stores[last - back].value;
}

void WeakMemory::store(std::uint32_t thread, const void *address,
                       std::uint64_t before, std::uint64_t value,
                       Orders orders) {
  orders = weakened(address, Kind::Store, orders);
  append(thread, wordAt(address, before), value, orders.releases, false);
}

void WeakMemory::modify(std::uint32_t thread, const void *address,
                        std::uint64_t before, std::uint64_t value, bool writes,
                        Orders orders) {
  orders = weakened(address, Kind::Modify, orders);
  Word &word = wordAt(address, before);
  see(thread, word, std::uint32_t(word.stores.size() - 1), orders.acquires);
  if (writes)
    append(thread, word, value, orders.releases, true);
}

void WeakMemory::fence(std::uint32_t thread) {
  Thread &self = threads_[thread];
  self.clock.join(self.unfenced);
  self.fenced = self.clock;
}

void WeakMemory::use(std::uint32_t thread, const void *address) {
  VectorClock &clock = threads_[thread].clock;
  words_[address].uses.push_back({thread, ++clock.time[thread], 0});
}

bool WeakMemory::isUnused(std::uint32_t thread, const void *address) const {
  const auto word = words_.find(address);
  return word == words_.end() ||
         std::all_of(word->second.uses.begin(), word->second.uses.end(),
                     [&](const Sight &use) {
                       return threads_[thread].clock.time[use.thread] >=
                              use.when;
                     });
}

void WeakMemory::fenceEverywhere() {
  VectorClock all;
  for (std::uint32_t i = 0; i < threadCount_; ++i)
    all.join(threads_[i].clock);
  for (std::uint32_t i = 0; i < threadCount_; ++i)
    threads_[i].clock.join(all);
}

bool WeakMemory::takeStale(std::uint32_t thread) {
  return std::exchange(threads_[thread].stale, false);
}

} // namespace rk::test
