// RUN: %refuse %s 2>&1 | FileCheck %s

// Attributes where they cannot stand.

#include <rk/actor.h>

// CHECK: positions.cpp:[[@LINE+1]]:9: error: '{{\[\[}}rk::actor]]' stands on a class: 'class {{\[\[}}rk::actor]] Name { ... };'
union [[rk::actor]] Either {
  int one;
};

// CHECK: [[@LINE+1]]:8: error: '{{\[\[}}rk::actor]]' stands on a class: 'class {{\[\[}}rk::actor]] Name { ... };'
enum [[rk::actor]] Number { One };

class [[rk::actor]] Holder {
public:
  // CHECK: [[@LINE+1]]:5: error: '{{\[\[}}rk::handler]]' stands on a public member function of an actor: 'void on(Message, rk::Context &)'
  [[rk::handler]] int member;
  // CHECK: [[@LINE+1]]:5: error: '{{\[\[}}rk::handler]]' takes at most one argument
  [[rk::handler(rk::Lanes::One, 2)]] void on(int) {}
};

inline void work() {
  // CHECK: [[@LINE+1]]:5: error: '{{\[\[}}rk::handler]]' cannot stand on a statement
  [[rk::handler]] for (;;)
    ;
}

class [[rk::actor]] Named {
public:
  // CHECK: [[@LINE+1]]:17: error: use of undeclared identifier 'Warp'
  [[rk::handler(Warp)]] void on(int) {}
};
