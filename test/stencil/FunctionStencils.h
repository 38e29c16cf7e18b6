//===- FunctionStencils.h - Boundaries, reductions, structures -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/float.h"
#include "rk/stencil.h"

#include <cstdint>

namespace stencils {

/// Each face has a condition of its own: a value by place and time, a gradient,
/// a mixture of both, and nothing, which mirrors. A second field looks two
/// cells in, and at the first one.
class [[rk::stencil]] Plate {
public:
  rk::Field<double> heat;
  rk::Field<float> trace;
  rk::Coefficients<double> loss;
  double gradient = 0.5;

  [[rk::update]] void update(rk::Cell<2, 2> &cell) const {
    const double corners = cell.at<-1, -1>(heat) + cell.at<1, -1>(heat) +
                           cell.at<-2, 1>(heat) + cell.at<1, 2>(heat);
    cell.set(heat, 0.5 * cell.at(heat) + 0.125 * corners);
    cell.set(trace, 0.5f * cell.at<0, -2>(trace) + 0.25f * cell.at<2>(trace) +
                        float(cell.at(heat)));
  }

  [[rk::boundary]] void boundary(rk::Outside<2> &place) const {
    if (place.face() == 0)
      place.set(heat, 0.25 * double(place.step()) + 0.5 * double(place.y()));
    else if (place.face() == 1)
      place.set(heat, place.mirrored(heat) +
                          gradient * double(2 * place.depth() - 1));
    else if (place.face() == 2)
      place.set(heat, (1 - place.at(heat) * (0.5 * place.at(loss) - 1)) /
                          (0.5 * place.at(loss) + 1));
    place.set(trace, float(place.at<1>(heat)) - float(place.depth()));
  }

  [[rk::reduce(rk::Combine::Sum)]] double
  total(const rk::Cell<2, 2> &cell) const {
    return cell.at(heat);
  }
  [[rk::reduce(rk::Combine::Maximum)]] float
  steepest(const rk::Cell<2, 2> &cell) const {
    const float slope = cell.at<1>(trace) - cell.at<-1>(trace);
    return slope < 0 ? -slope : slope;
  }
  [[rk::reduce(rk::Combine::Minimum)]] std::int64_t
  coldest(const rk::Cell<2, 2> &cell) const {
    return std::int64_t(cell.at(heat) * 1024) + cell.x() - cell.y();
  }
};

/// The first-order condition of Mur at both ends: waves leave the grid.
class [[rk::stencil]] Open {
public:
  rk::Field<float, 2> wave;
  float courant = 0.5f;

  [[rk::update]] void update(rk::Cell<1> &cell) const {
    const float here = cell.at(wave);
    cell.set(wave, 2 * here - cell.previous(wave) +
                       courant * courant *
                           (cell.at<1>(wave) + cell.at<-1>(wave) - 2 * here));
  }

  [[rk::boundary]] void boundary(rk::Outside<1> &place) const {
    const float share = (courant - 1) / (courant + 1);
    place.set(wave, place.previous(wave) +
                        share * (place.at(wave) - place.was(wave)));
  }
};

/// A boundary that reads the step before and what it set itself then; a field
/// that no neighbour reads; and a reduction over corners at an earlier level.
class [[rk::stencil]] Shore {
public:
  rk::Field<float, 3> wave;
  rk::Field<float> depth;

  [[rk::update]] void update(rk::Cell<3, 2> &cell) const {
    const float around = cell.at<1, -2, 0>(wave) + cell.at<-1, 0, 1>(wave) +
                         cell.at<0, 1, -1>(wave) + cell.at<2>(wave);
    cell.set(depth, 0.5f * cell.at(depth) + cell.at(wave));
    cell.set(wave, 0.125f * around + 0.25f * cell.previous<-1, 1, 1>(wave) -
                       0.0625f * cell.earlier<2>(wave));
  }

  [[rk::boundary]] void boundary(rk::Outside<3> &place) const {
    const float old = place.previous<1>(wave) - 0.5f * place.was(wave);
    if (place.face() % 2 == 0)
      place.set(wave, 0.5f * (old + place.at<2>(wave)) +
                          float(place.step() % 3) - float(place.x() % 2));
    else
      place.set(wave, 0.25f * old - place.at(depth) +
                          0.125f * float(place.depth() + place.z() % 2));
  }

  [[rk::reduce(rk::Combine::Sum)]] double
  slope(const rk::Cell<3, 2> &cell) const {
    return cell.at<-1, -1, -1>(wave) - cell.previous<1, 1, 1>(wave);
  }
};

/// Overwrites its oldest level in place, which the reduction reads beside the
/// cell.
class [[rk::stencil]] Fading {
public:
  rk::Field<float, 2> value;

  [[rk::update]] void update(rk::Cell<1> &cell) const {
    cell.set(value, cell.at<-1>(value) + 0.25f * cell.previous(value));
  }

