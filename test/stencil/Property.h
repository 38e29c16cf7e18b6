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

#include "PropertyDraw.h"
#include "PropertyValues.h"

#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace property {

/// Calls `visit` with each cell.
template <class T, class Visit>
void forEachCell(const Field<T> &field, Visit visit) {
  for (std::int64_t z = 0; z < field.size[2]; ++z)
    for (std::int64_t y = 0; y < field.size[1]; ++y)
      for (std::int64_t x = 0; x < field.size[0]; ++x)
        visit(x, y, z);
}

/// One stencil on one grid. All that is random follows from `seed` and
/// `number`, so that a case can be made again by itself.
class Case {
public:
  Case(const Request &request, std::uint64_t number, Totals &totals)
      : request_(request), totals_(totals), number_(number) {
    std::seed_seq mixed{request.seed, request.seed >> 32, number};
    random_.seed(mixed);
    faces_ = reference::randomFaces(random_, random_() % 4 == 0);
    moves_ = random_() % 4 == 0;
  }

  float scale() { return float(random_() % 16) / 16; }

  /// Draws a grid and makes the stencil; nothing if the plan refuses it.
  template <class S>
  std::optional<rk::Stencil<S>> make(const char *name, const S &self,
                                     const Traits &traits) {
    name_ = name;
    dimensions_ = traits.dimensions;
    size_ = drawSize(random_, dimensions_);
    runs_ = drawRuns(random_, size_);
    adaptFaces(random_, faces_, traits);
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
      check(made.status());
    return {};
  }

  /// The levels of a field with random values, newest first.
  template <class T, class S, class M>
  std::vector<Field<T>> field(rk::Stencil<S> &made, M member, unsigned levels) {
    return fill<T, false>(made, member, levels);
  }
  template <class T, class S, class M>
  std::vector<Field<T>> coefficients(rk::Stencil<S> &made, M member) {
    return fill<T, true>(made, member, 1);
  }

  /// In one case of four: a source and a probe of some cells.
  template <class T, class S, class M>
  void move(rk::Stencil<S> &made, M member, std::vector<Field<T>> &levels) {
    if (!moves_)
      return;
    feed(made, member, levels);
    record(made, member, levels);
  }

  /// Makes all steps: `step` in plain C++, and the stencil in one or several
  /// runs; `compare` after each run.
  template <class S, class Step, class Compare>
  void run(rk::Stencil<S> &made, Step step, Compare compare) {
    for (const int steps : runs_) {
      for (int i = 0; i < steps; ++i) {
        for (const auto &feed : feeds_)
          feed();
        step();
        ++made_;
        for (const auto &record : records_)
          record();
      }
      check(made.run(steps));
      totals_.steps += std::uint64_t(steps);
      totals_.updates += std::uint64_t(steps) * std::uint64_t(made.cells());
      compare();
      for (const auto &compareSeries : probes_)
        compareSeries();
      if (isWrong_)
        return;
    }
  }

  /// Makes `next` the newest level of a field, and damps what a layer damps.
  template <class T>
  void advance(std::vector<Field<T>> &levels, Field<T> next) {
    std::rotate(levels.begin(), levels.end() - 1, levels.end());
    levels[0] = std::move(next);
    if (std::any_of(faces_.begin(), faces_.begin() + 2 * dimensions_,
                    [](const rk::Face &face) {
                      return face.boundary == rk::Boundary::Absorbing;
                    }))
      for (Field<T> &level : levels)
        absorb(level);
  }

  template <class S, class M, class T>
  void compare(rk::Stencil<S> &made, M member,
               const std::vector<Field<T>> &expected) {
    std::vector<T> found(expected[0].values.size());
    for (unsigned level = 0; level < expected.size() && !isWrong_; ++level) {
      check(made.get(member, found, level));
      if (request_.spoils)
        reinterpret_cast<unsigned char &>(found[random_() % found.size()]) ^= 1;
      totals_.compared += found.size();
      compareLevel(found, expected[level], level, made.step());
    }
  }

