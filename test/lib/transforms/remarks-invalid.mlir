// RUN: rk-opt %s --split-input-file --rk-remarks --verify-diagnostics

rk.actor @Account {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // expected-error @below {{'rk.handler' op names 'Deposit', which is not declared as a message: run rk-check-program first}}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
}

// -----

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.actor @Account {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  // What was found before the error is said.
  // expected-remark @below {{'Account::on(Deposit)' takes up to 32 messages side by side, one in each lane of a warp}}
  // expected-remark @below {{message 'Deposit', 8 bytes: travels inside its packet}}
  // expected-error @below {{'rk.handler' op names 'Receipt', which is not declared as a message: run rk-check-program first}}
  rk.handler @Deposit calls @deposit replies @Receipt {lanes = #rk.lanes<one>}
}
