// RUN: rk-opt %s --rk-choose-tiers | FileCheck %s
// RUN: rk-opt %s --rk-choose-tiers | rk-opt --rk-choose-tiers | FileCheck %s
// RUN: rk-opt %s --rk-remarks=only='::on' --verify-diagnostics

// The tier of a send follows from who can come to it and from whom it is for;
// remarks give the reason.

rk.message @M {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "m"}
rk.message @Wide {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "w"}
rk.actor @Pool {hash = 3 : i64, size = 8 : i64, align = 8 : i64, tag = "p"} {
  // expected-remark @below {{'Pool::on(M)' takes up to 32 messages side by side, one in each lane of a warp}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  rk.handler @M calls @pooled {lanes = #rk.lanes<one>}
}
rk.actor @Place {hash = 4 : i64, size = 8 : i64, align = 8 : i64, tag = "r", resident} {
  // expected-remark @below {{'Place::on(M)' takes one message at a time, in one lane of the warp that its actor has to itself}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  rk.handler @M calls @placed {lanes = #rk.lanes<one>}
  // expected-remark @below {{'Place::on(Wide)' takes one message at a time, with the 32 lanes of a warp}}
  // expected-remark @below {{message 'Wide', 4 bytes: travels inside its packet}}
  rk.handler @Wide calls @warp {lanes = #rk.lanes<warp>}
}
rk.actor @Team {hash = 5 : i64, size = 8 : i64, align = 8 : i64, tag = "t", resident} {
  // expected-remark @below {{'Team::on(M)' takes one message at a time, with all lanes of a block, which its actor has to itself}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  rk.handler @M calls @team {lanes = #rk.lanes<block>}
}

// CHECK-LABEL: llvm.func @pooled(
llvm.func @pooled(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %peer = llvm.load %state : !llvm.ptr -> i64
  // CHECK: rk.send @M at %{{.+}} of @Pool in %{{.+}} by <inbox>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Pool' is pooled: goes through the inbox of its worker, in device memory}}
  %0 = rk.send @M at %message to %peer of @Pool in %context {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} of @Place in %{{.+}} by <inbox>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Place' is resident, but what sends here is not, or has more than a warp: goes through the inbox of its place, in device memory}}
  %1 = rk.send @M at %message to %peer of @Place in %context {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} to %{{[^ ]+}} in %{{.+}} {size
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: nothing here says whether the receiver is pooled or resident: the way is looked up in shared memory}}
  %2 = rk.send @M at %message to %peer in %context by <block> {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} to %{{[^ ]+}} in %{{.+}} by <inbox>
  %self = rk.self in %context
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: the sender is pooled: goes through the inbox of its worker, in device memory}}
  %3 = rk.send @M at %message to %self in %context {size = 4 : i64}
  llvm.call @helper(%context, %message, %peer) : (!llvm.ptr, !llvm.ptr, i64) -> ()
  llvm.return
}

