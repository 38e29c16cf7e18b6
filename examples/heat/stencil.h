#pragma once

#include <rk/stencil.h>

/// The heat of a plate: each cell takes from and gives to its four neighbours.
class [[rk::stencil]] Heat {
public:
  rk::Field<double> heat;
  /// conductivity * time step / (cell size)²
  double spread = 0.2;

  [[nodiscard]] double courant() const { return 4 * spread; }

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const double here = cell.at(heat);
    const double around = cell.at<1, 0>(heat) + cell.at<-1, 0>(heat) +
                          cell.at<0, 1>(heat) + cell.at<0, -1>(heat);
    cell.set(heat, here + spread * (around - 4 * here));
  }
};
