//===- Main.cpp - Cells per second of each plan --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// rk-bench-stencils [--threads=<number>] [--plan=<name>] [--2d] [--radius-4]
/// [--open] [--json] [--record] [--short-runs] [<cells along each axis>...]:
/// runs waves with fixed faces, by each plan and by the one that is taken by
/// itself, in float and double; with --2d in two dimensions. With --open, all
/// faces absorb, in layers of ten cells, a source adds to one cell in each
/// step, and a probe records another. With --short-runs, it prints how long
/// runs of few steps take instead. With --json, one row of the record a line,
/// as bench/common/Rows.h has it;
/// --record gives those of docs/performance.md. A measurement ends when the
/// device has finished.
///
/// Each grid of at most 128^3 cells is checked against one step by step
/// computation in plain C++, bit for bit. Of others, the sum of all values,
/// that of their squares and the largest have to be those of plan `global`,
/// which are computed in one order everywhere. On the CPU, rows stand beside
/// what its memory does and beside three loops written by hand.
///
//===----------------------------------------------------------------------===//

#include "CpuFloors.h"
#include "Plain.h"

#include "../common/Parts.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>
#include <thread>

namespace {

using rkbench::Better;

constexpr int CheckedSteps = 10;
constexpr long MostCells = 1 << 20; ///< along an axis
constexpr std::size_t LeastRepetitions = 3;
constexpr double MostChecked = 128 * 128 * 128;
/// Units     seconds of a row, and of one repetition on a CPU.
constexpr double Budget = 0.6, RecordBudget = 0.2, CpuRepetition = 0.05;

struct Options {
  rk::StencilOptions stencil;
  bool isJson = false, isRecord = false, isShort = false;
  bool isFlat = false, isWide = false, isOpen = false;
  std::vector<long> sizes;

