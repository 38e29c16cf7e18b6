//===- StencilOps.td - Fields, and the update of one cell --*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_STENCILOPS_TD
#define RKC_DIALECT_STENCILOPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupStencil : OpDocGroup {
  let summary = "Stencils";
  let description = [{
    A stencil is a grid of cells with fields, and the update that all its cells
    make in a step. What a cell reads of its neighbourhood is known by its
    place, so that a lowering can bring it from wherever it keeps it: the
    accesses of an update come before its computation, which is a function of
    the values read.
  }];
}

let opDocGroup = OpGroupStencil in {

def Rk_StencilOp : Rk_Op<"stencil", "0.3", [
    Symbol, IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments,
    Rk_AnyTarget]> {
  let summary = "Declare a stencil: its arrays, its update and its plans";
  let description = [{
    The region holds one `rk.stencil.array` for each field and coefficient, in
    the order of the class, one `rk.stencil.apply`, and one `rk.stencil.plan`
    for each way to run it.

    The objects of the class are the parameters of the update: `size` bytes.
    `hash` and `tag` are as in `rk.actor`. `update` is the function that the
    source wrote; the raising makes the `rk.stencil.apply` of it and drops it.

    - `stencil_c1`: `dimensions` is 1 to 3.
    - `stencil_c2`: `radius` is 1 to 8.
    - `stencil_c3`: the region holds ops of the stencil group only, with at most
      one `rk.stencil.apply`.
    - `stencil_c4`: no two arrays have the same name, and no two plans.
    - `stencil_c5`: the arrays take at most 32 entries of the launch's table.
    - `stencil_c6`: `size` is 1 to 1024 bytes, and `align` a power of two of at
      most 16.

    Lowers to: one kernel for each plan; the module file's manifest lists them.

    Example:

    ```mlir
    llvm.func @decay(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %a: f32,
                     %b: f32) -> f32 {
      %sum = llvm.fadd %a, %b : f32
      llvm.return %sum : f32
    }
    rk.stencil @Heat attributes {hash = 21 : i64, size = 8 : i64, align = 4 : i64,
                      tag = "tag", dimensions = 1 : i32, radius = 1 : i32} {
      rk.stencil.array "heat" : f32 {offset = 0 : i64, levels = 1 : i32}
      rk.stencil.apply {
      ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
        %left = rk.stencil.access "heat"[-1, 0, 0] : f32
        %right = rk.stencil.access "heat"[1, 0, 0] : f32
        %new = llvm.call @decay(%self, %x, %y, %z, %left, %right)
            : (!llvm.ptr, i64, i64, i64, f32, f32) -> f32
        rk.stencil.store %new, "heat" : f32
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$hash, I64Attr:$size,
                       I64Attr:$align, StrAttr:$tag, I32Attr:$dimensions,
                       I32Attr:$radius, UnitAttr:$star,
                       OptionalAttr<FlatSymbolRefAttr>:$update);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Returns the array of that name, or null.
    StencilArrayOp getArray(::llvm::StringRef name);
    /// Returns the update, or null before it is raised.
    StencilApplyOp getApply();
    /// Returns the first entry of `array` in the table of a launch.
    uint32_t getFirstEntry(StencilArrayOp array);
    /// Returns how many entries the table has.
    uint32_t getEntryCount();
  }];
}

def Rk_StencilArrayOp : Rk_Op<"stencil.array", "0.3", [
    HasParent<"StencilOp">, Rk_AnyTarget]> {
  let summary = "Declare a field of a stencil, or a coefficient";
  let description = [{
    A value of `type` for each cell. A field has `levels` values that an update
    can read: that of the last step (level 0), that of the step before, and so
    on. A `coefficient` has one that no update changes. `offset` is the place of
    the member in the class, by which the host knows it.

    `entries`, once `rk-infer-halos` has run, is the number of arrays in memory:
    `levels`, and one more if the oldest level is read beside the cell, or is
    the only one, as a step must not overwrite what neighbours read.
    `halo` is then how far from the cell it is read, for each axis.

    - `stencil.array_c1`: `type` is f32, f64, or an integer of 8, 16, 32 or 64
      bits; other scalars travel as integers of their size.
    - `stencil.array_c2`: `levels` is 1 to 4, and 1 for a coefficient.

    Example:

    ```mlir
    rk.stencil @Wave attributes {hash = 22 : i64, size = 4 : i64, align = 4 : i64,
                      tag = "tag", dimensions = 3 : i32, radius = 1 : i32} {
      rk.stencil.array "pressure" : f32 {offset = 0 : i64, levels = 2 : i32}
      rk.stencil.array "speed" : f32 {offset = 1 : i64, levels = 1 : i32,
                                      coefficient}
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, TypeAttr:$type, I64Attr:$offset,
                       I32Attr:$levels, UnitAttr:$coefficient,
                       OptionalAttr<I32Attr>:$entries,
                       OptionalAttr<DenseI64ArrayAttr>:$halo,
                       UnitAttr:$written);
  let assemblyFormat = "$name `:` $type attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Returns the size of one value in bytes.
    uint32_t getElementBytes() {
      return getType().getIntOrFloatBitWidth() / 8;
    }
  }];
}

def Rk_StencilApplyOp : Rk_Op<"stencil.apply", "0.3", [
    HasParent<"StencilOp">, SingleBlock, NoTerminator, Rk_AnyTarget]> {
  let summary = "Say what a cell makes of its neighbourhood in a step";
  let description = [{
    The block has no control flow: `rk.stencil.access` ops, computation of the
    `llvm` dialect, usually one call of a function without side effects, and
    `rk.stencil.store` ops, at most one for each field. A lowering copies the
    block into its kernel, with a value for each argument and access.

    The arguments are the parameters (a pointer to the object of the class,
    which may only be read) and the cell's place along x, y and z; those of axes
    that the stencil has not are 0. A field that is not stored keeps its value.

    - `stencil.apply_c1`: the block's arguments are of type `!llvm.ptr`, `i64`,
      `i64`, `i64`.
    - `stencil.apply_c2`: the block holds `rk.stencil.access`,
      `rk.stencil.store` and ops of the `llvm` dialect only.
    - `stencil.apply_c3`: no field is stored twice.

    Example:

    ```mlir
    rk.stencil @Heat attributes {hash = 21 : i64, size = 8 : i64,
                                 align = 4 : i64, tag = "tag",
                                 dimensions = 1 : i32, radius = 1 : i32} {
      rk.stencil.array "heat" : f32 {offset = 0 : i64, levels = 1 : i32}
      rk.stencil.apply {
      ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
        %old = rk.stencil.access "heat"[0, 0, 0] : f32
        rk.stencil.store %old, "heat" : f32
      }
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
}

def Rk_StencilAccessOp : Rk_Op<"stencil.access", "0.3", [
    HasParent<"StencilApplyOp">, Pure, Rk_AnyTarget]> {
  let summary = "Read an array at a constant distance from the cell";
  let description = [{
    Reads the value that the array had before the step, `offset` cells away
    along x, y and z, `level` steps before the last one. Beyond the boundary
    lies the halo, whose values the boundary condition gives.

    - `stencil.access_c1`: the name is that of an array of the stencil.
    - `stencil.access_c2`: no component of `offset` is farther than the radius;
      those of axes that the stencil has not are 0.
    - `stencil.access_c3`: with `star`, at most one component is not 0.
    - `stencil.access_c4`: `level` is less than the levels of the array.
    - `stencil.access_c5`: the result is of the array's type.

    Lowers to: a load, or a value that the plan holds already.

    Example:

    ```mlir
    rk.stencil @Heat attributes {hash = 21 : i64, size = 8 : i64,
                                 align = 4 : i64, tag = "tag",
                                 dimensions = 1 : i32, radius = 1 : i32} {
      rk.stencil.array "heat" : f32 {offset = 0 : i64, levels = 1 : i32}
      rk.stencil.apply {
      ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
        %left = rk.stencil.access "heat"[-1, 0, 0] : f32
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$array, DenseI64ArrayAttr:$offset,
                       DefaultValuedAttr<I32Attr, "0">:$level);
  let results = (outs AnyTypeOf<[F32, F64, I8, I16, I32, I64]>:$value);
  let assemblyFormat = [{
    $array `` $offset attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def Rk_StencilStoreOp : Rk_Op<"stencil.store", "0.3", [
    HasParent<"StencilApplyOp">, Rk_AnyTarget]> {
  let summary = "Give the cell its new value of a field";
  let description = [{
    Writes the cell's own value, which is level 0 of the field after the step.
    There is no way to write a neighbour's.

    - `stencil.store_c1`: the name is that of a field of the stencil, not of a
      coefficient.
    - `stencil.store_c2`: the value is of the field's type.

    Lowers to: a store.

    Example:

    ```mlir
    rk.stencil @Heat attributes {hash = 21 : i64, size = 8 : i64,
                                 align = 4 : i64, tag = "tag",
                                 dimensions = 1 : i32, radius = 1 : i32} {
      rk.stencil.array "heat" : f32 {offset = 0 : i64, levels = 1 : i32}
      rk.stencil.apply {
      ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
        %new = llvm.mlir.constant(1.0 : f32) : f32
        rk.stencil.store %new, "heat" : f32
      }
    }
    ```
  }];
  let arguments = (ins AnyTypeOf<[F32, F64, I8, I16, I32, I64]>:$value,
                       StrAttr:$array);
  let assemblyFormat = "$value `,` $array attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Rk_StencilPlanOp : Rk_Op<"stencil.plan", "0.3", [
    HasParent<"StencilOp">, Rk_AnyTarget]> {
  let summary = "Say how a stencil can be run: a kernel and its shape";
  let description = [{
    `name` tells which lowering makes the kernel `entry`. A launch of it takes
    `steps` steps, with blocks of `block` threads along x, y and z; a block is
    for `tile` cells, where 0 stands for all cells of that axis. `shared` is the
    dynamic shared memory of a block in bytes.

    - `stencil.plan_c1`: `block` has three numbers of at least 1 whose product
      is at most 1024, and `tile` three that are not negative.
    - `stencil.plan_c2`: `steps` is at least 1, and `shared` not negative.

    Example:

    ```mlir
    rk.stencil @Wave attributes {hash = 22 : i64, size = 4 : i64, align = 4 : i64,
                      tag = "tag", dimensions = 3 : i32, radius = 1 : i32} {
      rk.stencil.plan "global" @rk_stencil_Wave_global
          {block = array<i32: 64, 4, 1>, tile = array<i32: 64, 4, 1>,
           steps = 1 : i32, shared = 0 : i32}
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$entry,
                       DenseI32ArrayAttr:$block, DenseI32ArrayAttr:$tile,
                       I32Attr:$steps, I32Attr:$shared);
  let assemblyFormat = "$name $entry attr-dict";
  let hasVerifier = 1;
}

} // OpGroupStencil

#endif // RKC_DIALECT_STENCILOPS_TD
