// RUN: %refuse %s 2>&1 | FileCheck %s

// What an update may read and write: messages stand at the user's line.

#include <rk/stencil.h>

class [[rk::stencil]] Offsets {
public:
  rk::Field<float> value;
  rk::Coefficients<float> weight;
  [[rk::update]] void update(rk::Cell<2, 1, rk::Shape::Star> &cell) const {
    // CHECK-DAG: stencil-accesses.cpp:[[@LINE+1]]:28: error: the neighbour is farther away than the radius: give rk::Cell a larger one
    const float far = cell.at<2>(value);
    // CHECK-DAG: stencil-accesses.cpp:[[@LINE+1]]:28: error: the neighbour is not on an axis of this cell: a star has none there, use rk::Shape::Box
    const float off = cell.at<1, 1>(value);
    // CHECK-DAG: stencil-accesses.cpp:[[@LINE+1]]:29: error: the neighbour is along an axis that the stencil has not: give rk::Cell more dimensions
    const float deep = cell.at<0, 0, 1>(value);
    // CHECK-DAG: stencil-accesses.cpp:[[@LINE+1]]:28: error: the field keeps fewer time levels: write 'rk::Field<T, levels>' with one level for each step back, and one for the last
    const float old = cell.previous(value);
    // CHECK-DAG: stencil-accesses.cpp:[[@LINE+1]]:10: error: an update writes its own cell only: let the neighbour read what it needs from this one
    cell.set<1>(value, far + off + deep + old);
    // CHECK-DAG: stencil-accesses.cpp:[[@LINE+1]]:10: error: an update cannot change coefficients: make it an rk::Field
    cell.set(weight, 1);
  }
};

class [[rk::stencil]] Variable {
public:
  rk::Field<float> value;
  int distance = 1;
  [[rk::update]] void update(rk::Cell<1, 4> &cell) const {
    // CHECK-DAG: stencil-accesses.cpp:[[@LINE+1]]:26: error: no matching member function for call to 'at'
    cell.set(value, cell.at<distance>(value));
  }
};
