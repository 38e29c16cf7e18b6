//===- Property.h - Runs stencils that were made at random -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a program of random stencils needs beside them: grids, faces and
/// numbers of steps drawn from a seed, the comparison with plain C++, and the
/// count of what was done. property_stencils.py writes the rest.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Reference.h"

#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace property {

using reference::absorb;
using reference::Faces;
using reference::Grid;
using reference::randomFaces;
using reference::randomize;

struct Request {
  std::string plan; ///< empty: the one that is taken by itself
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint64_t count = 100;
  double seconds = 0; ///< go on for so long, whatever `count` is
  bool spoils = false;
};

struct Totals {
  std::uint64_t grids = 0, steps = 0, updates = 0, compared = 0, wrong = 0;
  std::map<std::string, std::uint64_t> refusals;
  std::string device;
};

/// One stencil on one grid. All that is random follows from `seed` and
/// `number`, so that a case can be made again by itself.
class Case {
public:
  Case(const Request &request, std::uint64_t number, Totals &totals)
      : request_(request), totals_(totals), number_(number) {
    std::seed_seq mixed{request.seed, request.seed >> 32, number};
    random_.seed(mixed);
    faces_ = randomFaces(random_, random_() % 4 == 0);
  }

  float scale() { return float(random_() % 16) / 16; }

  /// Draws a grid and makes the stencil; nothing if the plan refuses it.
  template <class S>
  std::optional<rk::Stencil<S>> make(const char *name, const S &self,
                                     int dimensions) {
    name_ = name;
    drawSize(dimensions);
    drawRuns();
    rk::StencilOptions options;
    options.faces = faces_;
    options.threads = unsigned(random_() % 3 + 1);
    options.plan = request_.plan;
    auto made = rk::Stencil<S>::create(self, size_, options);
    if (made.isOk()) {
      totals_.device = std::string(made->device());
      ++totals_.grids;
      return std::move(*made);
    }
    if (made.status().code() == rk::StatusCode::InvalidArgument)
      ++totals_.refusals[reasonOf(made.status().detail())];
    else
      fail(made.status().message());
    return {};
  }

  /// The levels of a field with random values, newest first.
  template <class T, class S, class M>
  std::vector<Grid<T>> field(rk::Stencil<S> &made, M member, unsigned levels) {
    std::vector<Grid<T>> grids(levels, Grid<T>(size_, faces_));
    for (unsigned level = 0; level < levels; ++level) {
      randomize(grids[level], random_);
      check(made.set(member, grids[level].values, level));
    }
    return grids;
  }
  template <class T, class S, class M>
  std::vector<Grid<T>> coefficients(rk::Stencil<S> &made, M member) {
    std::vector<Grid<T>> grids(1, Grid<T>(size_, faces_));
    grids[0].continues = true;
    randomize(grids[0], random_);
    check(made.set(member, grids[0].values));
    return grids;
  }

  /// Makes all steps: `step` in plain C++, and the stencil in one or several
  /// runs; `compare` after each run.
  template <class S, class Step, class Compare>
  void run(rk::Stencil<S> &made, Step step, Compare compare) {
    for (const int steps : runs_) {
      for (int i = 0; i < steps; ++i)
        step();
      check(made.run(steps));
      totals_.steps += std::uint64_t(steps);
      totals_.updates += std::uint64_t(steps) * std::uint64_t(made.cells());
      compare();
      if (isWrong_)
        return;
    }
  }

  /// Makes `next` the newest level of a field, and damps what a layer damps.
  template <class T> void advance(std::vector<Grid<T>> &levels, Grid<T> next) {
    std::rotate(levels.begin(), levels.end() - 1, levels.end());
    levels[0] = std::move(next);
    if constexpr (std::is_floating_point_v<T>)
      for (Grid<T> &level : levels)
        absorb(level, dimensions_);
  }

