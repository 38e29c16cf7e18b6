// RUN: %frontend %s %S/Inputs/doubler.cpp | FileCheck %s

// A handler is defined in another source than the one whose types are kept: the
// call of it stays direct, and passes its argument where the callee looks.

#include "Inputs/doubler.h"

void Counter::on(Add, rk::Context &context) {
  context.request(this, doubler_, Double{++added_});
}

// CHECK-LABEL: llvm.func {{.*}}@_ZN2rk6detail12handlerThunkI7Doubler6DoubleEE
// CHECK-NOT:     llvm.mlir.addressof
// CHECK:         llvm.call @_ZN7Doubler2onE6Double({{[^)]*}}){{.*}}llvm.byval
// CHECK:         llvm.return
