#pragma once

#include <rk/stencil.h>

/// Sound in a room: the wave equation in three dimensions. `damping` falls
/// towards the walls, so that they absorb what reaches them.
class [[rk::stencil]] Wave {
public:
  rk::Field<float, 2> pressure;
  rk::Coefficients<float> damping;
  /// (speed * time step / cell size)²
  float courant2 = 0.25f;

  double courant() const { return 3 * double(courant2); }

  [[rk::update]] void update(rk::Cell<3, 1, rk::Shape::Star> &cell) const {
    const float here = cell.at(pressure);
    const float around =
        cell.at<1, 0, 0>(pressure) + cell.at<-1, 0, 0>(pressure) +
        cell.at<0, 1, 0>(pressure) + cell.at<0, -1, 0>(pressure) +
        cell.at<0, 0, 1>(pressure) + cell.at<0, 0, -1>(pressure);
    const float next =
        2 * here - cell.previous(pressure) + courant2 * (around - 6 * here);
    cell.set(pressure, next * cell.at(damping));
  }
};