  template <class S, class M, class T>
  void compare(rk::Stencil<S> &made, M member,
               const std::vector<Grid<T>> &expected) {
    std::vector<T> found(expected[0].values.size());
    for (unsigned level = 0; level < expected.size() && !isWrong_; ++level) {
      check(made.get(member, found, level));
      if (request_.spoils)
        reinterpret_cast<unsigned char &>(found[random_() % found.size()]) ^= 1;
      totals_.compared += found.size();
      compareLevel(found, expected[level], level, made.step());
    }
  }

private:
  std::int64_t drawExtent(std::int64_t most) {
    const std::uint64_t kind = random_() % 10;
    if (kind < 3)
      return std::int64_t(random_() % 10) + 1;
    const auto any = std::int64_t(random_() % std::uint64_t(most)) + 1;
    if (kind < 5) // at a tile's edge, or one off
      return std::max<std::int64_t>(1, (any + 15) / 16 * 16 - 1 +
                                           std::int64_t(random_() % 3));
    return any;
  }
  void drawSize(int dimensions) {
    dimensions_ = dimensions;
    constexpr std::int64_t Most[3][3] = {
        {3000, 0, 0}, {300, 90, 0}, {150, 44, 40}};
    const std::int64_t (&most)[3] = Most[dimensions - 1];
    size_.x = drawExtent(most[0]);
    size_.y = dimensions > 1 ? drawExtent(most[1]) : 0;
    size_.z = dimensions > 2 ? drawExtent(most[2]) : 0;
  }
  /// Few steps mostly, and sometimes enough for a graph of launches.
  void drawRuns() {
    constexpr std::int64_t MostUpdates = 1'500'000;
    const std::int64_t cells = size_.x * std::max<std::int64_t>(size_.y, 1) *
                               std::max<std::int64_t>(size_.z, 1);
    std::int64_t steps = std::int64_t(random_() % 13) + 1;
    if (random_() % 8 == 0)
      steps = std::int64_t(random_() % 150) + 1;
    steps = std::clamp<std::int64_t>(MostUpdates / cells, 1, steps);
    runs_.clear();
    for (int more = int(random_() % 3); more > 0 && steps > 1; --more) {
      const auto part = std::int64_t(random_() % std::uint64_t(steps - 1)) + 1;
      runs_.push_back(int(part));
      steps -= part;
    }
    runs_.push_back(int(steps));
  }

  /// A refusal without its names and numbers.
  static std::string reasonOf(const std::string &detail) {
    std::string reason;
    bool isQuoted = false;
    for (const char c : detail) {
      if (c == '\'')
        isQuoted = !isQuoted;
      const bool isDigit = c >= '0' && c <= '9';
      if (isQuoted || c == '\'' || (isDigit && reason.ends_with('#')))
        continue;
      reason += isDigit ? '#' : c == '"' || c == '\\' ? ' ' : c;
    }
    return reason;
  }

  template <class T>
  void compareLevel(const std::vector<T> &found, const Grid<T> &expected,
                    unsigned level, std::int64_t step) {
    if (std::memcmp(found.data(), expected.values.data(),
                    found.size() * sizeof(T)) == 0)
      return;
    std::size_t cell = 0;
    while (std::memcmp(&found[cell], &expected.values[cell], sizeof(T)) == 0)
      ++cell;
    char text[256];
    std::snprintf(text, sizeof(text),
                  "cell %zu, level %u, after step %ld: %.17g instead of %.17g",
                  cell, level, long(step), double(found[cell]),
                  double(expected.values[cell]));
    fail(text);
  }
  void check(const rk::Status &status) {
    if (!status.isOk())
      fail(status.message());
  }
  void fail(const std::string &what) {
    if (!isWrong_)
      ++totals_.wrong;
    isWrong_ = true;
    if (request_.spoils)
      return;
    std::printf("%s on %ld x %ld x %ld cells, plan '%s', faces", name_,
                long(size_.x), long(size_.y), long(size_.z),
                request_.plan.c_str());
    for (const rk::Face &face : faces_)
      std::printf(" %u", unsigned(face.boundary));
    std::printf(": %s (again: --seed=%llu --first=%llu --count=1)\n",
                what.c_str(), static_cast<unsigned long long>(request_.seed),
                static_cast<unsigned long long>(number_));
    std::fflush(stdout);
  }

  const Request &request_;
  Totals &totals_;
  std::uint64_t number_;
  std::mt19937_64 random_;
  Faces faces_;
  rk::GridPoint size_;
  int dimensions_ = 0;
  std::vector<int> runs_;
  const char *name_ = "";
  bool isWrong_ = false;
};

} // namespace property
