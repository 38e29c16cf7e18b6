// RUN: rk-opt %s --split-input-file --rk-remarks --verify-diagnostics
// RUN: rk-opt %s --split-input-file --rk-number-program > %t.without
// RUN: rk-opt %s --split-input-file --rk-number-program --rk-remarks 2> /dev/null | diff %t.without -

// What is said of a program whose messages are of all kinds. The limits are
// those of a packet: 32 bytes travel inside it, 33 do not.

rk.message @Small {hash = 1 : i64, size = 1 : i64, align = 1 : i64, tag = "s"}
rk.message @Full {hash = 2 : i64, size = 32 : i64, align = 4 : i64, tag = "f"}
rk.message @Over {hash = 3 : i64, size = 33 : i64, align = 1 : i64, tag = "o"}
rk.actor @"bank::Account" {hash = 4 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // expected-remark @below {{'bank::Account::on(Small)' takes up to 32 messages side by side, one in each lane of a warp}}
  // expected-remark @below {{message 'Small', 1 byte: travels inside its packet}}
  rk.handler @Small calls @onSmall {lanes = #rk.lanes<one>}
  // expected-remark @below {{'bank::Account::on(Full)' takes one message at a time, with the 32 lanes of a warp}}
  // expected-remark @below {{message 'Full', 32 bytes: travels inside its packet}}
  // expected-remark @below {{reply 'Small', 1 byte: made up inside its packet}}
  rk.handler @Full calls @onFull replies @Small {lanes = #rk.lanes<warp>}
  // expected-remark @below {{'bank::Account::on(Over)' takes up to 32 messages side by side, one in each lane of a warp}}
  // expected-remark @below {{message 'Over', 33 bytes: 1 more than fit into a packet; goes by reference through a block of the payload pool, with a fence at both ends}}
  // expected-remark @below {{reply 'Full', 32 bytes: made up inside its packet}}
  rk.handler @Over calls @onOver replies @Full {lanes = #rk.lanes<one>}
}
llvm.func @onSmall(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %peer = rk.self in %context
  // expected-remark @below {{message 'Full', 32 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'Full', 32 bytes: travels inside its packet}}
  // expected-remark @below {{message 'Full', 32 bytes: the sender is pooled: goes through the inbox of its worker, in device memory}}
  %0 = rk.send @Full at %message to %peer in %context {size = 32 : i64}
  // expected-remark @below {{message 'Over', 33 bytes: goes at once, since its status is used; what waits goes before it, one by one}}
  // expected-remark @below {{message 'Over', 33 bytes: 1 more than fit into a packet; goes by reference through a block of the payload pool, with a fence at both ends}}
  // expected-remark @below {{message 'Over', 33 bytes: the sender is pooled: goes through the inbox of its worker, in device memory}}
  %1 = rk.send @Over at %message to %peer in %context {size = 33 : i64}
  llvm.br ^use
^use:
  // The first use is named, and no other.
  // expected-note @below {{used here}}
  llvm.store %1, %state : i32, !llvm.ptr
  llvm.store %1, %reply : i32, !llvm.ptr
  llvm.return
}
llvm.func @onFull(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %call = llvm.mlir.addressof @table : !llvm.ptr
  // expected-remark @below {{actor 'bank::Account', 16 bytes: made at once; its state is copied}}
  %address, %status = rk.spawn @"bank::Account" at %state in %context {size = 16 : i64}
  %cluster = llvm.mlir.constant(3 : i32) : i32
  // expected-remark @below {{actor 'bank::Account', 16 bytes: made at once; its state is copied}}
  // expected-remark @below {{actor 'bank::Account', 16 bytes: placed in the cluster of another actor; messages between the two go through shared memory, and on a target without clusters through the L2 cache}}
  %beside, %placed = rk.spawn @"bank::Account" at %state in %context placed %cluster by %address {size = 16 : i64}
  %kind = llvm.load %message : !llvm.ptr -> i32
  // expected-remark @below {{actor 'bank::Account', 16 bytes: made at once; its state is copied}}
  // expected-remark @below {{actor 'bank::Account', 16 bytes: placed as the value says when it runs; a send looks the way up in shared memory}}
  %anywhere, %made = rk.spawn @"bank::Account" at %state in %context placed %kind by %address {size = 16 : i64}
  %count = llvm.mlir.constant(10 : i32) : i32
  // expected-remark @below {{actor 'bank::Account', 16 bytes: made at once; its state is copied for each by this lane}}
  %first, %all = rk.spawn_n @"bank::Account" at %state times %count in %context {size = 16 : i64}
  // expected-remark @below {{the stop goes at once; what waits goes before it, one by one}}
  %0 = rk.stop %address in %context
  llvm.return
}
llvm.func @onOver(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %token = rk.sender in %context
  // expected-remark @below {{reply 'Small', 1 byte: goes at once; what waits goes before it, one by one}}
  // expected-remark @below {{reply 'Small', 1 byte: travels inside its packet}}
  %0 = rk.reply @Small at %message to %token in %context {size = 1 : i64}
  // expected-remark @below {{reply 'Over', 33 bytes: goes at once; what waits goes before it, one by one}}
  // expected-remark @below {{reply 'Over', 33 bytes: 1 more than fit into a packet; goes to an actor by reference through a block of the payload pool, with a fence at both ends, and to the host through the outbound ring}}
  %1 = rk.reply @Over at %message to %token in %context {size = 33 : i64}
  llvm.return
}

// A table of functions leads to what it names.
llvm.mlir.global internal constant @table() : !llvm.ptr {
  %0 = llvm.mlir.addressof @throughTable : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}
llvm.func @throughTable(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) -> i32 {
  // expected-remark @below {{message 'Small', 1 byte: goes at once, since its status is used; what waits goes before it, one by one}}
  // expected-remark @below {{message 'Small', 1 byte: travels inside its packet}}
  // expected-remark @below {{message 'Small', 1 byte: no actor of the program is resident: goes through the inbox of its worker, in device memory}}
  %0 = rk.send @Small at %bytes to %peer in %context wants_reply {size = 1 : i64}
  // expected-note @below {{used here}}
  llvm.return %0 : i32
}

// Nothing is said of what no handler comes to.
llvm.func @unreachable(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  %0 = rk.send @Small at %bytes to %peer in %context {size = 1 : i64}
  llvm.return
}

// -----

// One large reply gives every reply of the program a buffer.

rk.message @Small {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "s"}
rk.message @Large {hash = 2 : i64, size = 100 : i64, align = 4 : i64, tag = "l"}
rk.actor @Actor {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // expected-remark @below {{'Actor::on(Small)' takes up to 32 messages side by side, one in each lane of a warp}}
  // expected-remark @below {{message 'Small', 4 bytes: travels inside its packet}}
  // expected-remark @below {{reply 'Large', 100 bytes: made up in a local buffer of 100 bytes per lane}}
  // expected-remark @below {{reply 'Large', 100 bytes: 68 more than fit into a packet; goes to an actor by reference through a block of the payload pool, with a fence at both ends, and to the host through the outbound ring}}
  rk.handler @Small calls @loops replies @Large {lanes = #rk.lanes<one>}
  // expected-remark @below {{'Actor::on(Large)' takes up to 32 messages side by side, one in each lane of a warp}}
  // expected-remark @below {{message 'Large', 100 bytes: 68 more than fit into a packet; goes by reference through a block of the payload pool, with a fence at both ends}}
  // expected-remark @below {{reply 'Small', 4 bytes: fits into a packet, but is made up in a local buffer of 100 bytes per lane and copied, since another reply of the program does not fit}}
  rk.handler @Large calls @loops replies @Small {lanes = #rk.lanes<one>}
}

// Loops of one block and of several; after them, no loop.
llvm.func @loops(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %peer = rk.self in %context
  %again = llvm.load %message : !llvm.ptr -> i1
  llvm.br ^one
^one:
  // expected-remark @below {{message 'Small', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'Small', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'Small', 4 bytes: the sender is pooled: goes through the inbox of its worker, in device memory}}
  // expected-remark @below {{message 'Small', 4 bytes: sent in a loop; the outbox holds 2 messages of a handler call, and when it is full they are sent one by one}}
  %0 = rk.send @Small at %message to %peer in %context {size = 4 : i64}
  llvm.cond_br %again, ^one, ^first
^first:
  // expected-remark @below {{message 'Small', 4 bytes: goes at once, since its status is used; what waits goes before it, one by one}}
  // expected-remark @below {{message 'Small', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'Small', 4 bytes: the sender is pooled: goes through the inbox of its worker, in device memory}}
  %1 = rk.send @Small at %message to %peer in %context {size = 4 : i64}
  llvm.br ^second
^second:
  // expected-note @below {{used here}}
  llvm.store %1, %state : i32, !llvm.ptr
  // expected-remark @below {{message 'Small', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'Small', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'Small', 4 bytes: the sender is pooled: goes through the inbox of its worker, in device memory}}
  // expected-remark @below {{message 'Small', 4 bytes: sent in a loop; the outbox holds 2 messages of a handler call, and when it is full they are sent one by one}}
  %2 = rk.send @Small at %message to %peer in %context {size = 4 : i64}
  llvm.cond_br %again, ^first, ^after
^after:
  // expected-remark @below {{message 'Small', 4 bytes: waits for the end of the handler, and goes with the other lanes' messages}}
  // expected-remark @below {{message 'Small', 4 bytes: travels inside its packet}}
  // expected-remark @below {{message 'Small', 4 bytes: the sender is pooled: goes through the inbox of its worker, in device memory}}
  %3 = rk.send @Small at %message to %peer in %context {size = 4 : i64}
  llvm.return
}

// -----

// Handlers beyond a warp.

rk.message @Small {hash = 1 : i64, size = 1 : i64, align = 1 : i64, tag = "s"}
rk.actor @Solver {hash = 4 : i64, size = 16 : i64, align = 8 : i64, tag = "a", resident} {
  // expected-remark @below {{'Solver::on(Small)' takes one message at a time, with all lanes of a cluster, which its actor has to itself}}
  // expected-remark @below {{message 'Small', 1 byte: travels inside its packet}}
  rk.handler @Small calls @onSmall {lanes = #rk.lanes<cluster>}
}
llvm.func @onSmall(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  llvm.return
}