  [[rk::reduce(rk::Combine::Maximum)]] float
  most(const rk::Cell<1> &cell) const {
    return cell.previous<1>(value);
  }
};

/// Reads farther inside of its faces than the update reads. No step changes its
/// bed.
class [[rk::stencil]] Deep {
public:
  rk::Field<float> value;
  rk::Field<float> bed;

  [[rk::update]] void update(rk::Cell<2> &cell) const {
    cell.set(value, 0.5f * (cell.at<1>(value) + cell.at<0, -1>(value)) +
                        cell.at<-1>(bed));
  }

  [[rk::boundary]] void boundary(rk::Outside<2> &place) const {
    place.set(value, place.at<3>(value) + float(place.step() % 2));
  }
};

/// Sets a field beyond faces that no update sets.
class [[rk::stencil]] Tide {
public:
  rk::Field<float> value;
  rk::Field<float> level;

  [[rk::update]] void update(rk::Cell<2> &cell) const {
    cell.set(value, 0.5f * cell.at<1>(level) + cell.at(value));
  }

  [[rk::boundary]] void boundary(rk::Outside<2> &place) const {
    place.set(level, float(place.step()));
  }
};

/// Where a field is largest.
struct Peak {
  double value;
  std::int64_t x, y, z;

  static Peak combine(const Peak &a, const Peak &b) {
    return b.value > a.value ? b : a;
  }
};

/// A map x -> factor x + shift, modulo a prime: their composition depends on
/// the order, and on nothing else.
struct Map {
  std::uint64_t factor, shift;

  static Map combine(const Map &a, const Map &b) {
    constexpr std::uint64_t Prime = 2147483647;
    return {a.factor * b.factor % Prime,
            (a.factor * b.shift + a.shift) % Prime};
  }
};

/// Products and sums of which nothing may be contracted.
struct Rounded {
  float value;

  static Rounded combine(const Rounded &a, const Rounded &b) {
    return {a.value * b.value + 0.3f};
  }
};

class [[rk::stencil]] Cloud {
public:
  rk::Field<double> density;

  [[rk::update]] void update(rk::Cell<3> &cell) const {
    cell.set(density, cell.at(density));
  }

  [[rk::reduce]] Peak peak(const rk::Cell<3> &cell) const {
    return {cell.at(density), cell.x(), cell.y(), cell.z()};
  }
  [[rk::reduce]] Map order(const rk::Cell<3> &cell) const {
    return {std::uint64_t(cell.x() + 2),
            std::uint64_t(cell.y() + 3 * cell.z() + 1)};
  }
  [[rk::reduce]] Rounded rounded(const rk::Cell<3> &cell) const {
    return {float(cell.at(density)) * 1.1f + 0.1f};
  }
};

/// Numbers of two bytes, computed in float.
class [[rk::stencil]] Halves {
public:
  rk::Field<_Float16> half;
  rk::Field<rk::bf16> brain;
  rk::Field<std::int16_t> whole;

  [[rk::update]] void update(rk::Cell<2> &cell) const {
    const float around = float(cell.at<1>(half)) + float(cell.at<-1>(half)) +
                         float(cell.at<0, 1>(half));
    cell.set(half, _Float16(around * 0.3f));
    cell.set(brain, rk::bf16(0.75f * float(cell.at<0, -1>(brain)) +
                             float(cell.at(half))));
    cell.set(whole, std::int16_t(cell.at<-1>(whole) + 1));
  }

  /// In every second column only: the others are mirrored.
  [[rk::boundary]] void boundary(rk::Outside<2> &place) const {
    if (place.x() % 2 == 0)
      place.set(brain, rk::bf16(0.5f * float(place.at(half))));
  }
};

struct Vector {
  float x, y, z;
};
struct Mixed {
  double weight;
  std::int32_t count;
  std::uint16_t kinds[2];
};

/// Structures of more than eight bytes.
class [[rk::stencil]] Flow {
public:
  rk::Field<Vector, 2> speed;
  rk::Field<Mixed> load;
  rk::Coefficients<Vector> drift;

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const Vector here = cell.at(speed), left = cell.at<-1>(speed),
                 before = cell.previous(speed), along = cell.at(drift);
    cell.set(speed, {0.5f * (here.x + left.y) + along.z,
                     here.y - 0.25f * before.x, left.z + along.x});
    Mixed next = cell.at<0, 1>(load);
    next.weight += double(here.x);
    next.count -= 1;
    next.kinds[1] = std::uint16_t(next.kinds[0] + 1);
    cell.set(load, next);
  }

  [[rk::boundary]] void boundary(rk::Outside<2> &place) const {
    const Vector inside = place.at(speed);
    place.set(speed, {-inside.x, inside.z, float(place.depth())});
  }

  [[rk::reduce(rk::Combine::Sum)]] double
  weight(const rk::Cell<2> &cell) const {
    return cell.at(load).weight;
  }
};

} // namespace stencils
