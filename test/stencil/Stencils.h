//===- Stencils.h - Stencils of the tests ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil.h"

#include <cstdint>

namespace stencils {

/// The wave equation: the oldest level is overwritten in place, and cells of
/// the left half are set in a branch only.
class [[rk::stencil]] Wave {
public:
  rk::Field<float, 2> pressure;
  rk::Coefficients<float> speed;
  float damping = 1;
  std::int64_t firstCell = 0;

  [[rk::update]] void update(rk::Cell<3, 1, rk::Shape::Star> &cell) const {
    const float here = cell.at(pressure);
    const float around =
        cell.at<1, 0, 0>(pressure) + cell.at<-1, 0, 0>(pressure) +
        cell.at<0, 1, 0>(pressure) + cell.at<0, -1, 0>(pressure) +
        cell.at<0, 0, 1>(pressure) + cell.at<0, 0, -1>(pressure);
    const float next = 2 * here - cell.previous(pressure) +
                       cell.at(speed) * (around - 6 * here);
    if (cell.x() >= firstCell)
      cell.set(pressure, next * damping);
  }
};

/// Corners, in double; a helper reads too.
class [[rk::stencil]] Smooth {
public:
  rk::Field<double> heat;
  double rate = 0.1;

  [[rk::update]] void update(rk::Cell<2> &cell) const {
    const double corners =
        cell.at<-1, -1>(heat) + cell.at<1, -1>(heat) + rest(cell);
    cell.set(heat, cell.at(heat) + rate * (corners - 4 * cell.at(heat)));
  }

private:
  double rest(const rk::Cell<2> &cell) const {
    return cell.at<-1, 1>(heat) + cell.at<1, 1>(heat);
  }
};

/// Far neighbours along a line, and an old level beside the cell.
class [[rk::stencil]] Far {
public:
  rk::Field<float, 3> value;

  [[rk::update]] void update(rk::Cell<1, 4> &cell) const {
    cell.set(value, 0.25f * cell.at<-4>(value) + 0.5f * cell.at<3>(value) -
                        0.125f * cell.earlier<2, 1>(value));
  }
};

/// Two fields that read each other (Gray-Scott).
class [[rk::stencil]] Reaction {
public:
  rk::Field<float> u;
  rk::Field<float> v;
  rk::Coefficients<float> feed;

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const float a = cell.at(u), b = cell.at(v);
    const float reacted = a * b * b;
    cell.set(u, a + 0.16f * spread(cell, u) - reacted +
                    cell.at<1>(feed) * (1 - a));
    cell.set(v, b + 0.08f * spread(cell, v) + reacted -
                    (cell.at(feed) + 0.06f) * b);
  }

private:
  static float spread(const rk::Cell<2, 1, rk::Shape::Star> &cell,
                      const rk::Field<float> &field) {
    return cell.at<1>(field) + cell.at<-1>(field) + cell.at<0, 1>(field) +
           cell.at<0, -1>(field) - 4 * cell.at(field);
  }
};

/// The Game of Life: bytes.
class [[rk::stencil]] Life {
public:
  rk::Field<std::uint8_t> alive;

  [[rk::update]] void update(rk::Cell<2> &cell) const {
    const int around = cell.at<-1, -1>(alive) + cell.at<0, -1>(alive) +
                       cell.at<1, -1>(alive) + cell.at<-1, 0>(alive) +
                       cell.at<1, 0>(alive) + cell.at<-1, 1>(alive) +
                       cell.at<0, 1>(alive) + cell.at<1, 1>(alive);
    cell.set(alive, around == 3 || (around == 2 && cell.at(alive)) ? 1 : 0);
  }
};

/// Three dimensions, lopsided, in double, with a field of its own type and
/// levels that reads the other one.
class [[rk::stencil]] Drift {
public:
  rk::Field<double> heat;
  rk::Field<float, 2> trace;

  [[rk::update]] void update(rk::Cell<3, 2, rk::Shape::Star> &cell) const {
    const double around = cell.at<-2, 0, 0>(heat) + cell.at<0, 1, 0>(heat) -
                          cell.at<0, 0, 2>(heat) + cell.at<0, 0, -1>(heat);
    cell.set(heat, 0.5 * cell.at(heat) + 0.125 * around);
    cell.set(trace, 0.5f * cell.at<0, -2, 0>(trace) -
                        0.25f * cell.previous(trace) + float(cell.at(heat)));
  }
};

/// Earlier levels of neighbours, of which layers have damped each another
/// number of times.
class [[rk::stencil]] Lagged {
public:
  rk::Field<float, 3> value;
  rk::Field<double, 2> wide;

  [[rk::update]] void update(rk::Cell<2, 2> &cell) const {
    cell.set(value, 0.5f * cell.at<-1, 1>(value) +
                        0.25f * cell.previous<2, 0>(value) -
                        0.375f * cell.earlier<2, 0, -1>(value) +
                        0.125f * cell.earlier<2>(value) +
                        float(cell.previous<0, 2>(wide)));
    cell.set(wide, 0.5 * cell.previous(wide) + 0.125 * cell.at<1>(wide) -
                       double(cell.previous(value)) * 0.25);
  }
};

/// Numbers of two bytes.
class [[rk::stencil]] Short {
public:
  rk::Field<_Float16> half;
  rk::Field<float> whole;

  [[rk::update]] void update(rk::Cell<1> &cell) const {
    const float next = float(cell.at<1>(half));
    cell.set(half, _Float16(next));
    cell.set(whole, next + cell.at<-1>(whole));
  }
};

/// A field that no step sets, which a proof shows for one of its two.
class [[rk::stencil]] Kept {
public:
  rk::Field<float, 3> never;
  rk::Field<float, 2> unreachable;
  rk::Field<float> sum;

  [[rk::update]] void update(rk::Cell<1> &cell) const {
    cell.set(sum, cell.earlier<1>(never) + 4 * cell.earlier<2>(never) +
                      16 * cell.previous(unreachable));
    if (cell.x() % 3 > 2)
      cell.set(unreachable, 0);
  }
};

/// Declares its stability number.
class [[rk::stencil]] Stiff {
public:
  rk::Field<float> value;
  double step = 1;
  double courant() const { return 2 * step; }

  [[rk::update]] void update(rk::Cell<1> &cell) const {
    cell.set(value, cell.at(value) * cell.at<1>(value));
  }
};

} // namespace stencils
