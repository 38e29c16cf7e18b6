//===- DriverTypes.h - The part of the CUDA driver API in use ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The types and numbers of the CUDA driver API that the runtime uses, declared
/// here and not taken from `cuda.h`: the runtime then builds where no CUDA is
/// installed, as it runs where none is. The driver keeps them for good, since
/// its functions are versioned by name. Where `cuda.h` is installed, a test
/// compares the two (`test/unit/runtime/DriverTypesTest.cpp`).
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstddef>
#include <cstdint>

namespace rk::runtime::cuda {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = unsigned long long;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;
using CUgraph = struct CUgraph_st *;
using CUgraphExec = struct CUgraphExec_st *;
using CUexternalMemory = struct CUextMemory_st *;
/// `CUmemGenericAllocationHandle`.
using CUmemoryHandle = unsigned long long;

struct CUuuid {
  char bytes[16];
};

enum DriverResult : CUresult {
  Success = 0,
  ErrorOutOfMemory = 2,
  ErrorNoDevice = 100,
  ErrorInvalidDevice = 101,
  ErrorInvalidImage = 200,
  ErrorNoBinaryForGpu = 209,
  ErrorInvalidPtx = 218,
  ErrorUnsupportedPtxVersion = 222,
  ErrorNotReady = 600,
};

enum DeviceAttribute : int {
  ClockRate = 13,
  MultiprocessorCount = 16,
  MemoryClockRate = 36,
  MemoryBusWidth = 37,
  CacheBytes = 38,
  ComputeCapabilityMajor = 75,
  ComputeCapabilityMinor = 76,
  SharedBytesPerMultiprocessor = 81,
  RegistersPerMultiprocessor = 82,
  SharedBytesPerBlock = 97, ///< that a kernel may ask for
  MapsMemory = 102,         ///< virtual memory management
};

enum FunctionAttribute : int {
  NumRegisters = 4,
  MaxDynamicSharedBytes = 8,
  NonPortableClusters = 14,
};

enum Limit : int { StackSize = 0 };

enum CaptureMode : int { CaptureModeRelaxed = 2 };

enum StreamFlag : unsigned { StreamNonBlocking = 1 };

enum HostAllocationFlag : unsigned { HostPortable = 1, HostDeviceMap = 2 };

enum JitOption : int {
  JitInfoLogBuffer = 3,
  JitInfoLogBytes = 4,
  JitErrorLogBuffer = 5,
  JitErrorLogBytes = 6,
};

enum MemoryType : int { MemoryHost = 1, MemoryDevice = 2 };

/// `CUDA_MEMCPY2D`.
struct Copy2D {
  std::size_t srcXInBytes, srcY;
  int srcMemoryType;
  const void *srcHost;
  CUdeviceptr srcDevice;
  void *srcArray;
  std::size_t srcPitch;
  std::size_t dstXInBytes, dstY;
  int dstMemoryType;
  void *dstHost;
  CUdeviceptr dstDevice;
  void *dstArray;
  std::size_t dstPitch;
  std::size_t widthInBytes, height;
};
static_assert(sizeof(Copy2D) == 128);

enum ExternalMemoryType : int { ExternalMemoryFile = 1 };

struct ExternalMemoryHandle {
  int type;
  union {
    int file; ///< taken by a successful import
    struct {
      void *handle;
      const void *name;
    } unused;
  } handle;
  unsigned long long size;
  unsigned flags;
  unsigned reserved[16];
};
static_assert(sizeof(ExternalMemoryHandle) == 104);

struct ExternalMemoryBuffer {
  unsigned long long offset, size;
  unsigned flags;
  unsigned reserved[16];
};
static_assert(sizeof(ExternalMemoryBuffer) == 88);

enum MemoryLocationType : int { LocationDevice = 1 };
enum AllocationType : int { AllocationPinned = 1 };
enum GranularityOption : int { GranularityMinimum = 0 };
enum AccessFlags : int { AccessReadWrite = 3 };

/// `CUmemLocation`.
struct MemoryLocation {
  int type;
  int number;
};

/// `CUmemAllocationProp`.
struct MemoryProperties {
  int type;
  int handleTypes;
  MemoryLocation location;
  void *windowsMetadata;
  unsigned char flags[8];
};
static_assert(sizeof(MemoryProperties) == 32);

/// `CUmemAccessDesc`.
struct MemoryAccess {
  MemoryLocation location;
  int flags;
};
static_assert(sizeof(MemoryAccess) == 12);

enum LaunchAttributeId : int { ClusterDimension = 4 };

/// `CUlaunchAttribute`: a number, and a value of 64 bytes.
struct LaunchAttribute {
  int id;
  char padding[4];
  union {
    unsigned words[16];
  } value;
};
static_assert(sizeof(LaunchAttribute) == 72);

/// `CUlaunchConfig`.
struct LaunchConfig {
  unsigned gridX, gridY, gridZ;
  unsigned blockX, blockY, blockZ;
  unsigned sharedBytes;
  CUstream stream;
  LaunchAttribute *attributes;
  unsigned attributeCount;
};
static_assert(sizeof(LaunchConfig) == 56);

} // namespace rk::runtime::cuda
