//===- CpuFloors.cpp - What a processor can do at most --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "CpuFloors.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <sys/mman.h>

namespace {

constexpr double Budget = 0.4;
constexpr std::size_t LargePage = std::size_t(2) << 20;

struct Free {
  void operator()(void *memory) const { std::free(memory); }
};
template <class T> using Array = std::unique_ptr<T[], Free>;

template <class T> Array<T> make(std::size_t count) {
  const std::size_t bytes =
      (count * sizeof(T) + LargePage - 1) / LargePage * LargePage;
  void *memory = std::aligned_alloc(LargePage, bytes);
  if (!memory)
    std::abort();
  (void)madvise(memory, bytes, MADV_HUGEPAGE);
  return Array<T>(static_cast<T *>(memory));
}

/// Calls `work(thread)` in that many threads.
void inThreads(unsigned threads, const std::function<void(unsigned)> &work) {
  std::vector<std::thread> others;
  for (unsigned thread = 1; thread < threads; ++thread)
    others.emplace_back(work, thread);
  work(0);
  for (std::thread &other : others)
    other.join();
}

/// Returns the least seconds of `step(thread)`, which all threads do together,
/// again and again for a while.
double leastSeconds(unsigned threads,
                    const std::function<void(unsigned)> &step) {
  using Clock = std::chrono::steady_clock;
  double least = 1e300;
  bool ends = false;
  Clock::time_point begin = Clock::now();
  const Clock::time_point start = begin;
  std::barrier together(threads, [&]() noexcept {
    const Clock::time_point now = Clock::now();
    least = std::min(least, std::chrono::duration<double>(now - begin).count());
    ends = std::chrono::duration<double>(now - start).count() > Budget;
    begin = Clock::now();
  });
  inThreads(threads, [&](unsigned thread) {
    do {
      step(thread);
      together.arrive_and_wait();
    } while (!ends);
  });
  return least;
}

} // namespace

CpuFloors measureFloors(unsigned threads, unsigned long megabytes) {
  const std::size_t count = megabytes * 1000000 / sizeof(float);
  const Array<float> fromArray = make<float>(count),
                     toArray = make<float>(count);
  auto each = [&](auto part) {
    return [&, part](unsigned thread) {
      const std::size_t first = count * thread / threads,
                        last = count * (thread + 1) / threads;
      part(fromArray.get() + first, toArray.get() + first, last - first);
    };
  };
  inThreads(threads, each([](float *from, float *to, std::size_t size) {
              std::fill_n(from, size, 1.0f);
              std::fill_n(to, size, 2.0f);
            }));
  CpuFloors floors;
  floors.copy =
      8.0 * double(count) /
      leastSeconds(threads, each([](const float *__restrict from,
                                    float *__restrict to, std::size_t size) {
                     for (std::size_t i = 0; i < size; ++i)
                       to[i] = from[i];
                   }));
  floors.update =
      12.0 * double(count) /
      leastSeconds(threads, each([](const float *__restrict from,
                                    float *__restrict to, std::size_t size) {
                     for (std::size_t i = 0; i < size; ++i)
                       to[i] = from[i] - to[i];
                   }));
  return floors;
}

template <class T> double plainRate(unsigned threads, long n) {
  const long pitch = n + 64, plane = pitch * (n + 2);
  const auto count = std::size_t(plane * (n + 2));
  const Array<T> first = make<T>(count), second = make<T>(count + 288);
  T *now = first.get() + plane + pitch + 32;
  T *before = second.get() + 288 + plane + pitch + 32;
  auto range = [&](unsigned thread) {
    return std::pair(n * long(thread) / long(threads),
                     n * long(thread + 1) / long(threads));
  };
  inThreads(threads, [&](unsigned thread) {
    std::fill_n(first.get() + count * thread / threads, count / threads, T(0));
    std::fill_n(second.get() + count * thread / threads, count / threads, T(0));
  });
  std::vector<std::pair<T *, T *>> turns(threads, {now, before});
  const double seconds = leastSeconds(threads, [&](unsigned thread) {
    auto &[from, to] = turns[thread];
    const auto [begin, end] = range(thread);
    for (long z = begin; z < end; ++z)
      for (long y = 0; y < n; ++y) {
        const T *__restrict row = from + z * plane + y * pitch;
        T *__restrict out = to + z * plane + y * pitch;
        for (long x = 0; x < n; ++x) {
          const T here = row[x];
          const T around = row[x + 1] + row[x - 1] + row[x + pitch] +
                           row[x - pitch] + row[x + plane] + row[x - plane];
          out[x] = 2 * here - out[x] + T(0.25) * (around - 6 * here);
        }
      }
    std::swap(from, to);
  });
  return double(n) * double(n) * double(n) / seconds;
}

template double plainRate<float>(unsigned threads, long n);
template double plainRate<double>(unsigned threads, long n);
