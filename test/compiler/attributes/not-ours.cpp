// RUN: %frontend --summary %s 2>&1 | FileCheck %s

// Without the scope the words belong to others.

#include <rk/actor.h>

// CHECK: warning: unknown attribute 'actor' ignored; write '{{\[\[}}rk::actor]]'
struct [[actor]] A {
  int value;
};

// CHECK: warning: actor 'Idle' has no handlers, so nothing can be sent to it: add '{{\[\[}}rk::handler]] void on(Message)'
struct [[rk::actor]] Idle {
  int value;
};

// CHECK: warning: 'Bystander' has handlers but is no actor, nor a base of one: mark it {{\[\[}}rk::actor]]
struct Bystander {
  [[rk::handler]] void on(int) {}
};

// CHECK: actor Idle size 4
