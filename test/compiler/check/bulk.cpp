// RUN: %refuse %s 2>&1 | FileCheck %s

// Messages with a bulk payload. What an actor is comes first, then each message
// on its own.

#include <rk/actor.h>

struct Wide;
struct Behind;

// CHECK: bulk.cpp:[[@LINE+1]]:21: error: actor 'Holder' is derived from rk::Bulk, as messages with a payload are: keep it in a member
class [[rk::actor]] Holder : public rk::Bulk<float> {
public:
  [[rk::handler]] void on(const Wide &) {}
  [[rk::handler]] void on(const Behind &) {}
};

// CHECK: bulk.cpp:[[@LINE+1]]:8: error: message 'Wide' has 40 bytes; with a bulk payload the limit is 32: put the rest into the payload
struct Wide : rk::Bulk<float> {
  double more[3];
};

struct Other {
  int value;
};
// CHECK: bulk.cpp:[[@LINE+1]]:8: error: message 'Behind' does not begin with its rk::Bulk: name it first among the bases
struct Behind : Other, rk::Bulk<float> {};

struct Frame : rk::Bulk<float> {};
class [[rk::actor]] Copier {
public:
  // CHECK: bulk.cpp:[[@LINE+1]]:24: error: a handler takes a message with a bulk payload by reference to const: 'on(const Frame &)'
  [[rk::handler]] void on(Frame) {}
};