  /// `term(x, y, z)` is the value of a cell.
  template <auto Method, class S, class Term, class Combine>
  void reduce(rk::Stencil<S> &made, Term term, Combine combine) {
    std::vector<double> terms;
    for (std::int64_t z = 0; z < std::max<std::int64_t>(size_.z, 1); ++z)
      for (std::int64_t y = 0; y < std::max<std::int64_t>(size_.y, 1); ++y)
        for (std::int64_t x = 0; x < size_.x; ++x)
          terms.push_back(term(x, y, z));
    const double expected = reference::foldInOrder(std::move(terms), combine);
    auto found = made.template reduce<Method>();
    check(found.status());
    if (found.isOk() && *found != expected)
      fail("a reduction after step " + std::to_string(made.step()) + " is " +
           textOf(*found) + " instead of " + textOf(expected));
  }

private:
  template <class T, bool Continues, class S, class M>
  std::vector<Field<T>> fill(rk::Stencil<S> &made, M member, unsigned levels) {
    std::vector<Field<T>> fields(levels,
                                 Field<T>(size_, faces_, Continues, made_));
    for (unsigned level = 0; level < levels; ++level) {
      for (T &value : fields[level].values)
        randomizeValue(value, random_);
      if constexpr (Continues)
        check(made.set(member, fields[level].values));
      else
        check(made.set(member, fields[level].values, level));
    }
    return fields;
  }

  /// Sets or adds, for some steps from a later one on.
  template <class T, class S, class M>
  void feed(rk::Stencil<S> &made, M member, std::vector<Field<T>> &levels) {
    const std::vector<rk::GridPoint> cells = drawCells(random_, size_);
    const auto steps = std::int64_t(random_() % 4 + 1),
               first = std::int64_t(random_() % 3);
    std::vector<T> values(cells.size() * std::size_t(steps));
    for (T &value : values)
      randomizeValue(value, random_);
    const bool adds = random_() % 2 == 0 && TakesSums<T>;
    const auto series = rk::Series::PerCell;
    check(adds ? made.inject(member, cells, values, series, first + 1)
               : made.drive(member, cells, values, series, first + 1));
    feeds_.push_back([=, this, &levels] {
      if (made_ < first || made_ >= first + steps)
        return;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        T &cell = levels[0].cell(cells[i].x, cells[i].y, cells[i].z);
        const T value = values[std::size_t(made_ - first) * cells.size() + i];
        if constexpr (TakesSums<T>)
          cell = adds ? sumOf(cell, value) : value;
        else
          cell = value;
      }
    });
  }

  template <class T, class S, class M>
  void record(rk::Stencil<S> &made, M member, std::vector<Field<T>> &levels) {
    const std::vector<rk::GridPoint> cells = drawCells(random_, size_);
    const auto every = std::int64_t(random_() % 3 + 1);
    auto probe = made.probe(member, cells, every);
    check(probe.status());
    if (!probe.isOk())
      return;
    auto values = std::make_shared<std::vector<T>>();
    records_.push_back([=, this, &levels] {
      if (made_ % every == 0)
        for (const rk::GridPoint &cell : cells)
          values->push_back(levels[0].cell(cell.x, cell.y, cell.z));
    });
    probes_.push_back([=, this, &made, probe = *probe] {
      const auto found = made.series(member, probe);
      totals_.compared += found.size();
      if (found.size() != values->size() ||
          std::memcmp(found.data(), values->data(), found.size() * sizeof(T)) !=
              0)
        fail("a probe every " + std::to_string(every) +
             " steps recorded other values by step " + std::to_string(made_));
    });
  }

  template <class T> void absorb(Field<T> &field) {
    std::vector<double> factors[3];
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (std::int64_t place = 0; place < field.size[axis]; ++place)
        factors[axis].push_back(
            int(axis) < dimensions_
                ? reference::layerFactor(faces_[2 * axis], faces_[2 * axis + 1],
                                         place, field.size[axis])
                : 1);
    forEachCell(field, [&](auto x, auto y, auto z) {
      damp(field.cell(x, y, z), factors[0][std::size_t(x)] *
                                    factors[1][std::size_t(y)] *
                                    factors[2][std::size_t(z)]);
    });
  }

  template <class T>
  void compareLevel(const std::vector<T> &found, const Field<T> &expected,
                    unsigned level, std::int64_t step) {
    if (std::memcmp(found.data(), expected.values.data(),
                    found.size() * sizeof(T)) == 0)
      return;
    std::size_t cell = 0;
    while (std::memcmp(&found[cell], &expected.values[cell], sizeof(T)) == 0)
      ++cell;
    fail("cell " + std::to_string(cell) + ", level " + std::to_string(level) +
         ", after step " + std::to_string(step) + ": " + textOf(found[cell]) +
         " instead of " + textOf(expected.values[cell]));
  }
  void check(const rk::Status &status) {
    if (status.isOk())
      return;
    totals_.hasLostDevice |= status.code() == rk::StatusCode::DeviceError;
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
  bool moves_ = false;
  std::int64_t made_ = 0; ///< steps in plain C++
  std::vector<std::function<void()>> feeds_, records_, probes_;
};

} // namespace property
