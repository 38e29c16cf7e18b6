// RUN: %refuse %s 2>&1 | FileCheck %s

// What a resident actor must be.

#include <rk/actor.h>

struct Tick {};

// CHECK: resident.cpp:[[@LINE+1]]:24: error: 'Plain' is marked {{\[\[}}rk::resident]] but is no actor: write '{{\[\[}}rk::actor, rk::resident]]'
class [[rk::resident]] Plain {};

// CHECK: [[@LINE+1]]:35: error: the state of the resident actor 'Wide' has 4100 bytes, and 4096 fit into its place in shared memory: make it smaller, or do without {{\[\[}}rk::resident]]
class [[rk::actor, rk::resident]] Wide {
public:
  [[rk::handler]] void on(Tick) {}

private:
  int values_[1025];
};
