// RUN: %frontend %s | FileCheck %s
// RUN: %gxx %s
// RUN: %clangxx %s

// A coroutine that ends where it started needs no memory of its own.

#include <rk/actor.h>

#include <coroutine>
#include <exception>

struct Generator {
  struct promise_type {
    int current = 0;
    Generator get_return_object() {
      return Generator{
          std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int value) noexcept {
      current = value;
      return {};
    }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
  explicit Generator(std::coroutine_handle<promise_type> handle)
      : handle(handle) {}
  Generator(const Generator &) = delete;
  ~Generator() { handle.destroy(); }
  bool next() {
    handle.resume();
    return !handle.done();
  }
  std::coroutine_handle<promise_type> handle;
};

static Generator upTo(int limit) {
  for (int value = 0; value < limit; ++value)
    co_yield value;
}

struct Count {
  int limit;
};

class [[rk::actor]] Counter {
public:
  [[rk::handler]] void on(Count count) {
    Generator numbers = upTo(count.limit);
    while (numbers.next())
      sum_ += numbers.handle.promise().current;
  }

private:
  int sum_ = 0;
};

// CHECK: rk.actor @Counter
// CHECK-NOT: _Znwm
// CHECK-NOT: llvm.coro
