// RUN: rk-opt %s --split-input-file --verify-diagnostics

// Each case breaks the rule that it is named for.

// expected-error @below {{'rk.message' op size must be 1 to 4096 bytes, got 0}}
rk.message @message_c1 {hash = 1 : i64, size = 0 : i64, align = 8 : i64, tag = "t"}

// -----

// expected-error @below {{'rk.message' op size must be 1 to 4096 bytes, got 4097}}
rk.message @message_c1 {hash = 1 : i64, size = 4097 : i64, align = 8 : i64, tag = "t"}

// -----

// expected-error @below {{'rk.message' op alignment must be a power of two, got 12}}
rk.message @message_c2 {hash = 1 : i64, size = 8 : i64, align = 12 : i64, tag = "t"}

// -----

// expected-error @below {{'rk.message' op alignment must be a power of two, got -8}}
rk.message @message_c2 {hash = 1 : i64, size = 8 : i64, align = -8 : i64, tag = "t"}

// -----

// expected-error @below {{'rk.message' op index must be 0 to 4094, got 4095}}
rk.message @message_c3 {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t", index = 4095 : i32}

// -----

// expected-error @below {{'rk.message' op size with a bulk payload must be 16 to 32 bytes, got 40}}
rk.message @message_c4 {hash = 1 : i64, size = 40 : i64, align = 8 : i64, tag = "t", bulk}

// -----

// expected-error @below {{'rk.actor' op size must be 1 to 65536 bytes, got 65537}}
rk.actor @actor_c1 {hash = 1 : i64, size = 65537 : i64, align = 8 : i64, tag = "t"} {
}

// -----

// expected-error @below {{'rk.actor' op size must be 1 to 4096 bytes, got 4104}}
rk.actor @actor_c1 {hash = 1 : i64, size = 4104 : i64, align = 8 : i64, tag = "t", resident} {
}

// -----

// expected-error @below {{'rk.actor' op alignment must be a power of two, got 0}}
rk.actor @actor_c2 {hash = 1 : i64, size = 8 : i64, align = 0 : i64, tag = "t"} {
}

// -----

rk.actor @actor_c3 {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t"} {
  // expected-error @below {{'rk.fence' op may not stand in an rk.actor, which holds rk.state and rk.handler only}}
  rk.fence order<release> scope<device>
}

// -----

rk.actor @actor_c4 {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t"} {
  // expected-note @below {{the first is here}}
  rk.handler @M calls @first {lanes = #rk.lanes<one>}
  // expected-error @below {{'rk.handler' op is the second handler of @M in actor "actor_c4"}}
  rk.handler @M calls @second {lanes = #rk.lanes<one>}
}

// -----

rk.actor @actor_c5 {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t"} {
  // expected-error @below {{'rk.state' op ends at byte 12 of an actor of 8 bytes}}
  rk.state "x" {offset = 4 : i64, size = 8 : i64}
}

// -----

// expected-error @below {{'rk.actor' op index must not be negative, got -1}}
rk.actor @actor_c6 {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t", index = -1 : i32} {
}

// -----

rk.actor @actor_c7 {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t"} {
  // expected-error @below {{'rk.handler' op runs in a block, and only resident actors have one to themselves}}
  rk.handler @M calls @onBlock {lanes = #rk.lanes<block>}
}

// -----

rk.actor @state_c1 {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t"} {
  // expected-error @below {{'rk.state' op needs an offset of at least 0 and a size of at least 1, got -1 and 4}}
  rk.state "x" {offset = -1 : i64, size = 4 : i64}
}

// -----

// expected-error @below {{'rk.state' op expects parent op 'rk.actor'}}
rk.state "x" {offset = 0 : i64, size = 4 : i64}

// -----

// expected-error @below {{'rk.actor' op attribute 'when_full' failed to satisfy constraint: what becomes of a message that finds its receiver's mailbox full}}
rk.actor @A {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t", when_full = 2 : i32} {
}

// -----

// expected-error @below {{expected ::rkc::WhenFull to be one of: fail, dead_letter, drop_oldest}}
// expected-error @below {{failed to parse Rk_WhenFullAttr parameter 'value' which is to be a `::rkc::WhenFull`}}
rk.actor @A {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "t", when_full = #rk.when_full<drop_newest>} {
}
