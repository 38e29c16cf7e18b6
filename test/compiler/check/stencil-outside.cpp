// RUN: %refuse %s 2>&1 | FileCheck %s

// What a boundary may read: messages stand at the user's line.

#include <rk/stencil.h>

class [[rk::stencil]] Open {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  [[rk::boundary]] void boundary(rk::Outside<1> &place) const {
    // CHECK-DAG: stencil-outside.cpp:[[@LINE+1]]:29: error: a boundary reads cells 0 to 8 cells inside of the face
    const float far = place.at<9>(value);
    // CHECK-DAG: stencil-outside.cpp:[[@LINE+1]]:29: error: the field does not keep the step before: write 'rk::Field<T, 2>'
    const float old = place.previous(value);
    const float own = place.was(value);
    place.set(value, far + old + own);
  }
};
