// RUN: %frontend --summary %s | FileCheck %s
// RUN: %gxx %s
// RUN: %clangxx %s

// How the lanes of a handler may be written.

#include <rk/actor.h>

struct A {};
struct B {};
struct C {};
struct D {};

using enum rk::Lanes;
[[maybe_unused]] constexpr rk::Lanes Many = rk::Lanes::Warp;

template <int Width> class [[rk::actor]] Sized {
public:
  // CHECK: actor Sized<1>
  // CHECK: handler A  lanes one
  // CHECK: actor Sized<8>
  // CHECK: handler A  lanes warp
  [[rk::handler(Width > 1 ? rk::Lanes::Warp : rk::Lanes::One)]] void on(A) {}
};
template class Sized<1>;
template class Sized<8>;

class [[rk::actor]] Wide {
public:
  // CHECK: actor Wide
  // CHECK: handler A  lanes one
  [[rk::handler]] void on(A) {}
  // CHECK: handler B  lanes warp
  [[rk::handler(Warp)]] void on(B) {}
  // CHECK: handler C  lanes warp
  [[rk::handler(Many)]] void on(C) {}
  // CHECK: handler D  lanes one
  [[rk::handler((rk::Lanes::One))]] void on(D) {}
};
