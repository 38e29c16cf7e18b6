#pragma once

#include <rk/stencil.h>

/// Jacobi's iteration for the equation of Poisson, -∇²u = f: each cell takes
/// the value with which its own equation holds.
class [[rk::stencil]] Poisson {
public:
  rk::Field<double> potential;
  /// What the equation of a cell lacked before the last step.
  rk::Field<double> residual;
  /// f * (cell size)²
  rk::Coefficients<double> source;

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const double here = cell.at(potential);
    const double around = cell.at<1, 0>(potential) + cell.at<-1, 0>(potential) +
                          cell.at<0, 1>(potential) + cell.at<0, -1>(potential);
    const double missing = cell.at(source) + around - 4 * here;
    cell.set(residual, missing);
    cell.set(potential, here + missing / 4);
  }
};
