// RUN: %frontend -X=-D_GLIBCXX_ASSERTIONS %s | FileCheck %s
// RUN: %gxx -D_GLIBCXX_ASSERTIONS %s
// RUN: %clangxx -D_GLIBCXX_ASSERTIONS %s

// Ways to stop become a failed assertion, which the device reports.

#include <rk/actor.h>

#include <cassert>
#include <cstdlib>
#include <exception>
#include <span>

struct Index {
  unsigned value;
};

class [[rk::actor]] Careful {
public:
  [[rk::handler]] void on(Index index) {
    assert(index.value != 77);
    if (index.value == 78)
      std::abort();
    if (index.value == 79)
      std::terminate();
    sum_ += std::span<int>(values_)[index.value];
  }

private:
  int values_[4] = {};
  int sum_ = 0;
};

// CHECK-DAG: "index.value != 77\00"
// CHECK-DAG: "std::abort() was called\00"
// CHECK-DAG: "std::terminate() was called\00"
// CHECK-DAG: "__idx < size()\00"
// CHECK-DAG: llvm.call @__assert_fail
// CHECK-NOT: call @abort
// CHECK-NOT: printf
