// RUN: %refuse %s 2>&1 | FileCheck %s

// What a stencil must be.

#include <rk/stencil.h>

// CHECK: stencil-form.cpp:[[@LINE+1]]:23: error: stencil 'NoUpdate' has no update: add '{{\[\[}}rk::update]] void update(rk::Cell<...> &cell) const'
class [[rk::stencil]] NoUpdate {
  rk::Field<float> value;
};

// CHECK: stencil-form.cpp:[[@LINE+1]]:23: error: stencil 'NoField' has no rk::Field, so a step could not change anything
class [[rk::stencil]] NoField {
public:
  rk::Coefficients<float> value;
  [[rk::update]] void update(rk::Cell<1> &) const {}
};

class [[rk::stencil]] NotConst {
public:
  rk::Field<float> value;
  // CHECK: stencil-form.cpp:[[@LINE+1]]:23: error: an update has the form 'void update(rk::Cell<dimensions, radius> &cell) const' and is public
  [[rk::update]] void update(rk::Cell<1> &cell) { cell.set(value, 1); }
};

class [[rk::stencil]] Twice {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-form.cpp:[[@LINE+1]]:23: error: stencil 'Twice' has two updates: a step makes one
  [[rk::update]] void update(rk::Cell<2> &cell) const { cell.set(value, 1); }
};

// CHECK: stencil-form.cpp:[[@LINE+1]]:23: error: the parameters of stencil 'Large' have 1204 bytes, at most 1024 are allowed: put what differs from cell to cell into rk::Coefficients
class [[rk::stencil]] Large {
public:
  rk::Field<float> value;
  float weights[300];
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
};

struct Huge {
  double values[9];
};
class [[rk::stencil]] Wide {
public:
  // CHECK: stencil-form.cpp:[[@LINE+1]]:19: error: the values of 'value' are trivially copyable and have at most 64 bytes: put larger ones into several fields
  rk::Field<Huge> value;
  [[rk::update]] void update(rk::Cell<1> &) const {}
};

// CHECK: stencil-form.cpp:[[@LINE+1]]:23: error: the fields and coefficients of stencil 'Full' need 35 arrays, at most 32 are allowed
class [[rk::stencil]] Full {
public:
  rk::Field<float, 4> a, b, c, d, e, f, g;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(a, 1); }
};

struct Base {
  rk::Field<float> value;
};
// CHECK: stencil-form.cpp:[[@LINE+1]]:23: error: stencil 'Derived' has a base class: make it a member
class [[rk::stencil]] Derived : public Base {
public:
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
};
