#include <rk/stencil.h>

class [[rk::stencil]] Heat {
public:
  rk::Field<float> heat;

  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    const float around = cell.at<1, 0>(heat) + cell.at<-1, 0>(heat) +
                         cell.at<0, 1>(heat) + cell.at<0, -1>(heat);
    cell.set(heat, 0.25f * around);
  }
};

class [[rk::stencil]] Line {
public:
  rk::Field<float> value;

  [[rk::update]] void update(rk::Cell<1, 8> &cell) const {
    cell.set(value, cell.at<8>(value));
  }
};
