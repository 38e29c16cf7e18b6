// RUN: %refuse %s 2>&1 | FileCheck %s

// A name stands for one type in a program.

#include <rk/actor.h>

struct Tick {};

// CHECK: same-name.cpp:[[@LINE+3]]:21: error: 'Twice' is already the name of another message or actor: rename one of them, or put them in namespaces
// CHECK: [[@LINE+2]]:21: note: the other is here
// A class can be an actor or a message, not both.
class [[rk::actor]] Twice {
public:
  [[rk::handler]] void on(Tick) {}
  [[rk::handler]] void on(Twice) {}
};
