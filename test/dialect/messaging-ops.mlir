// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// Messaging ops print their parts in reading order; a reply is asked for by a
// word.

// CHECK-LABEL: llvm.func @handler(
// CHECK-SAME: %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[PEER:[^:]+]]: i64, %[[BYTES:[^:]+]]: !llvm.ptr, %[[COUNT:[^:]+]]: i32)
llvm.func @handler(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr,
                   %count: i32) {
  // CHECK: rk.send @Deposit at %[[BYTES]] to %[[PEER]] in %[[CONTEXT]] {size = 8 : i64}
  %0 = rk.send @Deposit at %bytes to %peer in %context {size = 8 : i64}
  // CHECK: rk.send @Query at %[[BYTES]] to %[[PEER]] in %[[CONTEXT]] wants_reply {size = 1 : i64}
  %1 = rk.send @Query at %bytes to %peer in %context wants_reply
      {size = 1 : i64}
  // CHECK: rk.send @Deposit at %[[BYTES]] to %[[PEER]] of @Account in %[[CONTEXT]] by <inbox> {size = 8 : i64}
  %4 = rk.send @Deposit at %bytes to %peer of @Account in %context by <inbox>
      {size = 8 : i64}
  // CHECK: rk.send @Query at %[[BYTES]] to %[[PEER]] in %[[CONTEXT]] wants_reply by <ring> {size = 1 : i64}
  %5 = rk.send @Query at %bytes to %peer in %context wants_reply by <ring>
      {size = 1 : i64}
  // CHECK: %[[TOKEN:.+]] = rk.sender in %[[CONTEXT]]
  %token = rk.sender in %context
  // CHECK: rk.reply @Balance at %[[BYTES]] to %[[TOKEN]] in %[[CONTEXT]] {size = 8 : i64}
  %2 = rk.reply @Balance at %bytes to %token in %context {size = 8 : i64}
  // CHECK: %{{.+}}, %{{.+}} = rk.spawn @Account at %[[BYTES]] in %[[CONTEXT]] {size = 16 : i64}
  %address, %status = rk.spawn @Account at %bytes in %context
      {size = 16 : i64}
  // CHECK: %{{.+}}, %{{.+}} = rk.spawn @Account at %[[BYTES]] in %[[CONTEXT]] placed %[[COUNT]] by %{{.+}} {size = 16 : i64}
  %beside, %placed = rk.spawn @Account at %bytes in %context
      placed %count by %address {size = 16 : i64}
  // CHECK: %{{.+}}, %{{.+}} = rk.spawn_n @Account at %[[BYTES]] times %[[COUNT]] in %[[CONTEXT]] {size = 16 : i64}
  %first, %all = rk.spawn_n @Account at %bytes times %count in %context
      {size = 16 : i64}
  // CHECK: %[[ME:.+]] = rk.self in %[[CONTEXT]]
  %me = rk.self in %context
  // CHECK: %[[HANDLE:.+]] = rk.bulk <make> %[[PEER]], %[[PEER]] in %[[CONTEXT]]
  %handle = rk.bulk <make> %peer, %peer in %context
  // CHECK: rk.bulk <is_alone> %[[HANDLE]], %[[PEER]] in %[[CONTEXT]]
  %alone = rk.bulk <is_alone> %handle, %peer in %context
  // CHECK: rk.stop %[[ME]] in %[[CONTEXT]]
  %3 = rk.stop %me in %context
  llvm.return
}
