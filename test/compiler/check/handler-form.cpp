// RUN: %refuse %s 2>&1 | FileCheck %s

// The form of handlers: one actor for each fault.

#include <rk/actor.h>

struct Tick { int count; };
struct Other { int count; };

// CHECK: handler-form.cpp:[[@LINE+1]]:3: error: '{{\[\[}}rk::handler]]' stands on a public member function of an actor: 'void on(Message, rk::Context &)'; 'freeOn' is a free function
[[rk::handler]] void freeOn(Tick) {}

class [[rk::actor]] Static {
public:
  // CHECK: [[@LINE+1]]:5: error: '{{\[\[}}rk::handler]]' stands on a public member function of an actor: 'void on(Message, rk::Context &)'; this one is static, so it has no state
  [[rk::handler]] static void on(Tick) {}
};

class [[rk::actor]] Misnamed {
public:
  // CHECK: [[@LINE+1]]:5: error: '{{\[\[}}rk::handler]]' stands on a member function named 'on'; rename 'onTick' to 'on'
  [[rk::handler]] void onTick(Tick) {}
};

// CHECK: [[@LINE+1]]:3: error: '{{\[\[}}rk::actor]]' stands on a class: 'class {{\[\[}}rk::actor]] Name { ... };'
[[rk::actor]] int variable;

// CHECK: [[@LINE+1]]:9: error: '{{\[\[}}rk::actor]]' takes at most one argument
class [[rk::actor(3, 4)]] Argued {};

// CHECK: [[@LINE+1]]:3: error: '{{\[\[}}rk::message]]' stands on a class: 'struct {{\[\[}}rk::message]] Name { ... };'
[[rk::message]] void function();
