//===- StencilProgram.h - What the stencil programs share ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Example.h"
#include "Failure.h"
#include "Film.h"

#include "rk/stencil_run.h"

#include <cstdint>
#include <string>
#include <vector>

namespace example {

/// Which cells of a grid the pictures show: those with one place along an axis.
struct Slice {
  std::uint32_t axis = 2;
  std::int64_t place = 0;
  std::uint32_t width = 0, height = 0;
};

/// Makes `steps` steps, and a picture of `field` whenever one is due. Returns
/// how long the steps took, without the pictures.
template <class S, class T, int L>
double runFilmed(rk::Stencil<S> &grid, std::int64_t steps, Film &film,
                 rk::Field<T, L> S::*field, const Slice &slice) {
  double seconds = 0;
  std::vector<T> values(std::size_t(slice.width) * slice.height);
  const std::int64_t begin = grid.step();
  for (std::int64_t picture = 0; picture < film.count(); ++picture) {
    const StopWatch watch;
    require(grid.run(begin + film.due(picture, steps) - grid.step()));
    seconds += watch.seconds();
    if (!film.isWanted())
      continue;
    require(grid.slice(field, slice.axis, slice.place, values));
    film.add(values, slice.width);
  }
  return seconds;
}

/// Prints where a stencil ran and how fast; this differs between runs.
template <class S>
void printSpeed(const rk::Stencil<S> &grid, double seconds,
                std::int64_t steps) {
  std::printf("ran on %s, plan %s\ntook %.3f s, %.3g cells/s\n",
              std::string(grid.device()).c_str(),
              std::string(grid.plan()).c_str(), seconds,
              seconds > 0 ? double(grid.cells()) * double(steps) / seconds : 0);
}

/// Ends a program: prints its result and what became of its film, and how fast
/// `grid` was. Returns the program's code.
template <class S>
int finish(const Options &options, Result &result, const Film &film,
           const rk::Stencil<S> &grid, double seconds, std::int64_t steps) {
  const int code = result.finish(options.resultFile);
  film.finish(steps);
  printSpeed(grid, seconds, steps);
  return code;
}

/// Every value of a field.
template <class S, class T, int L>
std::vector<T> valuesOf(rk::Stencil<S> &grid, rk::Field<T, L> S::*field) {
  std::vector<T> values(std::size_t(grid.cells()));
  require(grid.get(field, values));
  return values;
}

} // namespace example