  [[nodiscard]] Equation equation() const {
    using enum Equation;
    return isFlat ? isWide ? WideMembrane : Membrane : isWide ? Wide : Wave;
  }
  std::vector<std::string> plans;
};

struct Context {
  Options options;
  unsigned threads = 0; ///< of the CPU back end; 0: on a GPU
  CpuFloors floors;
  /// What plan `global` has after `CheckedSteps`, of grids that no plain loop
  /// computes.
  std::map<std::string, std::array<double, 3>> sums;
};

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// What all plans begin with on a grid, and what plain loops make of it.
template <class T> class Reference {
public:
  explicit Reference(const Shape &shape)
      : start(::start<T>(shape)), shape_(shape) {}

  /// After `CheckedSteps`; computed once.
  const std::vector<T> &result() {
    if (result_.empty()) {
      result_ = start;
      std::vector<T> before(start.size());
      for (int step = 0; step < CheckedSteps; ++step) {
        plainStep(shape_, result_, before);
        std::swap(result_, before);
      }
    }
    return result_;
  }

  const std::vector<T> start;

private:
  const Shape shape_;
  std::vector<T> result_;
};

/// A source for so many steps.
template <class T, class S, class Member>
bool feed(rk::Stencil<S> &stencil, Member field, const Shape &shape,
          std::int64_t steps) {
  std::vector<T> values(std::size_t(steps), T(0.25));
  return stencil
      .inject(field,
              rk::GridPoint{shape.n / 3, shape.n / 2, shape.planes() / 2},
              values)
      .isOk();
}

/// Makes steps from the beginning; returns how the cells were checked, or
/// nothing.
template <class T, class S, class Member>
std::optional<std::string>
check(Context &context, rk::Stencil<S> &stencil, Member field,
      const Shape &shape, const std::string &grid, Reference<T> &reference) {
  const bool hasPlain = shape.cells() <= MostChecked && !shape.isOpen;
  if (!stencil.set(field, reference.start).isOk())
    return {};
  std::vector<T> values(hasPlain ? reference.start.size() : 0);
  if ((hasPlain && !stencil.set(field, values, 1).isOk()) ||
      (shape.isOpen && !feed<T>(stencil, field, shape, CheckedSteps)) ||
      !stencil.run(CheckedSteps).isOk())
    return {};
  if (hasPlain)
    return stencil.get(field, values).isOk() && values == reference.result()
               ? std::optional("all cells after 10 steps, bit by bit")
               : std::nullopt;
  const std::array<double, 3> sums = {stencil.sum(field).value(),
                                      stencil.sumOfSquares(field).value(),
                                      stencil.maximum(field).value()};
  const auto [known, isFirst] = context.sums.insert({grid, sums});
  if (isFirst)
    return "its sums after 10 steps are what other plans are checked by";
  return known->second == sums
             ? std::optional("sum, squares and maximum after 10 steps, as " +
                             context.options.plans.front())
             : std::nullopt;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// Returns the seconds of a run of `steps` steps.
template <class S>
double secondsOf(rk::Stencil<S> &stencil, std::int64_t steps) {
  const auto begin = rkbench::Clock::now();
  if (!stencil.run(steps).isOk())
    return -1;
  return rkbench::secondsSince(begin);
}
/// The same with a source, if there is one.
template <class T, class S, class Member>
double fedSecondsOf(rk::Stencil<S> &stencil, Member field, const Shape &shape,
                    std::int64_t steps) {
  if (shape.isOpen && !feed<T>(stencil, field, shape, steps))
    return -1;
  return secondsOf(stencil, steps);
}

/// Returns the seconds of a step in each repetition; none if one failed.
template <class T, class S, class Member>
std::vector<double> stepTimes(rk::Stencil<S> &stencil, Member field,
                              const Shape &shape, double budget) {
  auto steps =
      std::clamp<std::int64_t>(std::int64_t(2e10 / shape.cells()), 16, 20000);
  const double probe = fedSecondsOf<T>(stencil, field, shape, 16);
  if (stencil.device() == "cpu")
    steps = std::clamp<std::int64_t>(
        std::int64_t(CpuRepetition * 16 / std::max(probe, 1e-9)), 16, 20000);
  std::vector<double> times;
  double spent = 0;
  while (times.size() < LeastRepetitions || spent < budget) {
    const double taken = fedSecondsOf<T>(stencil, field, shape, steps);
    if (taken < 0)
      return {};
    times.push_back(taken / double(steps));
    spent += taken;
  }
  return times;
}

void report(const Context &context, const std::string &grid,
            const std::string &plan, const std::string &device,
            const Shape &shape, std::size_t bytesOfValue,
            std::vector<double> times, const std::string &checked) {
  const double least = *std::min_element(times.begin(), times.end());
  if (context.options.isJson) {
    for (double &time : times)
      time = shape.cells() / time * 1e-9;
    rkbench::print(rkbench::summarize("stencil-" + grid + "-" + plan,
                                      "Gcells/s", std::move(times),
                                      Better::Higher, checked));
    return;
  }
  const double rate = shape.cells() / least;
  const double bytes = rate * 3 * double(bytesOfValue);
  std::printf("%-20s plan %-9s on %s: %8.2f Gcells/s, %9.2f us a step, "
              "%7.1f GB/s of 3 values a cell",
              grid.c_str(), plan.c_str(), device.c_str(), rate * 1e-9,
              least * 1e6, bytes * 1e-9);
  if (context.floors.update > 0)
    std::printf(", %.2f of an update in place, %.2f of a copy",
                bytes / context.floors.update, bytes / context.floors.copy);
  std::printf("; checked: %s\n", checked.c_str());
}

bool fail(const Context &context, const std::string &name,
          const std::string &why) {
  if (context.options.isJson)
    rkbench::printFailure("stencil-" + name, why);
  else
    std::printf("%s: %s\n", name.c_str(), why.c_str());
  return false;
}

/// The least microseconds of runs of a few steps.
template <class S>
bool reportShort(rk::Stencil<S> &stencil, const std::string &name) {
  std::printf("%-28s", name.c_str());
  for (const int steps : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 63, 128}) {
    double least = 1;
    for (int repetition = 0; repetition < 20; ++repetition)
      least = std::min(least, secondsOf(stencil, steps));
    if (least < 0)
      return false;
    std::printf(" %d: %.1f", steps, least * 1e6);
  }
  std::printf("\n");
  return true;
}

template <class T, class S, class Member>
bool measure(Context &context, const std::string &grid, Member field,
             const Shape &shape, const std::string &plan,
             Reference<T> &reference) {
  rk::StencilOptions options = context.options.stencil;
  options.plan = plan == "auto" ? "" : plan;
  const std::string name = grid + "-" + plan;
  constexpr std::int64_t LayerCells = 10;
  if (shape.isOpen)
    options.faces.fill({rk::Boundary::Absorbing, 0, LayerCells});
  auto stencil = rk::Stencil<S>::create({}, shape.extent(), options);
  if (!stencil.isOk()) {
    // A plan need not fit every grid and device.
    if (stencil.status().code() != rk::StatusCode::InvalidArgument)
      return fail(context, name, stencil.status().message());
    std::fprintf(context.options.isJson ? stderr : stdout, "%s: %s\n",
                 name.c_str(), stencil.status().message().c_str());
    return true;
  }
  if (shape.isOpen &&
      !stencil->probe(field, {shape.n / 2, shape.n / 3, shape.planes() / 2})
           .isOk())
    return fail(context, name, "its probe was refused");
  const auto checked =
      check<T>(context, *stencil, field, shape, grid, reference);
  if (!checked)
    return fail(context, name, "its cells are wrong");
  if (context.options.isShort)
    return reportShort(*stencil, name);
  std::vector<double> times = stepTimes<T>(
      *stencil, field, shape, context.options.isJson ? RecordBudget : Budget);
  if (times.empty())
    return fail(context, name, "a run failed");
  report(context, grid, plan, std::string(stencil->device()), shape, sizeof(T),
         std::move(times),
         *checked +
             (plan == "auto" ? "; took " + std::string(stencil->plan()) : ""));
  return true;
}

/// Of the largest grids in double, values take seconds to bring to the device.
bool isMeasured(const Options &options, const Shape &shape,
                const std::string &plan, std::size_t bytesOfValue) {
  constexpr double MostBytes = double(std::int64_t(1) << 32);
  return !options.isRecord ||
         shape.cells() * double(bytesOfValue) <= MostBytes ||
         plan == "global" || plan == "auto";
}

template <class T>
bool measureAll(Context &context, const char *type, const Shape &shape) {
  const std::string grid = shape.text() + "-" + type;
  if (context.threads != 0 && shape.equation == Equation::Wave &&
      !shape.isOpen) {
    const double rate = plainRate<T>(context.threads, shape.n) * 1e-9;
    if (context.options.isJson)
      rkbench::print(rkbench::summarize("stencil-hand-" + grid, "Gcells/s",
                                        {rate}, Better::Higher,
                                        "three loops, not checked"));
    else
      std::printf("%-20s plain loops   : %8.2f Gcells/s\n", grid.c_str(), rate);
  }
  Reference<T> reference(shape);
  bool good = true;
  for (const std::string &plan : context.options.plans) {
    if (!isMeasured(context.options, shape, plan, sizeof(T)))
      continue;
    bool right = false;
    switch (shape.equation) {
    case Equation::Wave:
      right = measure<T, Wave<T>>(context, grid, &Wave<T>::pressure, shape,
                                  plan, reference);
      break;
    case Equation::Membrane:
      right = measure<T, Membrane<T>>(context, grid, &Membrane<T>::height,
                                      shape, plan, reference);
      break;
    case Equation::Wide:
      right = measure<T, Wide<T>>(context, grid, &Wide<T>::pressure, shape,
                                  plan, reference);
      break;
    case Equation::WideMembrane:
      right = measure<T, WideMembrane<T>>(
          context, grid, &WideMembrane<T>::height, shape, plan, reference);
      break;
    }
    good = right && good;
  }
  return good;
}

//===----------------------------------------------------------------------===//
// What is measured
//===----------------------------------------------------------------------===//

/// The grids of the record.
std::vector<Shape> recorded(bool isGpu) {
  using enum Equation;
  constexpr bool IsOpen = true;
  if (!isGpu)
    return {{64, Wave},       {128, Wave}, {256, Wave},        {512, Wave},
            {4096, Membrane}, {128, Wide}, {128, Wave, IsOpen}};
  return {{64, Wave},
          {96, Wave},
          {128, Wave},
          {192, Wave},
          {256, Wave},
          {512, Wave},
          {1024, Wave},
          {1024, Membrane},
          {2048, Membrane},
          {4096, Membrane},
          {8192, Membrane},
          {16384, Membrane},
          {32768, Membrane},
          {128, Wide},
          {192, Wide},
          {256, Wide},
          {512, Wide},
          {4096, WideMembrane},
          {16384, WideMembrane},
          {64, Wave, IsOpen},
          {128, Wave, IsOpen},
          {512, Wave, IsOpen}};
}

std::vector<Shape> shapesOf(const Options &options, bool isGpu) {
  if (options.isRecord)
    return recorded(isGpu);
  std::vector<Shape> shapes;
  for (const long n : options.sizes)
    shapes.push_back({n, options.equation(), options.isOpen});
  return shapes;
}

bool readWord(Options &options, std::string_view text) {
  if (text == "--2d")
    options.isFlat = true;
  else if (text == "--radius-4")
    options.isWide = true;
  else if (text == "--open")
    options.isOpen = true;
  else if (text == "--json")
    options.isJson = true;
  else if (text == "--short-runs")
    options.isShort = true;
  else if (text == "--record")
    options.isJson = options.isRecord = true;
  else if (text.starts_with("--threads="))
    return rkbench::acceptNumber(text.substr(10), options.stencil.threads, 0u,
                                 4096u);
  else if (text.starts_with("--plan="))
    options.plans.emplace_back(text.substr(7));
  else if (text == "--backend=cpu")
    options.stencil.backend = rk::BackendKind::Cpu;
  else if (text == "--backend=cuda")
    options.stencil.backend = rk::BackendKind::Cuda;
  else if (text == "--backend=auto")
    options.stencil.backend = rk::BackendKind::Automatic;
  else if (long n = 0; rkbench::acceptNumber(text, n, 1L, MostCells))
    options.sizes.push_back(n);
  else
    return false;
  return true;
}

void printUsage() {
  std::puts(
      "Usage: rk-bench-stencils [OPTION]... [CELLS]...\n\n"
      "Runs waves on grids with CELLS along each axis, by each plan.\n"
      "  --2d                      in two dimensions\n"
      "  --radius-4                with 25 points\n"
      "  --plan=NAME               this plan; may come several times\n"
      "  --backend=cpu|cuda|auto   where to run\n"
      "  --threads=N               of the CPU, up to 4096; 0: all\n"
      "  --json                    a JSON object a line\n"
      "  --record                  the grids of the record, as JSON\n"
      "  --short-runs              how long runs of few steps take instead");
}

Options parse(int count, char **arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--help") {
      printUsage();
      std::exit(0);
    }
    if (!readWord(options, arguments[i])) {
      std::fprintf(stderr,
                   "rk-bench-stencils: '%s' is no option, or a number that is "
                   "none or too large; see --help\n",
                   arguments[i]);
      std::exit(2);
    }
  }
  if (options.sizes.empty())
    options.sizes = options.isFlat
                        ? std::vector<long>{1024, 4096, 8192}
                        : std::vector<long>{64, 96, 128, 192, 256, 512};
  if (options.plans.empty())
    options.plans = {"global", "streaming", "temporal", "resident", "auto"};
  return options;
}

