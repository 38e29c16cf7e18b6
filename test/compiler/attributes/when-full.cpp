// RUN: %refuse %s 2>&1 | FileCheck %s

// Where an actor says what becomes of messages to its full mailbox, and how
// not.

#include <rk/actor.h>

struct Tick {};

// CHECK: when-full.cpp:[[@LINE+1]]:9: error: '{{\[\[}}rk::actor]]' takes at most one argument
class [[rk::actor(rk::WhenFull::Fail, 1)]] TwoArguments {
public:
  [[rk::handler]] void on(Tick) {}
};

// CHECK: [[@LINE+1]]:10: error: '{{\[\[}}rk::message]]' takes no arguments
struct [[rk::message(rk::WhenFull::Fail)]] NoActor {};

// CHECK: [[@LINE+1]]:33: error: no member named 'DropNewest' in 'rk::abi::WhenFull'; did you mean 'DropOldest'?
class [[rk::actor(rk::WhenFull::DropNewest)]] Unknown {
public:
  [[rk::handler]] void on(Tick) {}
};

// CHECK: [[@LINE+1]]:3: error: '{{\[\[}}rk::actor]]' stands on a class: 'class {{\[\[}}rk::actor]] Name { ... };'
[[rk::actor(rk::WhenFull::Fail)]] int value;

// CHECK: 4 errors generated.
