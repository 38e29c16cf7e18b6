// RUN: %frontend %s %S/Inputs/second.cpp | FileCheck %s
// RUN: %refuse %s 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: %refuse %s %S/Inputs/second.cpp %S/Inputs/other-layout.cpp 2>&1 | FileCheck %s --check-prefix=LAYOUT

// The sources of one call become one module.

#include "Inputs/shared.h"

class [[rk::actor]] First {
public:
  [[rk::handler]] Result on(Work work) { return {helper(work.value)}; }
};

// CHECK-DAG: rk.message @Work
// CHECK-DAG: rk.message @Result
// CHECK-DAG: rk.actor @First
// CHECK-DAG: rk.actor @Second
// CHECK-DAG: rk.handler @Work calls @_ZN2rk6detail12handlerThunkI5First4Work
// CHECK-DAG: rk.handler @Result calls @_ZN2rk6detail12handlerThunkI6Second6Result

// ALONE: several-sources.cpp:11:{{[0-9]+}}: error: 'helper(int)' has no body that the device can run: define it in a source of the same rkc call, or do without it in handlers
// LAYOUT: error: the type 'Work' is defined differently in two sources: rename one of them
