// RUN: %frontend --summary %s | FileCheck %s
// RUN: %gxx %s
// RUN: %clangxx %s

// Actors with more than a warp, whose other handlers may take less.

#include <rk/actor.h>

struct A {};
struct B {};
struct C {};

// CHECK: resident actor Alike
class [[rk::actor, rk::resident]] Alike {
public:
  // CHECK: handler A  lanes grid
  [[rk::handler(rk::Lanes::Grid)]] void on(A) {}
  // CHECK: handler B  lanes grid
  [[rk::handler(rk::Lanes::Grid)]] void on(B) {}
};

template <rk::Lanes Size> class [[rk::actor, rk::resident]] Team {
public:
  // CHECK: resident actor Team<
  // CHECK: handler A  lanes block
  // CHECK: handler B  lanes one
  // CHECK: handler C  lanes warp
  // CHECK: resident actor Team<
  // CHECK: handler A  lanes cluster
  // CHECK: resident actor Team<
  // CHECK: handler A  lanes grid
  [[rk::handler(Size)]] void on(A) {}
  [[rk::handler]] void on(B) {}
  [[rk::handler(rk::Lanes::Warp)]] void on(C) {}
};
template class Team<rk::Lanes::Block>;
template class Team<rk::Lanes::Cluster>;
template class Team<rk::Lanes::Grid>;
