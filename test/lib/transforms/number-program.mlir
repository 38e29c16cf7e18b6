// RUN: rk-opt %s --rk-number-program | FileCheck %s
// RUN: rk-opt %s --rk-number-program --rk-number-program | FileCheck %s

// Numbers follow the order of names, whatever the order of declarations and
// whatever numbers were there before.

// CHECK: rk.message @Zebra {{.*}} index = 1 : i32
rk.message @Zebra {hash = 1 : i64, size = 1 : i64, align = 1 : i64, tag = "z"}
// CHECK: rk.actor @Second {{.*}} index = 1 : i32
rk.actor @Second {hash = 2 : i64, size = 1 : i64, align = 1 : i64, tag = "s"} {
}
// CHECK: rk.message @"a::Ant" {{.*}} index = 2 : i32
rk.message @"a::Ant" {hash = 3 : i64, size = 1 : i64, align = 1 : i64, tag = "a", index = 77 : i32}
// CHECK: rk.actor @First {{.*}} index = 0 : i32
rk.actor @First {hash = 4 : i64, size = 1 : i64, align = 1 : i64, tag = "f"} {
}
// CHECK: rk.message @Ant {{.*}} index = 0 : i32
rk.message @Ant {hash = 5 : i64, size = 1 : i64, align = 1 : i64, tag = "b"}
