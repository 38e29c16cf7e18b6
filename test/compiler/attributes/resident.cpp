// RUN: %refuse %s 2>&1 | FileCheck %s

// Where an actor cannot be resident.

#include <rk/actor.h>

struct Tick {};

// CHECK: resident.cpp:[[@LINE+1]]:3: error: '{{\[\[}}rk::resident]]' stands on an actor: 'class {{\[\[}}rk::actor, rk::resident]] Name { ... };'
[[rk::resident]] void work();

// CHECK: [[@LINE+1]]:9: error: '{{\[\[}}rk::resident]]' stands on an actor: 'class {{\[\[}}rk::actor, rk::resident]] Name { ... };'
union [[rk::resident]] Either {
  int one;
};

// CHECK: [[@LINE+1]]:20: error: '{{\[\[}}rk::resident]]' takes no arguments
class [[rk::actor, rk::resident(2)]] Numbered {
public:
  [[rk::handler]] void on(Tick) {}
};