void measureCpu(Context &context) {
  const unsigned asked = context.options.stencil.threads;
  context.threads =
      asked != 0 ? asked : std::max(1u, std::thread::hardware_concurrency());
  context.floors = measureFloors(context.threads, 512);
  if (!context.options.isJson) {
    std::printf("%u threads: copy %.1f GB/s, update in place %.1f GB/s\n",
                context.threads, context.floors.copy * 1e-9,
                context.floors.update * 1e-9);
    return;
  }
  for (const auto &[name, rate] :
       {std::pair("device-copy", context.floors.copy),
        std::pair("device-update-in-place", context.floors.update)})
    rkbench::print(rkbench::summarize(
        name, "GB/s", {rate * 1e-9}, Better::Higher,
        std::to_string(context.threads) + " threads, 512 MB"));
}

} // namespace

int main(int count, char **arguments) {
  Context context;
  context.options = parse(count, arguments);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto probe =
      rk::Stencil<Wave<float>>::create({}, {8, 8, 8}, context.options.stencil);
  if (!probe.isOk()) {
    fail(context, "device", probe.status().message());
    return 1;
  }
  const bool isGpu = probe->device() != "cpu";
  if (!isGpu)
    measureCpu(context);
  bool good = true;
  for (const Shape &shape : shapesOf(context.options, isGpu)) {
    good = measureAll<float>(context, "float", shape) && good;
    good = measureAll<double>(context, "double", shape) && good;
  }
  return good ? 0 : 1;
}
