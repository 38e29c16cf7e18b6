// RUN: %refuse %s 2>&1 | FileCheck %s
// RUN: %refuse -X=-w %s 2>&1 | FileCheck %s

// A misspelt attribute is an error, even where warnings are off; attributes of
// others are none of ours.

#include <rk/actor.h>

struct Tick {};

// CHECK: misspelt.cpp:[[@LINE+1]]:9: error: unknown attribute 'rk::actr'; did you mean 'rk::actor'?
class [[rk::actr]] A {
public:
  // CHECK: [[@LINE+1]]:5: error: unknown attribute 'rk::handle'; did you mean 'rk::handler'?
  [[rk::handle]] void on(Tick) {}
};

// CHECK: [[@LINE+1]]:10: error: unknown attribute 'rk::mesage'; did you mean 'rk::message'?
struct [[rk::mesage]] M {};

// CHECK: [[@LINE+1]]:10: error: unknown attribute 'rk::persistent'; the attributes are rk::actor, rk::boundary, rk::handler, rk::message, rk::reduce, rk::resident, rk::stencil and rk::update
struct [[rk::persistent]] N {};

struct [[other::thing]] O {};

// CHECK: 4 errors generated.
