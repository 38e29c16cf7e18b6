// RUN: %refuse %s 2>&1 | FileCheck %s

// Who may have a handler that takes more than a warp.

#include <rk/actor.h>

struct Tick {};
struct Tock {};
struct Tack {};

class [[rk::actor]] Pooled {
public:
  [[rk::handler(rk::Lanes::Warp)]] void on(Tick) {}
  // CHECK: team.cpp:[[@LINE+1]]:44: error: this handler takes more than a warp, which only an actor with multiprocessors to itself has: write 'class {{\[\[}}rk::actor, rk::resident]] Pooled', or let one lane or a warp run it
  [[rk::handler(rk::Lanes::Cluster)]] void on(Tock) {}
};

// Where handlers came from does not matter.
template <rk::Lanes Size> struct Base {
  // CHECK: [[@LINE+1]]:30: error: this handler takes more than a warp, which only an actor with multiprocessors to itself has: write 'class {{\[\[}}rk::actor, rk::resident]] Derived', or let one lane or a warp run it
  [[rk::handler(Size)]] void on(Tick) {}
};
class [[rk::actor]] Derived : public Base<rk::Lanes::Block> {
public:
  using Base::on;
};

class [[rk::actor, rk::resident]] TwoSizes {
public:
  // CHECK: [[@LINE+5]]:41: error: actor 'TwoSizes' has handlers of two sizes beyond a warp: give them the same, which is what the actor has to itself
  // CHECK: [[@LINE+1]]:42: note: a handler of the other size is here
  [[rk::handler(rk::Lanes::Block)]] void on(Tick) {}

  [[rk::handler(rk::Lanes::Warp)]] void on(Tack) {}
  [[rk::handler(rk::Lanes::Grid)]] void on(Tock) {}
};
// CHECK-NOT: error:
