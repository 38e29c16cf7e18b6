#pragma once

#include <rk/stencil.h>

/// The reaction of Gray and Scott: two substances spread; where they meet, one
/// part of `food` and two of `eater` become three of `eater`. Food is fed
/// everywhere, and both are washed out.
class [[rk::stencil]] GrayScott {
public:
  rk::Field<float> food, eater;
  float feed = 0.037f, kill = 0.06f;
  float foodSpread = 0.2f, eaterSpread = 0.1f;

  [[nodiscard]] double courant() const { return 4 * double(foodSpread); }

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const float u = cell.at(food), v = cell.at(eater);
    const float uAround = cell.at<1, 0>(food) + cell.at<-1, 0>(food) +
                          cell.at<0, 1>(food) + cell.at<0, -1>(food);
    const float vAround = cell.at<1, 0>(eater) + cell.at<-1, 0>(eater) +
                          cell.at<0, 1>(eater) + cell.at<0, -1>(eater);
    const float eaten = u * v * v;
    cell.set(food,
             u + (foodSpread * (uAround - 4 * u) - eaten) + feed * (1 - u));
    cell.set(eater,
             v + (eaterSpread * (vAround - 4 * v) + eaten) - (feed + kill) * v);
  }
};
