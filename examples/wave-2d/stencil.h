#pragma once

#include "../common/wave.h"

#include <rk/stencil.h>

/// Waves on a plane, among walls and absorbers; see common/Room.h.
class [[rk::stencil]] Wave2d {
public:
  rk::Field<float, 2> pressure;
  rk::Coefficients<std::int8_t> neighbours;
  rk::Coefficients<float> loss;
  /// (speed * time step / cell size)²
  float courant2 = 0.49f;

  [[nodiscard]] double courant() const { return 2 * double(courant2); }

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const float around = cell.at<1, 0>(pressure) + cell.at<-1, 0>(pressure) +
                         cell.at<0, 1>(pressure) + cell.at<0, -1>(pressure);
    cell.set(pressure, example::nextPressure(
                           cell.at(pressure), cell.previous(pressure), around,
                           cell.at(neighbours), cell.at(loss), courant2));
  }
};
