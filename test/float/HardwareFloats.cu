//===- HardwareFloats.cu - The GPU's own conversions -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compares `rk/abi/FloatFormats.h` with the conversion instructions of a GPU,
/// for all 2^32 floats and for all codes. BF16 and FP8 need sm_89 or later;
/// FP6 and FP4 are in the program when it is compiled for sm_100a or a
/// relative.
///
/// Not part of the build, since it needs nvcc:
///   nvcc -std=c++20 -O2 --expt-relaxed-constexpr -arch=sm_90a -Iir/include \
///     test/float/HardwareFloats.cu -o hardware-floats
///
//===----------------------------------------------------------------------===//

#include "rk/abi/FloatFormats.h"

#include <cstdio>

using rk::abi::FloatFormat;

namespace {

/// What differs between the two.
struct Outcome {
  unsigned long long differences;
  unsigned input, ours, hardware; ///< of one that differs
};

#if defined(__CUDA_ARCH_FEAT_SM100_ALL) ||                                     \
    defined(__CUDA_ARCH_FEAT_SM103_ALL) || defined(__CUDA_ARCH_FEAT_SM120_ALL)
#define RK_HAS_FP6_FP4 1
#endif

/// PTX ISA 9.0: converts a pair; the lower half comes from the last operand.
template <FloatFormat Format> __device__ unsigned hardwareEncode(float value) {
  unsigned short code = 0;
  if constexpr (Format == FloatFormat::Bf16)
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(code) : "f"(value));
  if constexpr (Format == FloatFormat::E4M3)
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %2, %1;"
        : "=h"(code)
        : "f"(value), "f"(0.0f));
  if constexpr (Format == FloatFormat::E5M2)
    asm("cvt.rn.satfinite.e5m2x2.f32 %0, %2, %1;"
        : "=h"(code)
        : "f"(value), "f"(0.0f));
#ifdef RK_HAS_FP6_FP4
  if constexpr (Format == FloatFormat::E3M2)
    asm("cvt.rn.satfinite.e3m2x2.f32 %0, %2, %1;"
        : "=h"(code)
        : "f"(value), "f"(0.0f));
  if constexpr (Format == FloatFormat::E2M3)
    asm("cvt.rn.satfinite.e2m3x2.f32 %0, %2, %1;"
        : "=h"(code)
        : "f"(value), "f"(0.0f));
  if constexpr (Format == FloatFormat::E2M1)
    asm("{ .reg .b8 pair; cvt.rn.satfinite.e2m1x2.f32 pair, %2, %1; "
        "cvt.u16.u8 %0, pair; }"
        : "=h"(code)
        : "f"(value), "f"(0.0f));
#endif
  return code;
}

/// The lower half of a pair of f16, as a float.
__device__ float lowHalf(unsigned pair) {
  float value;
  asm("{ .reg .f16 low, high; mov.b32 {low, high}, %1; cvt.f32.f16 %0, low; }"
      : "=f"(value)
      : "r"(pair));
  return value;
}

template <FloatFormat Format> __device__ float hardwareDecode(unsigned code) {
  unsigned pair = 0;
  const auto bits = static_cast<unsigned short>(code);
  if constexpr (Format == FloatFormat::Bf16)
    return __uint_as_float(code << 16); // moved, as generated code does
  if constexpr (Format == FloatFormat::E4M3)
    asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(pair) : "h"(bits));
  if constexpr (Format == FloatFormat::E5M2)
    asm("cvt.rn.f16x2.e5m2x2 %0, %1;" : "=r"(pair) : "h"(bits));
#ifdef RK_HAS_FP6_FP4
  if constexpr (Format == FloatFormat::E3M2)
    asm("cvt.rn.f16x2.e3m2x2 %0, %1;" : "=r"(pair) : "h"(bits));
  if constexpr (Format == FloatFormat::E2M3)
    asm("cvt.rn.f16x2.e2m3x2 %0, %1;" : "=r"(pair) : "h"(bits));
  if constexpr (Format == FloatFormat::E2M1)
    asm("{ .reg .b8 pair; cvt.u8.u16 pair, %1; "
        "cvt.rn.f16x2.e2m1x2 %0, pair; }"
        : "=r"(pair)
        : "h"(bits));
#endif
  return lowHalf(pair);
}

__device__ void compare(Outcome *outcome, unsigned input, unsigned ours,
                        unsigned hardware) {
  if (ours == hardware)
    return;
  if (atomicAdd(&outcome->differences, 1ull) == 0) {
    outcome->input = input;
    outcome->ours = ours;
    outcome->hardware = hardware;
  }
}

template <FloatFormat Format> __global__ void encodeAll(Outcome *outcome) {
  const unsigned long long step = 1ull * gridDim.x * blockDim.x;
  for (unsigned long long at = blockIdx.x * blockDim.x + threadIdx.x;
       at < 1ull << 32; at += step) {
    const float value = __uint_as_float(static_cast<unsigned>(at));
    compare(outcome, static_cast<unsigned>(at),
            rk::abi::encodeFloat(value, Format), hardwareEncode<Format>(value));
  }
}

template <FloatFormat Format> __global__ void decodeAll(Outcome *outcome) {
  const unsigned count = 1u << rk::abi::floatLayout(Format).bits();
  for (unsigned code = threadIdx.x; code < count; code += blockDim.x)
    compare(outcome, code, __float_as_uint(rk::abi::decodeFloat(code, Format)),
            __float_as_uint(hardwareDecode<Format>(code)));
}

bool report(const char *name, const char *what, Outcome *outcome,
            unsigned long long count) {
  const cudaError_t error = cudaDeviceSynchronize();
  if (error != cudaSuccess) {
    std::printf("%s %s: %s\n", name, what, cudaGetErrorString(error));
    return false;
  }
  std::printf("%s %s: %llu inputs, %llu differ", name, what, count,
              outcome->differences);
  if (outcome->differences)
    std::printf("; 0x%08x gives 0x%x, the GPU 0x%x", outcome->input,
                outcome->ours, outcome->hardware);
  std::printf("\n");
  const bool isSame = outcome->differences == 0;
  *outcome = {};
  return isSame;
}

template <FloatFormat Format> bool check(const char *name, Outcome *outcome) {
  encodeAll<Format><<<1024, 256>>>(outcome);
  bool isSame = report(name, "encode", outcome, 1ull << 32);
  decodeAll<Format><<<1, 256>>>(outcome);
  isSame &= report(name, "decode", outcome,
                   1ull << rk::abi::floatLayout(Format).bits());
  return isSame;
}

} // namespace

int main() {
  cudaDeviceProp device;
  Outcome *outcome = nullptr;
  if (cudaGetDeviceProperties(&device, 0) != cudaSuccess ||
      cudaMallocManaged(&outcome, sizeof *outcome) != cudaSuccess) {
    std::printf("there is no usable GPU\n");
    return 1;
  }
  *outcome = {};
  std::printf("%s, sm_%d%d\n", device.name, device.major, device.minor);
  bool isSame = check<FloatFormat::Bf16>("bf16", outcome);
  isSame &= check<FloatFormat::E4M3>("e4m3", outcome);
  isSame &= check<FloatFormat::E5M2>("e5m2", outcome);
  if (device.major >= 10) {
    isSame &= check<FloatFormat::E3M2>("e3m2", outcome);
    isSame &= check<FloatFormat::E2M3>("e2m3", outcome);
    isSame &= check<FloatFormat::E2M1>("e2m1", outcome);
  }
  return isSame ? 0 : 1;
}
