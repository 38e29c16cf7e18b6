// RUN: %refuse %s 2>&1 | FileCheck %s

// What boundaries and reductions must be.

#include <rk/stencil.h>

class [[rk::stencil]] WrongForm {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<2> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:25: error: a boundary has the form 'void boundary(rk::Outside<dimensions> &place) const' and is public
  [[rk::boundary]] void boundary(rk::Cell<2> &) const {}
};

class [[rk::stencil]] OtherDimensions {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<2> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:25: error: the boundary of stencil 'OtherDimensions' is for 3 dimensions and its update for 2: give rk::Outside and rk::Cell the same
  [[rk::boundary]] void boundary(rk::Outside<3> &place) const {
    place.set(value, 1);
  }
};

class [[rk::stencil]] TwoBoundaries {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  [[rk::boundary]] void boundary(rk::Outside<1> &place) const {
    place.set(value, 1);
  }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:25: error: stencil 'TwoBoundaries' has two boundaries: its faces share one, which asks 'place.face()'
  [[rk::boundary]] void boundary(rk::Outside<2> &place) const {
    place.set(value, 1);
  }
};

struct Pair {
  float a, b;
};
struct Large {
  double values[9];
  static Large combine(const Large &a, const Large &) { return a; }
};

class [[rk::stencil]] VoidReduction {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:41: error: a reduction has the form 'T nothing(const rk::Cell<dimensions, radius> &cell) const' and is public
  [[rk::reduce(rk::Combine::Sum)]] void nothing(const rk::Cell<1> &) const {}
};

class [[rk::stencil]] LargeReduction {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:24: error: what the reduction 'large' makes is trivially copyable, of at most 64 bytes with an alignment of at most 16
  [[rk::reduce]] Large large(const rk::Cell<1> &) const { return {}; }
};

class [[rk::stencil]] NoCombine {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:23: error: how the values of the reduction 'both' are combined is not said: write '{{\[\[}}rk::reduce(rk::Combine::Sum)]]', Minimum or Maximum, or give the type of the values a public 'static T combine(const T &, const T &)'
  [[rk::reduce]] Pair both(const rk::Cell<1> &) const { return {}; }
};

class [[rk::stencil]] NoNumbers {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:41: error: the reduction 'both' makes no numbers, so rk::Combine does not say how they are combined: write '{{\[\[}}rk::reduce]]', and give the type of the values a public 'static T combine(const T &, const T &)'
  [[rk::reduce(rk::Combine::Sum)]] Pair both(const rk::Cell<1> &) const {
    return {};
  }
};

class [[rk::stencil]] WrongArgument {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:16: error: the argument of '{{\[\[}}rk::reduce]]' is rk::Combine::Sum, rk::Combine::Minimum or rk::Combine::Maximum
  [[rk::reduce(1)]] float one(const rk::Cell<1> &) const { return 1; }
};

class [[rk::stencil]] SameName {
public:
  rk::Field<float> value;
  [[rk::update]] void update(rk::Cell<1> &cell) const { cell.set(value, 1); }
  [[rk::reduce(rk::Combine::Sum)]] float one(const rk::Cell<1> &) const {
    return 1;
  }
  // CHECK: stencil-functions.cpp:[[@LINE+1]]:42: error: stencil 'SameName' has two reductions named 'one': rename one
  [[rk::reduce(rk::Combine::Sum)]] float one(const rk::Cell<1, 2> &) const {
    return 1;
  }
};
