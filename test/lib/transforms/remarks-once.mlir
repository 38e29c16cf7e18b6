// RUN: rk-opt %s --rk-remarks -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=remark:

// The optimiser copied a line: it is said once.

// CHECK: remark: 'Actor::on(Copied)' takes
// CHECK: remark: message 'Copied', 4 bytes: travels
// CHECK: copied.cpp:7:3: remark: message 'Copied', 4 bytes: waits
// CHECK: copied.cpp:7:3: remark: message 'Copied', 4 bytes: travels
// CHECK: copied.cpp:7:3: remark: message 'Copied', 4 bytes: the sender is pooled
// CHECK: copied.cpp:8:3: remark: message 'Copied', 4 bytes: waits
// CHECK: copied.cpp:8:3: remark: message 'Copied', 4 bytes: travels
// CHECK: copied.cpp:8:3: remark: message 'Copied', 4 bytes: the sender is pooled
rk.message @Copied {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "c"}
rk.actor @Actor {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  rk.handler @Copied calls @handle {lanes = #rk.lanes<one>}
}
llvm.func @handle(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %peer = rk.self in %context
  %0 = rk.send @Copied at %message to %peer in %context {size = 4 : i64} loc("copied.cpp":7:3)
  %1 = rk.send @Copied at %message to %peer in %context {size = 4 : i64} loc("copied.cpp":7:3)
  %2 = rk.send @Copied at %message to %peer in %context {size = 4 : i64} loc("copied.cpp":8:3)
  llvm.return
}
