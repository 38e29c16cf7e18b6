// RUN: rk-opt %s --split-input-file --rk-check-program --verify-diagnostics

// Each case breaks the rule that it is named for.

llvm.func @send_c2(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.send' op names 'Deposit', which is not declared as a message}}
  %0 = rk.send @Deposit at %bytes to %peer in %context {size = 8 : i64}
  llvm.return
}

// -----

// expected-note @below {{declared here}}
rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
llvm.func @send_c2(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.send' op passes 16 bytes as 'Deposit', which has 8}}
  %0 = rk.send @Deposit at %bytes to %peer in %context {size = 16 : i64}
  llvm.return
}

// -----

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
llvm.func @send_c3(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.send' op names 'Deposit', which is not declared as an actor}}
  %0 = rk.send @Deposit at %bytes to %peer of @Deposit in %context {size = 8 : i64}
  llvm.return
}

// -----

// An actor is no message.
rk.actor @Account {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
}
llvm.func @reply_c2(%context: !llvm.ptr, %token: i64, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.reply' op names 'Account', which is not declared as a message}}
  %0 = rk.reply @Account at %bytes to %token in %context {size = 16 : i64}
  llvm.return
}

// -----

// expected-note @below {{declared here}}
rk.actor @Account {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
}
llvm.func @spawn_c2(%context: !llvm.ptr, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.spawn' op passes 24 bytes as 'Account', which has 16}}
  %0, %1 = rk.spawn @Account at %bytes in %context {size = 24 : i64}
  llvm.return
}

// -----

// expected-note @below {{declared here}}
rk.actor @Account {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
}
llvm.func @spawn_c4(%context: !llvm.ptr, %bytes: !llvm.ptr, %kind: i32, %peer: i64) {
  // expected-error @below {{'Account' cannot be placed, since it is not resident: use spawn, or write 'class [[rk::actor, rk::resident]]'}}
  %0, %1 = rk.spawn @Account at %bytes in %context placed %kind by %peer {size = 16 : i64}
  llvm.return
}

// -----

rk.message @Add {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "m"}
// expected-note @below {{declared here}}
rk.actor @Team {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a", resident} {
  rk.handler @Add calls @add {lanes = #rk.lanes<block>}
}
llvm.func @add(!llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr)
llvm.func @spawn_c4_team(%context: !llvm.ptr, %bytes: !llvm.ptr, %kind: i32, %peer: i64) {
  // expected-error @below {{'Team' cannot be placed, since it has multiprocessors to itself, of a kernel of their own: use spawn}}
  %0, %1 = rk.spawn @Team at %bytes in %context placed %kind by %peer {size = 16 : i64}
  llvm.return
}

// -----

// expected-note @below {{declared here}}
rk.actor @Account {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
}
llvm.func @spawn_n_c2(%context: !llvm.ptr, %bytes: !llvm.ptr, %count: i32) {
  // expected-error @below {{'rk.spawn_n' op passes 24 bytes as 'Account', which has 16}}
  %0, %1 = rk.spawn_n @Account at %bytes times %count in %context {size = 24 : i64}
  llvm.return
}

// -----

llvm.func @spawn_n_c2_name(%context: !llvm.ptr, %bytes: !llvm.ptr, %count: i32) {
  // expected-error @below {{'rk.spawn_n' op names 'Nobody', which is not declared as an actor}}
  %0, %1 = rk.spawn_n @Nobody at %bytes times %count in %context {size = 24 : i64}
  llvm.return
}

// -----

rk.actor @handler_c1 {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // expected-error @below {{'rk.handler' op names 'Deposit', which is not declared as a message}}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
}

// -----

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.actor @handler_c1 {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // expected-error @below {{'rk.handler' op names 'Receipt', which is not declared as a message}}
  rk.handler @Deposit calls @deposit replies @Receipt {lanes = #rk.lanes<one>}
}

// -----

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.actor @handler_c2 {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // expected-error @below {{'rk.handler' op names 'deposit', which is not declared as a function}}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
}

// -----

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.actor @handler_c2 {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // expected-error @below {{'rk.handler' op calls 'deposit' of type '!llvm.func<void (ptr)>', and a handler has type '!llvm.func<void (ptr, ptr, ptr, ptr)>'}}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
}
llvm.func @deposit(!llvm.ptr)

// -----

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.actor @handler_c3 {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a", resident} {
  // expected-note @below {{reached from this handler}}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<block>}
}
llvm.func @deposit(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %yes = llvm.mlir.constant(true) : i1
  // expected-error @below {{rk::Group::ballot works within a warp, and a block has more lanes: use any, all or sum, or rk::Lanes::Warp}}
  %0 = rk.group.ballot %yes
  llvm.return
}

// -----

// Also through a function that a warp may call.

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.message @Query {hash = 2 : i64, size = 8 : i64, align = 8 : i64, tag = "q"}
rk.actor @handler_c3 {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a", resident} {
  rk.handler @Query calls @query {lanes = #rk.lanes<warp>}
  // expected-note @below {{reached from this handler}}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<grid>}
}
llvm.func @query(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  llvm.call @shared() : () -> ()
  %yes = llvm.mlir.constant(true) : i1
  %0 = rk.group.ballot %yes
  llvm.return
}
llvm.func @deposit(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  llvm.call @shared() : () -> ()
  llvm.return
}
llvm.func @shared() {
  %rank = rk.group.rank
  // expected-error @below {{rk::Group::shuffle works within a warp, and a grid has more lanes: use broadcast, or rk::Lanes::Warp}}
  %0 = rk.group.shuffle %rank from %rank
  llvm.return
}
