// RUN: %refuse %s 2>&1 | FileCheck %s

// A throw that a handler reaches is reported at the user's line, with the way
// to it; one that only the host reaches is not.

#include <rk/actor.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <variant>

struct Tick { int count; };
struct Tock { int count; };

static int hostOnly(int count) {
  if (count)
    throw std::runtime_error("host");
  return 0;
}

[[gnu::noinline]] static int checked(int count) {
  if (count < 0)
    // CHECK: throwing.cpp:[[@LINE+1]]:5: error: an exception can be thrown here, and a handler cannot throw: check first, or return a status
    throw std::invalid_argument("negative");
  // CHECK: throwing.cpp:[[@LINE+6]]:48: note: called from 'Thrower::on(Tock)' here
  return count;
}

class [[rk::actor]] Thrower {
public:
  [[rk::handler]] void on(Tock tock) { sum_ += checked(tock.count); }
  [[rk::handler]] void on(Tick tick) {
    std::array<int, 4> values{};
    // CHECK: throwing.cpp:[[@LINE+2]]:12: error: an exception can be thrown here
    // CHECK: array:{{[0-9]+}}:{{[0-9]+}}: note: in 'std::array<int, 4ul>::at(unsigned long)', called from that line
    values.at(tick.count) = 1;
    std::optional<int> maybe = tick.count > 3 ? std::optional(3) : std::nullopt;
    // CHECK: throwing.cpp:[[@LINE+1]]:19: error: an exception can be thrown here
    sum_ += maybe.value();
    try {
      sum_ += 1;
    } catch (...) {
      hostOnly(3);
    }
    // Never without a value, so never throws.
    std::variant<int, float> either = tick.count;
    sum_ += std::visit([](auto value) { return int(value); }, either);
  }

private:
  int sum_ = 0;
};

int main() {
  try {
    return hostOnly(1);
  } catch (const std::exception &) {
    return 1;
  }
}
