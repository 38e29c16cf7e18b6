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

template class Wave<float>;
template class Wave<double>;
template class Membrane<float>;
template class Membrane<double>;
