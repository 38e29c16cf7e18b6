// RUN: rk-opt %s --rk-number-program --verify-diagnostics

// expected-note @below {{the other is here}}
rk.message @One {hash = 1 : i64, size = 1 : i64, align = 1 : i64, tag = "one"}
// expected-error @below {{the message types 'Two' and 'One' have the same hash: rename one}}
rk.message @Two {hash = 1 : i64, size = 1 : i64, align = 1 : i64, tag = "two"}
