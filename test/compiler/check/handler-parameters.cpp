// RUN: %refuse %s 2>&1 | FileCheck %s

// What a handler takes and returns.

#include <rk/actor.h>

struct Tick { int count; };

class [[rk::actor]] Hidden {
  // CHECK: handler-parameters.cpp:[[@LINE+1]]:24: error: a handler is public, since others send to it: move this 'on' of actor 'Hidden' to the public part
  [[rk::handler]] void on(Tick) {}
};

class [[rk::actor]] Templated {
public:
  // CHECK: [[@LINE+1]]:49: error: a handler cannot be a template: write one 'on' for each message of actor 'Templated'
  template <class Message> [[rk::handler]] void on(Message) {}
};

class [[rk::actor]] Many {
public:
  // CHECK: [[@LINE+1]]:24: error: a handler takes one message and, if it likes, the context: 'on(Message)' or 'on(Message, rk::Context &)'
  [[rk::handler]] void on(Tick, rk::Context &, int) {}
};

class [[rk::actor]] None {
public:
  // CHECK: [[@LINE+1]]:24: error: a handler takes one message and, if it likes, the context: 'on(Message)' or 'on(Message, rk::Context &)'
  [[rk::handler]] void on() {}
};

class [[rk::actor]] WrongSecond {
public:
  // CHECK: [[@LINE+1]]:24: error: the second parameter of a handler is 'rk::Context &'
  [[rk::handler]] void on(Tick, const rk::Context &) {}
};

class [[rk::actor]] Mutable {
public:
  // CHECK: [[@LINE+1]]:24: error: a handler takes its message by value or by reference to const
  [[rk::handler]] void on(Tick &) {}
};

class [[rk::actor]] Moved {
public:
  // CHECK: [[@LINE+1]]:24: error: a handler takes its message by value or by reference to const
  [[rk::handler]] void on(Tick &&) {}
};

class [[rk::actor]] Qualified {
public:
  // CHECK: [[@LINE+1]]:24: error: a handler has no '&', '&&' or 'volatile' after its parameters: remove it
  [[rk::handler]] void on(Tick) & {}
};

class [[rk::actor]] Pointed {
public:
  // CHECK: [[@LINE+1]]:24: error: a message is a class, an enumeration or a number, not 'int *': wrap it in a struct
  [[rk::handler]] void on(int *) {}
};

class [[rk::actor]] Twice {
public:
  [[rk::handler]] void on(Tick) {}
  // CHECK: [[@LINE+2]]:24: error: actor 'Twice' has two handlers for message 'Tick': keep one of them
  // CHECK: [[@LINE-2]]:24: note: the other handler is here
  [[rk::handler]] void on(const Tick &, rk::Context &) {}
};

class [[rk::actor]] Unmarked {
public:
  // CHECK: [[@LINE+1]]:8: error: 'on' is public in actor 'Unmarked' but no handler, so messages sent to it would be lost: mark it {{\[\[}}rk::handler]], or rename it
  void on(Tick) {}
};

class [[rk::actor]] Reference {
public:
  // CHECK: [[@LINE+1]]:25: error: a handler returns its reply by value
  [[rk::handler]] Tick &on(Tick) { return tick_; }

private:
  Tick tick_;
};

class [[rk::actor]] Lanes {
public:
  // CHECK: [[@LINE+1]]:17: error: the argument of '{{\[\[}}rk::handler]]' is rk::Lanes::One, rk::Lanes::Warp, rk::Lanes::Block, rk::Lanes::Cluster or rk::Lanes::Grid
  [[rk::handler(32)]] void on(Tick) {}
};

struct Base {
  // CHECK: [[@LINE+1]]:24: error: this handler of 'Base' is hidden by an 'on' of actor 'Derived': add 'using Base::on;' to the actor
  [[rk::handler]] void on(int) {}
};
class [[rk::actor]] Derived : public Base {
public:
  [[rk::handler]] void on(Tick) {}
};
