// RUN: %refuse %s 2>&1 | FileCheck %s

// Memory from the heap, however it is asked for.

#include <rk/actor.h>

#include <coroutine>
#include <cstdlib>
#include <exception>
#include <vector>

struct Tick {
  int count;
};

struct Task {
  struct promise_type {
    Task get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

class [[rk::actor]] Wasteful {
public:
  [[rk::handler]] void on(Tick tick) {
    std::vector<int> values;
    // CHECK: allocation.cpp:[[@LINE+1]]:12: error: a handler cannot allocate memory: keep the data in the actor's state, in a std::array, or behind a rk::device_ptr<T>
    values.push_back(tick.count);
    sum_ += values.back();
    // CHECK: error: a handler cannot allocate memory
    address_ = reinterpret_cast<unsigned long>(std::malloc(16));
    // CHECK: error: a handler cannot free memory: keep the data in the actor's state, in a std::array, or behind a rk::device_ptr<T>
    std::free(reinterpret_cast<void *>(address_ + 1));
    kept_ = reinterpret_cast<unsigned long>(start(tick.count).handle.address());
  }

private:
  // CHECK: allocation.cpp:[[@LINE+1]]:8: error: a handler cannot allocate memory
  Task start(int count) {
    sum_ += count;
    co_return;
  }

  unsigned long address_ = 0, kept_ = 0;
  int sum_ = 0;
};
