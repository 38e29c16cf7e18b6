#pragma once

#include "../common/wave.h"

#include <rk/stencil.h>

/// Sound in a room, as in wave-3d, with a source that adds to what is there, so
/// that sound passes through it.
class [[rk::stencil]] RoomSound {
public:
  rk::Field<float, 2> pressure;
  rk::Field<float> source;
  rk::Coefficients<std::int8_t> neighbours;
  rk::Coefficients<float> loss;
  /// (speed * time step / cell size)²
  float courant2 = 0.33f;

  [[nodiscard]] double courant() const { return 3 * double(courant2); }

  [[rk::update]] void update(rk::Cell<3, 1, rk::Shape::Star> &cell) const {
    const float around =
        cell.at<1, 0, 0>(pressure) + cell.at<-1, 0, 0>(pressure) +
        cell.at<0, 1, 0>(pressure) + cell.at<0, -1, 0>(pressure) +
        cell.at<0, 0, 1>(pressure) + cell.at<0, 0, -1>(pressure);
    cell.set(pressure, example::nextPressure(
                           cell.at(pressure), cell.previous(pressure), around,
                           cell.at(neighbours), cell.at(loss), courant2) +
                           cell.at(source));
  }
};
