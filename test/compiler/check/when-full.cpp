// RUN: %refuse %s 2>&1 | FileCheck %s

// What an actor may say of messages to its full mailbox.

#include <rk/actor.h>

struct Tick {};

// CHECK: when-full.cpp:[[@LINE+1]]:19: error: the argument of '{{\[\[}}rk::actor]]' is rk::WhenFull::Fail, rk::WhenFull::DeadLetter or rk::WhenFull::DropOldest
class [[rk::actor(rk::Lanes::One)]] OfAnotherType {
public:
  [[rk::handler]] void on(Tick) {}
};

// CHECK: [[@LINE+1]]:19: error: the argument of '{{\[\[}}rk::actor]]' is rk::WhenFull::Fail, rk::WhenFull::DeadLetter or rk::WhenFull::DropOldest
class [[rk::actor(2)]] OfANumber {
public:
  [[rk::handler]] void on(Tick) {}
};

// CHECK: [[@LINE+1]]:19: error: the argument of '{{\[\[}}rk::actor]]' is rk::WhenFull::Fail, rk::WhenFull::DeadLetter or rk::WhenFull::DropOldest
class [[rk::actor(rk::WhenFull(3))]] OutOfRange {
public:
  [[rk::handler]] void on(Tick) {}
};

// CHECK: [[@LINE+3]]:19: error: actor 'Twice' says twice what becomes of messages to its full mailbox: keep one '{{\[\[}}rk::actor(...)]]'
// CHECK: [[@LINE+1]]:19: note: the other is here
class [[rk::actor(rk::WhenFull::Fail),
        rk::actor(rk::WhenFull::DropOldest)]] Twice {
public:
  [[rk::handler]] void on(Tick) {}
};

class [[rk::actor]] OnAHandler {
public:
  // CHECK: [[@LINE+1]]:17: error: the argument of '{{\[\[}}rk::handler]]' is rk::Lanes::One, rk::Lanes::Warp, rk::Lanes::Block, rk::Lanes::Cluster or rk::Lanes::Grid
  [[rk::handler(rk::WhenFull::Fail)]] void on(Tick) {}
};
