// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// A ring may lie in any address space, and so may the item.

// CHECK-LABEL: llvm.func @rings(
// CHECK-SAME: %[[RING:[^:]+]]: !llvm.ptr<3>, %[[ITEM:[^:]+]]: !llvm.ptr)
llvm.func @rings(%ring: !llvm.ptr<3>, %item: !llvm.ptr) {
  // CHECK: rk.ring.push %[[ITEM]] into %[[RING]] as !rk.ring<bytes = 24, align = 8, capacity = 100> : !llvm.ptr, !llvm.ptr<3>
  %0 = rk.ring.push %item into %ring
      as !rk.ring<bytes = 24, align = 8, capacity = 100>
      : !llvm.ptr, !llvm.ptr<3>
  // CHECK: rk.ring.pop %[[ITEM]] from %[[RING]] as !rk.ring<bytes = 1, align = 1, capacity = 1048576> : !llvm.ptr, !llvm.ptr<3>
  %1 = rk.ring.pop %item from %ring
      as !rk.ring<bytes = 1, align = 1, capacity = 1048576>
      : !llvm.ptr, !llvm.ptr<3>
  llvm.return
}
