// RUN: rk-opt %s --split-input-file --verify-diagnostics --rk-raise-markers

llvm.func @__rk_stencil_read_f32(!llvm.ptr, i32, i32, i32, i32) -> f32
llvm.func @__rk_stencil_write_f32(!llvm.ptr, f32)
rk.stencil @A attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
               tag = "t", dimensions = 1 : i32, radius = 1 : i32,
               update = @update} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
}
llvm.func @update(%self: !llvm.ptr, %zero: i32) {
  // expected-error @below {{the offsets of a stencil's accesses must be compile-time constants: give them as template arguments}}
  %a = llvm.call @__rk_stencil_read_f32(%self, %zero, %zero, %zero, %zero) : (!llvm.ptr, i32, i32, i32, i32) -> f32
  llvm.return
}

// -----

llvm.func @__rk_stencil_write_f32(!llvm.ptr, f32)
rk.stencil @A attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
               tag = "t", dimensions = 1 : i32, radius = 1 : i32,
               update = @update} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
}
llvm.func @update(%self: !llvm.ptr) {
  %value = llvm.mlir.constant(1.0 : f32) : f32
  %beside = llvm.getelementptr %self[2] : (!llvm.ptr) -> !llvm.ptr, i8
  // expected-error @below {{an update reads and writes the fields of its own stencil, named as such: 'cell.at(field)'}}
  llvm.call @__rk_stencil_write_f32(%beside, %value) : (!llvm.ptr, f32) -> ()
  llvm.return
}

// -----

// expected-error @below {{the update of stencil 'A' sets no field: write 'cell.set(field, value)'}}
rk.stencil @A attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
               tag = "t", dimensions = 1 : i32, radius = 1 : i32,
               update = @update} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
}
llvm.func @update(%self: !llvm.ptr) {
  llvm.return
}

// -----

llvm.func @__rk_stencil_write_f32(!llvm.ptr, f32)
llvm.func @elsewhere(%self: !llvm.ptr, %value: f32) {
  // expected-error @below {{cells are read and written in the update of a stencil, and in functions that it calls by name and without recursion}}
  llvm.call @__rk_stencil_write_f32(%self, %value) : (!llvm.ptr, f32) -> ()
  llvm.return
}

// -----

// expected-error @below {{the boundary of stencil 'A' sets no field: write 'place.set(field, value)'}}
rk.stencil @A attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
               tag = "t", dimensions = 1 : i32, radius = 1 : i32,
               boundary = @beyond} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
}
llvm.func @beyond(%self: !llvm.ptr) {
  llvm.return
}

// -----

llvm.func @__rk_stencil_write_f32(!llvm.ptr, f32)
rk.stencil @A attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
               tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.reduce "r" attributes {hash = 9 : i64, size = 4 : i64,
                                    align = 4 : i64, combine = @c, fold = @f,
                                    term = @term}
}
llvm.func @term(%self: !llvm.ptr, %result: !llvm.ptr) {
  %one = llvm.mlir.constant(1.0 : f32) : f32
  // expected-error @below {{a reduction cannot set fields: do so in the update}}
  llvm.call @__rk_stencil_write_f32(%self, %one) : (!llvm.ptr, f32) -> ()
  llvm.return
}

// -----

llvm.func @__rk_stencil_position(i32) -> i64
rk.stencil @A attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
               tag = "t", dimensions = 1 : i32, radius = 1 : i32,
               update = @update} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
}
llvm.func @update(%self: !llvm.ptr) {
  %five = llvm.mlir.constant(5 : i32) : i32
  // expected-error @below {{asks for position 5, and there are 3 here}}
  %step = llvm.call @__rk_stencil_position(%five) : (i32) -> i64
  llvm.return
}
