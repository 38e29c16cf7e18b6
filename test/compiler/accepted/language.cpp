// RUN: %frontend %s | FileCheck %s
// RUN: %gxx %s
// RUN: %clangxx %s

// What of C++ works in a handler. The same file is host code without a warning.

#include <rk/actor.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace shop {

struct Sort {
  std::array<int, 16> values;
};
struct Sorted {
  std::array<int, 16> values;
  int median;
};
enum class Colour : std::uint8_t { Red, Green };
struct Describe {
  Colour colour;
  std::optional<int> weight;
  std::variant<int, float> size;
  bool operator==(const Describe &) const = default;
};
struct [[rk::message]] Unused {
  double value;
};

// Class templates and concepts.
template <class T>
concept Number = std::integral<T> || std::floating_point<T>;

template <Number T> struct Add {
  T value;
};
template <Number T> struct Sum {
  T value;
};

// Virtual functions on local objects.
struct Shape {
  virtual ~Shape() = default;
  virtual int area() const = 0;
};
struct Square final : Shape {
  explicit Square(int side) : side(side) {}
  int area() const override { return side * side; }
  int side;
};
struct Line final : Shape {
  int area() const override { return 0; }
};

// Tables of functions, and constant tables.
inline int twice(int value) { return 2 * value; }
inline int negate(int value) { return -value; }
constexpr std::array<int (*)(int), 2> operations = {twice, negate};
constexpr auto squares = [] {
  std::array<int, 64> table{};
  for (int index = 0; index < 64; ++index)
    table[std::size_t(index)] = index * index;
  return table;
}();
inline int constantStart = 7;

constexpr int fibonacci(int n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
int ackermann(int m, int n);

template <class... Values> constexpr auto total(Values... values) {
  return (values + ... + 0);
}

// A base that gives every actor the same handler.
struct Reset {};
template <class Derived> struct Resettable {
  [[rk::handler]] void on(Reset) {
    static_cast<Derived *>(this)->clear();
  }
};

template <Number T> class [[rk::actor]] Accumulator {
public:
  [[rk::handler]] void on(Add<T> add) { sum_ += add.value; }
  [[rk::handler]] Sum<T> on(const Sum<T> &) const { return {sum_}; }

private:
  T sum_ = 0;
};
template class Accumulator<int>;

class [[rk::actor]] Worker : public Resettable<Worker> {
public:
  using Resettable<Worker>::on;
  Worker() = default;
  explicit Worker(rk::ActorRef<Accumulator<double>> sink) : sink_(sink) {}

  [[rk::handler(rk::Lanes::One)]] Sorted on(const Sort &message) {
    Sorted result{message.values, 0};
    std::sort(result.values.begin(), result.values.end(), std::greater<>());
    std::span<const int> view(result.values);
    result.median = view[view.size() / 2];
    auto evens = result.values |
                 std::views::filter([](int value) { return value % 2 == 0; });
    for (int value : evens)
      total_ += value;
    total_ += std::accumulate(view.begin(), view.end(), 0);
    total_ += *std::max_element(view.begin(), view.end());
    total_ += int(std::ranges::count_if(view, [this](int value) {
      return value > total_;
    }));
    return result;
  }

  [[rk::handler(rk::Lanes::Warp)]] void on(const Describe &message,
                                           rk::Context &context) {
    using namespace std::literals;
    total_ += message.weight.value_or(3);
    if (message.weight)
      total_ += *message.weight;
    total_ += std::visit([](auto value) { return int(value); }, message.size);
    auto [low, high] = std::minmax(total_, 12);
    std::tuple<int, float> pair{low, 2.5f};
    total_ += high + std::get<0>(pair);
    total_ += shapes(low) + operations[std::size_t(low & 1)](high);
    total_ += squares[std::size_t(high & 63)] + constantStart + fibonacci(6);
    total_ += ackermann(1, low & 3) + total(1, 2, 3);
    std::string_view name = message.colour == Colour::Red ? "red"sv : "green"sv;
    total_ += int(name.size()) + (name.find('e') != std::string_view::npos);
    total_ += int(math(double(total_)));
    auto counter = [count = 0]() mutable { return ++count; };
    counter();
    total_ += counter() + std::popcount(unsigned(total_));
    char bytes[8];
    std::memcpy(bytes, &total_, sizeof total_);
    std::memset(bytes + 4, 0, 4);
    total_ ^= std::bit_cast<std::array<int, 2>>(bytes)[1];
    static constexpr int Local[] = {1, 2, 3};
    static int constantLocal = 4;
    total_ += Local[low & 1] + constantLocal + int(__int128(total_) >> 3);
    assert(total_ != 0x7fffffff);
    switch (message.colour) {
    case Colour::Red:
      context.send(sink_, Add<double>{double(total_)});
      break;
    case Colour::Green:
      context.spawn<Worker>(sink_);
      break;
    }
  }

  void clear() { total_ = 0; }

private:
  static int shapes(int side) {
    Square square(side);
    Line line;
    const Shape *const all[] = {&square, &line};
    int area = 0;
    for (const Shape *shape : all)
      area += shape->area();
    return area;
  }

  static double math(double value) {
    return std::sin(value) + std::exp(value) + std::pow(value, 1.5) +
           std::sqrt(value) + std::fma(value, 2.0, 1.0) + std::floor(value) +
           std::hypot(value, 2.0) + std::erf(value) + std::atan2(value, 1.0) +
           double(std::sin(float(value))) + double(std::cbrt(float(value))) +
           std::abs(value) + std::fmod(value, 3.0) + std::round(value) +
           std::numeric_limits<double>::epsilon();
  }

  rk::ActorRef<Accumulator<double>> sink_;
  int total_ = 0;
};

int ackermann(int m, int n) {
  if (m == 0)
    return n + 1;
  return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

} // namespace shop

// Host code in the same file may do what it likes.
static std::map<std::string, std::vector<int>> hostTable = {{"one", {1}}};
static thread_local std::string perThread = "host";

int main(int argc, char **argv) {
  try {
    if (argc > 3)
      throw std::runtime_error(argv[1]);
    auto owned = std::make_unique<int>(argc);
    std::cout << *owned << perThread << hostTable.size() << "\n";
  } catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
  }
}

// CHECK-DAG: rk.message @"shop::Add<double>" {align = 8 : i64, hash = {{-?[0-9]+}} : i64, size = 8 : i64, tag = "_ZN2rk6detail7typeTagIN4shop3AddIdEEEE"}
// CHECK-DAG: rk.message @"shop::Sum<int>"
// CHECK-DAG: rk.message @"shop::Unused"
// CHECK-DAG: rk.actor @"shop::Accumulator<double>"
// CHECK-DAG: rk.actor @"shop::Accumulator<int>"
// CHECK-DAG: rk.actor @"shop::Worker"
// CHECK:       rk.state "sink_" {offset = 0 : i64, size = 8 : i64}
// CHECK-NEXT:  rk.state "total_" {offset = 8 : i64, size = 4 : i64}
// CHECK-NEXT:  rk.handler @"shop::Describe" calls @{{.*}} {lanes = #rk.lanes<warp>}
// CHECK-NEXT:  rk.handler @"shop::Reset" calls @{{.*}} {lanes = #rk.lanes<one>}
// CHECK-NEXT:  rk.handler @"shop::Sort" calls @{{.*}} replies @"shop::Sorted" {lanes = #rk.lanes<one>}
// CHECK-NOT: global_ctors
// CHECK-NOT: @main
// CHECK-NOT: hostTable
// CHECK-NOT: @__cxa_
// CHECK-NOT: target_cpu
