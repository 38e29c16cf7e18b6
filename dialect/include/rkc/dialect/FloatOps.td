//===- FloatOps.td - Low-precision floats -----------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_FLOATOPS_TD
#define RKC_DIALECT_FLOATOPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupFloat : OpDocGroup {
  let summary = "Low-precision floats";
  let description = [{
    A low-precision value is kept as the integer of its bits; arithmetic is done
    in `f32`. The formats are MLIR's own float types.

    | format | bits | needs | beyond the largest | NaN becomes |
    |---|---|---|---|---|
    | `bf16` | 16 | sm_80 | infinity | NaN |
    | `f8E4M3FN` | 8 | sm_90 | saturates to 448 | NaN |
    | `f8E5M2` | 8 | sm_90 | saturates to 57344 | NaN |
    | `f6E3M2FN` | 6 | sm_100a or sm_100f | saturates to 28 | +28 |
    | `f6E2M3FN` | 6 | sm_100a or sm_100f | saturates to 7.5 | +7.5 |
    | `f4E2M1FN` | 4 | sm_100a or sm_100f | saturates to 6 | +6 |

    Infinity counts as beyond the largest. The CPU has them all, in software.
  }];
}

def Rk_LowFloatFormat : TypeAttrBase<"::mlir::FloatType",
                                     "low-precision float type">;

let opDocGroup = OpGroupFloat in {

def Rk_EncodeOp : Rk_Op<"encode", "1.0", [Pure, Rk_SomeTargets]> {
  let summary = "Round a float to a low-precision format";
  let description = [{
    The result is the bits of the nearest value of `format`; of two equally
    near, the one with an even last bit.

    - `encode_c1`: `format` is one of the table above.
    - `encode_c2`: the result has as many bits as the format.
    - `encode_c3`: `overflow` is `infinity` for `bf16`, `saturate` for others.

    Lowers to: `cvt` instructions on the GPU, `rk_encode_<format>` on the CPU.

    Example:

    ```mlir
    llvm.func @pack(%value: f32) -> i8 {
      %bits = rk.encode %value to f8E4M3FN rounding<nearest_even>
          overflow<saturate> : i8
      llvm.return %bits : i8
    }
    ```
  }];
  let arguments = (ins F32:$value, Rk_LowFloatFormat:$format,
                       Rk_RoundingAttr:$rounding, Rk_OverflowAttr:$overflow);
  let results = (outs AnySignlessInteger:$bits);
  let assemblyFormat = [{
    $value `to` $format `rounding` `` $rounding `overflow` `` $overflow
    attr-dict `:` type($bits)
  }];
  let builders = [
    /// Takes rounding, overflow and result type from the format.
    OpBuilder<(ins "::mlir::Value":$value, "::mlir::FloatType":$format)>,
  ];
  let hasVerifier = 1;
}

def Rk_DecodeOp : Rk_Op<"decode", "1.0", [Pure, Rk_SomeTargets]> {
  let summary = "Widen the bits of a low-precision format to a float";
  let description = [{
    Exact: every value of every format is a value of `f32`.

    - `decode_c1`: `format` is one of the table above.
    - `decode_c2`: the operand has as many bits as the format.

    Lowers to: `cvt` instructions on the GPU (a shift for `bf16`),
    `rk_decode_<format>` on the CPU.

    Example:

    ```mlir
    llvm.func @unpack(%bits: i8) -> f32 {
      %value = rk.decode %bits from f8E4M3FN : i8
      llvm.return %value : f32
    }
    ```
  }];
  let arguments = (ins AnySignlessInteger:$bits, Rk_LowFloatFormat:$format);
  let results = (outs F32:$value);
  let assemblyFormat = "$bits `from` $format attr-dict `:` type($bits)";
  let hasVerifier = 1;
}

} // OpGroupFloat

#endif // RKC_DIALECT_FLOATOPS_TD
