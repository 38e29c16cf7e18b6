// RUN: rk-opt %s --rk-remarks=only='^bank::Account::on.Deposit' -o /dev/null 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: rk-opt %s --rk-remarks='only=help(er|less).int' -o /dev/null 2>&1 | FileCheck %s --check-prefix=HELPER
// RUN: not rk-opt %s --rk-remarks='only=(' -o /dev/null 2>&1 | FileCheck %s --check-prefix=OPEN
// RUN: not rk-opt %s --rk-remarks='only=*' -o /dev/null 2>&1 | FileCheck %s --check-prefix=STAR
// RUN: rk-opt %s --rk-remarks=only=NoSuch -o /dev/null 2>&1 | count 0

// A regular expression chooses handlers, with what the functions that they name
// send, and other functions by the names that C++ has for them.

// ONE-NOT: remark:
// ONE: remark: 'bank::Account::on(Deposit)' takes
// ONE: remark: message 'Deposit', 8 bytes: travels
// ONE: :[[#@LINE+20]]:{{[0-9]+}}: remark: message 'Query', 1 byte: waits
// ONE: remark: message 'Query', 1 byte: travels
// ONE: remark: message 'Query', 1 byte: the sender is pooled
// ONE-NOT: remark:

// HELPER: :[[#@LINE+20]]:{{[0-9]+}}: remark: message 'Query', 1 byte: waits
// HELPER: remark: message 'Query', 1 byte: travels
// HELPER: remark: message 'Query', 1 byte: no actor of the program is resident
// HELPER-NOT: remark:
// OPEN: error: '(' is no regular expression: parentheses not balanced
// STAR: error: '*' is no regular expression: repetition-operator operand invalid

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.message @Query {hash = 2 : i64, size = 1 : i64, align = 1 : i64, tag = "q"}
rk.actor @"bank::Account" {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  rk.handler @Query calls @query replies @Deposit {lanes = #rk.lanes<one>}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
}
llvm.func @deposit(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %peer = rk.self in %context
  %0 = rk.send @Query at %message to %peer in %context {size = 1 : i64}
  llvm.call @_Z6helperiPvS_(%peer, %message, %context) : (i64, !llvm.ptr, !llvm.ptr) -> ()
  llvm.return
}
llvm.func @_Z6helperiPvS_(%peer: i64, %message: !llvm.ptr, %context: !llvm.ptr) {
  %0 = rk.send @Query at %message to %peer in %context {size = 1 : i64}
  llvm.return
}
llvm.func @query(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %peer = rk.self in %context
  %0 = rk.send @Query at %message to %peer in %context {size = 1 : i64}
  llvm.return
}