// CHECK-LABEL: llvm.func @placed(
llvm.func @placed(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %peer = llvm.load %state : !llvm.ptr -> i64
  %self = rk.self in %context
  // CHECK: rk.send @M at %{{.+}} of @Place in %{{.+}} by <block>
  // expected-remark @below {{message 'M', 4 bytes: goes at once on a GPU, as from a lane of a resident actor to another; on a CPU waits for the end of the handler}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: is for the sender itself: goes through a ring in the shared memory of its block}}
  %0 = rk.send @M at %message to %self of @Place in %context {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} of @Place in %{{.+}} by <ring>
  // expected-remark @below {{message 'M', 4 bytes: goes at once on a GPU, as from a lane of a resident actor to another; on a CPU waits for the end of the handler}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Place' is resident, as what sends here: goes through a ring, in shared memory within a cluster; which one is looked up, as nothing here says where the receiver is}}
  %1 = rk.send @M at %message to %peer of @Place in %context {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} of @Pool in %{{.+}} by <inbox>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Pool' is pooled: goes through the inbox of its worker, in device memory}}
  %2 = rk.send @M at %message to %peer of @Pool in %context {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} of @Team in %{{.+}} by <inbox>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Team' has more than a warp to itself: goes through its inbox, in device memory}}
  %3 = rk.send @M at %message to %peer of @Team in %context {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} to %{{[^ ]+}} in %{{.+}} {size
  // expected-remark @below {{message 'M', 4 bytes: goes at once on a GPU where one lane of a resident actor sends it to another, and else waits for the end of the handler}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: nothing here says whether the receiver is pooled or resident: the way is looked up in shared memory}}
  %4 = rk.send @M at %message to %peer in %context {size = 4 : i64}
  // What one lane of a resident actor sends to another needs no outbox.
  llvm.br ^again
^again:
  // CHECK: rk.send @M at %{{.+}} of @Place in %{{.+}} by <block>
  // expected-remark @below {{message 'M', 4 bytes: goes at once on a GPU, as from a lane of a resident actor to another; on a CPU waits for the end of the handler}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: is for the sender itself: goes through a ring in the shared memory of its block}}
  %5 = rk.send @M at %message to %self of @Place in %context {size = 4 : i64}
  %more = llvm.load %message : !llvm.ptr -> i1
  llvm.cond_br %more, ^again, ^after
^after:
  llvm.call @helper(%context, %message, %peer) : (!llvm.ptr, !llvm.ptr, i64) -> ()
  llvm.return
}

// What a handler has placed itself. The kind of the other is not constant, and
// the third is placed by somebody else.
// CHECK-LABEL: llvm.func @warp(
llvm.func @warp(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %self = rk.self in %context
  %block = llvm.mlir.constant(2 : i32) : i32
  %cluster = llvm.mlir.constant(3 : i32) : i32
  %near = llvm.mlir.constant(1 : i32) : i32
  // expected-remark @below {{actor 'Place', 8 bytes: made at once; its state is copied}}
  // expected-remark @below {{actor 'Place', 8 bytes: placed in the block of another actor; messages between the two go through shared memory}}
  %a, %s0 = rk.spawn @Place at %state in %context placed %block by %self {size = 8 : i64}
  // CHECK: rk.send @M at %{{.+}} by <block>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: is for an actor placed in the block of the sender: goes through a ring in the shared memory of the block}}
  %0 = rk.send @M at %message to %a of @Place in %context {size = 4 : i64}
  // expected-remark @below {{actor 'Place', 8 bytes: made at once; its state is copied}}
  // expected-remark @below {{actor 'Place', 8 bytes: placed in the cluster of another actor; messages between the two go through shared memory, and on a target without clusters through the L2 cache}}
  %b, %s1 = rk.spawn @Place at %state in %context placed %cluster by %self {size = 8 : i64}
  // CHECK: rk.send @M at %{{.+}} by <cluster>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: is for an actor placed in the cluster of the sender: goes through a ring in the shared memory of the cluster, or in device memory on a target without clusters; its block is looked up}}
  %1 = rk.send @M at %message to %b in %context {size = 4 : i64}
  // expected-remark @below {{actor 'Place', 8 bytes: made at once; its state is copied}}
  // expected-remark @below {{actor 'Place', 8 bytes: placed in the block of another actor, else in its cluster, else anywhere; a send looks the way up in shared memory}}
  %c, %s2 = rk.spawn @Place at %state in %context placed %near by %self {size = 8 : i64}
  // CHECK: rk.send @M at %{{.+}} by <ring>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Place' is resident, as what sends here: goes through a ring, in shared memory within a cluster; which one is looked up, as nothing here says where the receiver is}}
  %2 = rk.send @M at %message to %c in %context {size = 4 : i64}
  // expected-remark @below {{actor 'Place', 8 bytes: made at once; its state is copied}}
  // expected-remark @below {{actor 'Place', 8 bytes: placed in the block of another actor; messages between the two go through shared memory}}
  %d, %s3 = rk.spawn @Place at %state in %context placed %block by %c {size = 8 : i64}
  // CHECK: rk.send @M at %{{.+}} by <ring>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Place' is resident, as what sends here: goes through a ring, in shared memory within a cluster; which one is looked up, as nothing here says where the receiver is}}
  %3 = rk.send @M at %message to %d in %context {size = 4 : i64}
  llvm.return
}

// CHECK-LABEL: llvm.func @team(
llvm.func @team(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %self = rk.self in %context
  // CHECK: rk.send @M at %{{.+}} by <inbox>
  // expected-remark @below {{message 'M', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'M', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'M', 4 bytes: 'Team' has more than a warp to itself: goes through its inbox, in device memory}}
  %0 = rk.send @M at %message to %self of @Team in %context {size = 4 : i64}
  llvm.return
}

// Both come here: a pooled actor has an inbox for all, a place for some.
// CHECK-LABEL: llvm.func @helper(
llvm.func @helper(%context: !llvm.ptr, %message: !llvm.ptr, %peer: i64) {
  // CHECK: rk.send @M at %{{.+}} of @Place in %{{.+}} {size
  %0 = rk.send @M at %message to %peer of @Place in %context {size = 4 : i64}
  // CHECK: rk.send @M at %{{.+}} of @Pool in %{{.+}} by <inbox>
  %1 = rk.send @M at %message to %peer of @Pool in %context {size = 4 : i64}
  %self = rk.self in %context
  // CHECK: rk.send @M at %{{.+}} to %{{[^ ]+}} in %{{.+}} {size
  %2 = rk.send @M at %message to %self in %context {size = 4 : i64}
  llvm.return
}

// No handler comes here.
// CHECK-LABEL: llvm.func @unreachable(
llvm.func @unreachable(%context: !llvm.ptr, %message: !llvm.ptr) {
  %self = rk.self in %context
  // CHECK: rk.send @M at %{{.+}} {size
  %0 = rk.send @M at %message to %self in %context {size = 4 : i64}
  llvm.return
}
