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

/// What an array holds: a number, or a structure as the integer of its bits.
def Rk_StencilValue
    : AnyTypeOf<[F16, BF16, F32, F64, I8, I16, I32, I64]>;

let opDocGroup = OpGroupStencil in {

def Rk_StencilOp : Rk_Op<"stencil", "0.3", [
    Symbol, IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments,
    Rk_AnyTarget]> {
  let summary = "Declare a stencil: its arrays, its update and its plans";
  let description = [{
    The region holds one `rk.stencil.array` for each field and coefficient, in
    the order of the class, one `rk.stencil.apply`, one `rk.stencil.boundary` if
    the class has one, one `rk.stencil.reduce` for each reduction, and one
    `rk.stencil.plan` for each way to run it.

    The objects of the class are the parameters of the update: `size` bytes.
    `hash` and `tag` are as in `rk.actor`. `update` and `boundary` are functions
    that the source wrote; the raising makes the ops of them and drops them.

    - `stencil_c1`: `dimensions` is 1 to 3.
    - `stencil_c2`: `radius` is 1 to 8.
    - `stencil_c3`: the region holds ops of the stencil group only, with at most
      one `rk.stencil.apply` and at most one `rk.stencil.boundary`.
    - `stencil_c4`: no two arrays have the same name, no two plans, and no two
      reductions.
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
                       OptionalAttr<FlatSymbolRefAttr>:$update,
                       OptionalAttr<FlatSymbolRefAttr>:$boundary);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Returns the array of that name, or null.
    StencilArrayOp getArray(::llvm::StringRef name);
    /// Returns the update, or null before it is raised.
    StencilApplyOp getApply();
    /// Returns what is said about places beyond faces, or null.
    StencilBoundaryOp getOutside();
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
    A value of `type` for each cell. A member whose values are larger than 8
    bytes has an array for each word of them, its `part`. A field has `levels` values that an update
    can read: that of the last step (level 0), that of the step before, and so
    on. A `coefficient` has one that no update changes. `offset` is the place of
    the member in the class, by which the host knows it.

    `entries`, once `rk-infer-halos` has run, is the number of arrays in memory:
    `levels`, and one more if the oldest level is read beside the cell, or is
    the only one, as a step must not overwrite what neighbours read.
    `halo` is then how far from the cell it is read, for each axis.

    - `stencil.array_c1`: `type` is f16, bf16, f32, f64, or an integer of 8, 16,
      32 or 64 bits, which stands for any other type of its size.
    - `stencil.array_c2`: `levels` is 1 to 4, and 1 for a coefficient.
    - `stencil.array_c3`: `part` is not negative.

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
                       UnitAttr:$written,
                       DefaultValuedAttr<I32Attr, "0">:$part);
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
    ParentOneOf<["StencilApplyOp", "StencilReduceOp"]>, Pure, Rk_AnyTarget]> {
  let summary = "Read an array at a constant distance from the cell";
  let description = [{
    Reads the value that the array had before the step (in a reduction: that it
    has when it is asked for), `offset` cells away
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
  let results = (outs Rk_StencilValue:$value);
  let assemblyFormat = [{
    $array `` $offset attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def Rk_StencilBoundaryOp : Rk_Op<"stencil.boundary", "0.4", [
    HasParent<"StencilOp">, SingleBlock, NoTerminator, Rk_AnyTarget]> {
  let summary = "Say what lies beyond the faces that are left to a function";
  let description = [{
    What `rk.stencil.apply` is for a cell, this is for a place beyond a face: the
    block has `rk.stencil.inside` ops, computation of the `llvm` dialect, and
    `rk.stencil.store` ops, which set the halo. A field that is not stored is
    mirrored at these faces.

    The arguments are the parameters, the place along x, y and z, the number of
    the face (0 to 5: low and high x, y, z), how many cells the place is beyond
    it, from 1, and the step that reads it, from 0. `timed` says that the last is
    used. `entry` is the kernel's name, once `rk-plan-stencils` has run.

    - `stencil.boundary_c1`: the block's arguments are of type `!llvm.ptr` and
      six times `i64`.
    - `stencil.boundary_c2`: the block holds `rk.stencil.inside`,
      `rk.stencil.store` and ops of the `llvm` dialect only.
    - `stencil.boundary_c3`: no field is stored twice.

    Lowers to: a kernel that fills the halo of all fields along one axis, after
    each step.

    Example:

    ```mlir
    rk.stencil @Heat attributes {hash = 21 : i64, size = 8 : i64,
                                 align = 4 : i64, tag = "tag",
                                 dimensions = 1 : i32, radius = 1 : i32} {
      rk.stencil.array "heat" : f32 {offset = 0 : i64, levels = 1 : i32}
      rk.stencil.boundary {
      ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64,
           %depth: i64, %step: i64):
        %inside = rk.stencil.inside "heat"<face> : f32
        %new = llvm.fneg %inside : f32
        rk.stencil.store %new, "heat" : f32
      }
    }
    ```
  }];
  let arguments = (ins OptionalAttr<FlatSymbolRefAttr>:$entry, UnitAttr:$timed);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
  let hasRegionVerifier = 1;
}

def Rk_StencilInsideOp : Rk_Op<"stencil.inside", "0.4", [
    HasParent<"StencilBoundaryOp">, Pure, Rk_AnyTarget]> {
  let summary = "Read an array inside of the face that a place is beyond";
  let description = [{
    Reads on the line through the place, along the axis of the face: `distance`
    cells inside of it (`face`), as far inside as the place is outside
    (`mirror`), or what the place itself had (`place`). `level` counts steps back
    from the values that the place is set for.

    - `stencil.inside_c1`: the name is that of an array of the stencil.
    - `stencil.inside_c2`: `distance` is 0 to 8, and 0 but for `face`.
    - `stencil.inside_c3`: `level` is less than the levels of the array, and at
      least 1 for `place`, which is being set.
    - `stencil.inside_c4`: the result is of the array's type.

    Lowers to: a load.

    Example:

    ```mlir
    rk.stencil @Heat attributes {hash = 21 : i64, size = 8 : i64,
                                 align = 4 : i64, tag = "tag",
                                 dimensions = 1 : i32, radius = 1 : i32} {
      rk.stencil.array "heat" : f32 {offset = 0 : i64, levels = 2 : i32}
      rk.stencil.boundary {
      ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64,
           %depth: i64, %step: i64):
        %second = rk.stencil.inside "heat"<face> {distance = 1 : i64} : f32
        %mirrored = rk.stencil.inside "heat"<mirror> : f32
        %was = rk.stencil.inside "heat"<place> {level = 1 : i32} : f32
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$array, Rk_StencilFromAttr:$from,
                       DefaultValuedAttr<I64Attr, "0">:$distance,
                       DefaultValuedAttr<I32Attr, "0">:$level);
  let results = (outs Rk_StencilValue:$value);
  let assemblyFormat = "$array `` $from attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Rk_StencilStoreOp : Rk_Op<"stencil.store", "0.3", [
    ParentOneOf<["StencilApplyOp", "StencilBoundaryOp"]>, Rk_AnyTarget]> {
  let summary = "Give the cell its new value of a field";
  let description = [{
    Writes the cell's own value, which is level 0 of the field after the step;
    in a boundary, that of the place. There is no way to write a neighbour's.

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
  let arguments = (ins Rk_StencilValue:$value,
                       StrAttr:$array);
  let assemblyFormat = "$value `,` $array attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Rk_StencilReduceOp : Rk_Op<"stencil.reduce", "0.4", [
    HasParent<"StencilOp">, NoTerminator, Rk_AnyTarget]> {
  let summary = "Make one value of all cells";
  let description = [{
    The block computes the value of a cell, of `size` bytes, into the memory that
    its second argument points to; the others are the parameters and the cell's
    place. `combine(all, one)` puts the value `one` into `all`;
    `fold(launch, index)` does one part of a stage that combines values of an
    earlier one, as `rk/abi/StencilFold.h` says, which has the order too.

    `hash` is that of the C++ type that names the method, by which the host knows
    it. `term` is the function that the source wrote, before it is raised; there
    is no block yet then. `entry` is the kernel's name, once `rk-plan-stencils`
    has run; that of the later stages has `_fold` behind it.

    - `stencil.reduce_c1`: `size` is 1 to 64 bytes, and `align` a power of two of
      at most 16.
    - `stencil.reduce_c2`: there is a `term` or a block, not both.
    - `stencil.reduce_c3`: the block's arguments are of type `!llvm.ptr`,
      `!llvm.ptr`, `i64`, `i64`, `i64`.
    - `stencil.reduce_c4`: the block holds `rk.stencil.access` and ops of the
      `llvm` dialect only.

    Lowers to: two kernels, one for the cells and one for the later stages.

    Example:

    ```mlir
    llvm.func @term(!llvm.ptr, !llvm.ptr, i64, i64, i64, f32)
    llvm.func @combine(!llvm.ptr, !llvm.ptr)
    llvm.func @fold(!llvm.ptr, i64)
    rk.stencil @Heat attributes {hash = 21 : i64, size = 8 : i64,
                                 align = 4 : i64, tag = "tag",
                                 dimensions = 1 : i32, radius = 1 : i32} {
      rk.stencil.array "heat" : f32 {offset = 0 : i64, levels = 1 : i32}
      rk.stencil.reduce "total" attributes {hash = 7 : i64, size = 8 : i64,
                                            align = 8 : i64, combine = @combine,
                                            fold = @fold} {
      ^bb0(%self: !llvm.ptr, %result: !llvm.ptr, %x: i64, %y: i64, %z: i64):
        %here = rk.stencil.access "heat"[0, 0, 0] : f32
        llvm.call @term(%self, %result, %x, %y, %z, %here)
            : (!llvm.ptr, !llvm.ptr, i64, i64, i64, f32) -> ()
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$hash, I64Attr:$size,
                       I64Attr:$align, FlatSymbolRefAttr:$combine,
                       FlatSymbolRefAttr:$fold,
                       OptionalAttr<FlatSymbolRefAttr>:$term,
                       OptionalAttr<FlatSymbolRefAttr>:$entry);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = "$name attr-dict-with-keyword ($body^)?";
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Returns the name of the kernel of the later stages.
    std::string getFoldEntry() { return getEntry()->str() + "_fold"; }
  }];
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
