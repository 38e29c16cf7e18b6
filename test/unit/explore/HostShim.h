//===- HostShim.h - The host's atomics, looked at ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Included before sources of `runtime/host`: what follows uses, in place of
/// the library's atomics, mutexes and waits, those of `Explorer.h`.
///
/// Limits    a sequentially consistent load returns the newest value, whatever
///           the order of the stores.
///
//===----------------------------------------------------------------------===//

#pragma once

// Everything that those sources include, before the names change.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "Explorer.h"

namespace rk::test {

/// Makes `LaneGroup::close` do without its fence: a mistake on purpose.
inline bool membarrierDoesNothing = false;

inline WeakMemory::Orders ordersOf(int order) {
  return {order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL ||
              order == __ATOMIC_SEQ_CST,
          order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL ||
              order == __ATOMIC_SEQ_CST};
}
template <class T> std::uint64_t bitsOf(T value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(value));
  return bits;
}
template <class T> T fromBits(std::uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

template <class T> T hostLoad(const T *from, int order) {
  Explorer *explorer = Explorer::current();
  if (!explorer)
    return *from;
  explorer->point();
  if (order == __ATOMIC_SEQ_CST) {
    explorer->memory().modify(explorer->thread(), from, bitsOf(*from), 0, false,
                              ordersOf(order));
    return *from;
  }
  return fromBits<T>(explorer->memory().load(explorer->thread(), from,
                                             bitsOf(*from), ordersOf(order)));
}
template <class T> void hostStore(T *to, T value, int order) {
  if (Explorer *explorer = Explorer::current()) {
    explorer->point();
    explorer->memory().store(explorer->thread(), to, bitsOf(*to), bitsOf(value),
                             ordersOf(order));
  }
  *to = value;
}
/// `change` takes the value there and says whether it is replaced.
template <class T, class Change> T hostModify(T *at, int order, Change change) {
  Explorer *explorer = Explorer::current();
  if (explorer)
    explorer->point();
  const T before = *at;
  T after = before;
  const bool writes = change(after);
  if (explorer)
    explorer->memory().modify(explorer->thread(), at, bitsOf(before),
                              bitsOf(after), writes, ordersOf(order));
  *at = after;
  return before;
}

/// Stand for the built-in functions. Threads do not change before the words of
/// a piece: without their mark they mean nothing to anybody.
template <class T> T builtinLoad(const T *from, int order) {
  Explorer *explorer = Explorer::current();
  if (!explorer || order != __ATOMIC_RELAXED)
    return hostLoad(from, order);
  return fromBits<T>(
      explorer->memory().load(explorer->thread(), from, bitsOf(*from), {}));
}
template <class T> void builtinStore(T *to, T value, int order) {
  Explorer *explorer = Explorer::current();
  if (explorer && order == __ATOMIC_RELEASE)
    explorer->expect(explorer->memory().isUnused(explorer->thread(), to),
                     "a packet is written while it may still be read");
  if (!explorer || order != __ATOMIC_RELAXED)
    return hostStore(to, value, order);
  explorer->memory().store(explorer->thread(), to, bitsOf(*to), bitsOf(value),
                           {});
  *to = value;
}

/// Stands for `std::atomic`.
template <class T> class explored_atomic {
public:
  constexpr explored_atomic(T value = T()) : value_(value) {}
  T load(std::memory_order order = std::memory_order_seq_cst) const {
    return hostLoad(&value_, int(order));
  }
  void store(T value, std::memory_order order = std::memory_order_seq_cst) {
    hostStore(&value_, value, int(order));
  }
  T exchange(T value, std::memory_order order = std::memory_order_seq_cst) {
    return hostModify(&value_, int(order), [=](T &at) {
      at = value;
      return true;
    });
  }
  T fetch_add(T value, std::memory_order order = std::memory_order_seq_cst) {
    return hostModify(&value_, int(order), [=](T &at) {
      at += value;
      return true;
    });
  }
  T fetch_sub(T value, std::memory_order order = std::memory_order_seq_cst) {
    return fetch_add(T(0) - value, order);
  }
  T fetch_or(T value, std::memory_order order = std::memory_order_seq_cst) {
    return hostModify(&value_, int(order), [=](T &at) {
      at |= value;
      return true;
    });
  }
  bool
  compare_exchange_strong(T &expected, T desired,
                          std::memory_order order = std::memory_order_seq_cst,
                          std::memory_order = std::memory_order_seq_cst) {
    const T before = hostModify(&value_, int(order), [&](T &at) {
      const bool equal = at == expected;
      at = equal ? desired : at;
      return equal;
    });
    return before == expected || (expected = before, false);
  }
  bool
  compare_exchange_weak(T &expected, T desired,
                        std::memory_order order = std::memory_order_seq_cst,
                        std::memory_order failure = std::memory_order_seq_cst) {
    return compare_exchange_strong(expected, desired, order, failure);
  }
  operator T() const { return load(); }

private:
  T value_;
};

/// Stands for `std::mutex`.
class explored_mutex {
public:
  void lock() {
    while (!try_lock())
      Explorer::current()->wait();
  }
  bool try_lock() { return !locked_.exchange(true, std::memory_order_acquire); }
  void unlock() { locked_.store(false, std::memory_order_release); }

private:
  explored_atomic<bool> locked_{false};
};

/// Stands for `std::this_thread`.
namespace explored_this_thread {
inline void yield() { Explorer::current()->wait(); }
template <class Duration> void sleep_for(Duration) { yield(); }
} // namespace explored_this_thread

template <class... Arguments>
long exploredSyscall(long number, Arguments... arguments) {
  const std::uint64_t words[] = {bitsOf(arguments)...};
  Explorer *explorer = Explorer::current();
  if (!explorer)
    return 0;
  if (number == SYS_membarrier &&
      words[0] == MEMBARRIER_CMD_PRIVATE_EXPEDITED && !membarrierDoesNothing)
    explorer->memory().fenceEverywhere();
  if (number == SYS_futex && words[1] == FUTEX_WAIT_PRIVATE &&
      *reinterpret_cast<const std::uint32_t *>(words[0]) ==
          std::uint32_t(words[2]))
    explorer->wait();
  return 0;
}

} // namespace rk::test

namespace std {
using rk::test::explored_atomic;
using rk::test::explored_mutex;
namespace explored_this_thread = rk::test::explored_this_thread;
} // namespace std

#define atomic explored_atomic
#define mutex explored_mutex
#define this_thread explored_this_thread
#define syscall rk::test::exploredSyscall
#define __atomic_load_n rk::test::builtinLoad
#define __atomic_store_n rk::test::builtinStore
