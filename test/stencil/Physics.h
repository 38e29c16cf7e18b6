//===- Physics.h - Equations whose solutions are known ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil.h"

namespace physics {

/// The wave equation, of second order in space and time.
class [[rk::stencil]] Sound {
public:
  rk::Field<double, 2> pressure;
  rk::Coefficients<double> courant2; ///< (speed * time step / cell)^2

  [[rk::update]] void update(rk::Cell<3, 1, rk::Shape::Star> &cell) const {
    const double here = cell.at(pressure);
    const double around =
        cell.at<1, 0, 0>(pressure) + cell.at<-1, 0, 0>(pressure) +
        cell.at<0, 1, 0>(pressure) + cell.at<0, -1, 0>(pressure) +
        cell.at<0, 0, 1>(pressure) + cell.at<0, 0, -1>(pressure);
    cell.set(pressure, 2 * here - cell.previous(pressure) +
                           cell.at(courant2) * (around - 6 * here));
  }
};

/// The same on a line, of fourth order in space.
class [[rk::stencil]] String {
public:
  rk::Field<double, 2> height;
  double courant2 = 0;

  [[rk::update]] void update(rk::Cell<1, 2> &cell) const {
    const double here = cell.at(height);
    const double near = cell.at<1>(height) + cell.at<-1>(height);
    const double far = cell.at<2>(height) + cell.at<-2>(height);
    cell.set(height, 2 * here - cell.previous(height) +
                         courant2 * (16 * near - far - 30 * here) / 12);
  }
};

/// The heat equation by explicit Euler steps.
class [[rk::stencil]] Conduction {
public:
  rk::Field<double> heat;
  double rate = 0; ///< conductivity * time step / cell^2

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const double here = cell.at(heat);
    const double around = cell.at<1, 0>(heat) + cell.at<-1, 0>(heat) +
                          cell.at<0, 1>(heat) + cell.at<0, -1>(heat);
    cell.set(heat, here + rate * (around - 4 * here));
  }
};

/// Jacobi's iteration for Poisson's equation.
class [[rk::stencil]] Potential {
public:
  rk::Field<double, 2> value;
  rk::Coefficients<double> charge; ///< minus the right side, times cell^2

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    cell.set(value, 0.25 * (cell.at<1, 0>(value) + cell.at<-1, 0>(value) +
                            cell.at<0, 1>(value) + cell.at<0, -1>(value) +
                            cell.at(charge)));
  }
};

} // namespace physics
