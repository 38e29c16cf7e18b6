//===- stencils.h - The stencils that are measured -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/stencil.h>

/// The wave equation with seven points: reads two levels and writes one.
template <class T> class [[rk::stencil]] Wave {
public:
  rk::Field<T, 2> pressure;
  T courant2 = T(0.25);

  [[rk::update]] void update(rk::Cell<3, 1, rk::Shape::Star> &cell) const {
    const T here = cell.at(pressure);
    const T around = cell.template at<1, 0, 0>(pressure) +
                     cell.template at<-1, 0, 0>(pressure) +
                     cell.template at<0, 1, 0>(pressure) +
                     cell.template at<0, -1, 0>(pressure) +
                     cell.template at<0, 0, 1>(pressure) +
                     cell.template at<0, 0, -1>(pressure);
    cell.set(pressure, 2 * here - cell.previous(pressure) +
                           courant2 * (around - 6 * here));
  }
};

/// The same in two dimensions, with five points.
template <class T> class [[rk::stencil]] Membrane {
public:
  rk::Field<T, 2> height;
  T courant2 = T(0.25);

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const T here = cell.at(height);
    const T around =
        cell.template at<1, 0>(height) + cell.template at<-1, 0>(height) +
        cell.template at<0, 1>(height) + cell.template at<0, -1>(height);
    cell.set(height,
             2 * here - cell.previous(height) + courant2 * (around - 4 * here));
  }
};

/// The wave equation of eighth order in space: 25 points.
template <class T> class [[rk::stencil]] Wide {
public:
  static constexpr double Weights[] = {-205.0 / 24, 8.0 / 5, -1.0 / 5,
                                       8.0 / 315, -1.0 / 560};
  using Cell = rk::Cell<3, 4, rk::Shape::Star>;

  rk::Field<T, 2> pressure;
  T courant2 = T(0.0625);

  [[rk::update]] void update(Cell &cell) const {
    const T here = cell.at(pressure);
    const T sum = 3 * T(Weights[0]) * here + T(Weights[1]) * ring<1>(cell) +
                  T(Weights[2]) * ring<2>(cell) +
                  T(Weights[3]) * ring<3>(cell) + T(Weights[4]) * ring<4>(cell);
    cell.set(pressure, 2 * here - cell.previous(pressure) + courant2 * sum);
  }

private:
  template <int R> T ring(const Cell &cell) const {
    return cell.template at<R, 0, 0>(pressure) +
           cell.template at<-R, 0, 0>(pressure) +
           cell.template at<0, R, 0>(pressure) +
           cell.template at<0, -R, 0>(pressure) +
           cell.template at<0, 0, R>(pressure) +
           cell.template at<0, 0, -R>(pressure);
  }
};

/// The same in two dimensions: 17 points.
template <class T> class [[rk::stencil]] WideMembrane {
public:
  using Cell = rk::Cell<2, 4, rk::Shape::Star>;

  rk::Field<T, 2> height;
  T courant2 = T(0.0625);

  [[rk::update]] void update(Cell &cell) const {
    const T here = cell.at(height);
    const T sum = 2 * T(Wide<T>::Weights[0]) * here +
                  T(Wide<T>::Weights[1]) * ring<1>(cell) +
                  T(Wide<T>::Weights[2]) * ring<2>(cell) +
                  T(Wide<T>::Weights[3]) * ring<3>(cell) +
                  T(Wide<T>::Weights[4]) * ring<4>(cell);
    cell.set(height, 2 * here - cell.previous(height) + courant2 * sum);
  }

private:
  template <int R> T ring(const Cell &cell) const {
    return cell.template at<R, 0>(height) + cell.template at<-R, 0>(height) +
           cell.template at<0, R>(height) + cell.template at<0, -R>(height);
  }
};

template class Wave<float>;
template class Wave<double>;
template class Membrane<float>;
template class Membrane<double>;
template class Wide<float>;
template class Wide<double>;
template class WideMembrane<float>;
template class WideMembrane<double>;
