//===- DriverTypesTest.cpp - Our declarations against cuda.h --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include <cuda.h>

// The names of cuda.h and ours meet here only.
#define CUresult RkCUresult
#define CUdevice RkCUdevice
#define CUdeviceptr RkCUdeviceptr
#define CUcontext RkCUcontext
#define CUmodule RkCUmodule
#define CUfunction RkCUfunction
#define CUstream RkCUstream
#include "cuda/DriverTypes.h"
#undef CUresult
#undef CUdevice
#undef CUdeviceptr
#undef CUcontext
#undef CUmodule
#undef CUfunction
#undef CUstream

#include <gtest/gtest.h>

namespace ours = rk::runtime::cuda;

namespace {

TEST(DriverTypes, NumbersAreTheDrivers) {
  EXPECT_EQ(int(ours::Success), int(CUDA_SUCCESS));
  EXPECT_EQ(int(ours::ErrorOutOfMemory), int(CUDA_ERROR_OUT_OF_MEMORY));
  EXPECT_EQ(int(ours::ErrorNoDevice), int(CUDA_ERROR_NO_DEVICE));
  EXPECT_EQ(int(ours::ErrorInvalidDevice), int(CUDA_ERROR_INVALID_DEVICE));
  EXPECT_EQ(int(ours::ErrorInvalidImage), int(CUDA_ERROR_INVALID_IMAGE));
  EXPECT_EQ(int(ours::ErrorNoBinaryForGpu), int(CUDA_ERROR_NO_BINARY_FOR_GPU));
  EXPECT_EQ(int(ours::ErrorInvalidPtx), int(CUDA_ERROR_INVALID_PTX));
  EXPECT_EQ(int(ours::ErrorUnsupportedPtxVersion),
            int(CUDA_ERROR_UNSUPPORTED_PTX_VERSION));
  EXPECT_EQ(int(ours::ErrorNotReady), int(CUDA_ERROR_NOT_READY));
  EXPECT_EQ(int(ours::MultiprocessorCount),
            int(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT));
  EXPECT_EQ(int(ours::ComputeCapabilityMajor),
            int(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
  EXPECT_EQ(int(ours::ComputeCapabilityMinor),
            int(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR));
  EXPECT_EQ(int(ours::NumRegisters), int(CU_FUNC_ATTRIBUTE_NUM_REGS));
  EXPECT_EQ(int(ours::StackSize), int(CU_LIMIT_STACK_SIZE));
  EXPECT_EQ(unsigned(ours::StreamNonBlocking),
            unsigned(CU_STREAM_NON_BLOCKING));
  EXPECT_EQ(unsigned(ours::HostPortable), unsigned(CU_MEMHOSTALLOC_PORTABLE));
  EXPECT_EQ(unsigned(ours::HostDeviceMap), unsigned(CU_MEMHOSTALLOC_DEVICEMAP));
  EXPECT_EQ(int(ours::JitErrorLogBuffer), int(CU_JIT_ERROR_LOG_BUFFER));
  EXPECT_EQ(int(ours::JitErrorLogBytes),
            int(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES));
  EXPECT_EQ(int(ours::JitInfoLogBuffer), int(CU_JIT_INFO_LOG_BUFFER));
  EXPECT_EQ(int(ours::JitInfoLogBytes), int(CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES));
  EXPECT_EQ(int(ours::MapsMemory),
            int(CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED));
  EXPECT_EQ(int(ours::LocationDevice), int(CU_MEM_LOCATION_TYPE_DEVICE));
  EXPECT_EQ(int(ours::AllocationPinned), int(CU_MEM_ALLOCATION_TYPE_PINNED));
  EXPECT_EQ(int(ours::GranularityMinimum),
            int(CU_MEM_ALLOC_GRANULARITY_MINIMUM));
  EXPECT_EQ(int(ours::AccessReadWrite),
            int(CU_MEM_ACCESS_FLAGS_PROT_READWRITE));
  EXPECT_EQ(int(ours::MemoryHost), int(CU_MEMORYTYPE_HOST));
  EXPECT_EQ(int(ours::MemoryDevice), int(CU_MEMORYTYPE_DEVICE));
}

TEST(DriverTypes, TheCopyIsLaidOutAsTheDrivers) {
  EXPECT_EQ(sizeof(ours::Copy2D), sizeof(CUDA_MEMCPY2D));
#define RK_SAME_PLACE(ours_, theirs)                                           \
  EXPECT_EQ(offsetof(ours::Copy2D, ours_), offsetof(CUDA_MEMCPY2D, theirs))
  RK_SAME_PLACE(srcMemoryType, srcMemoryType);
  RK_SAME_PLACE(srcHost, srcHost);
  RK_SAME_PLACE(srcPitch, srcPitch);
  RK_SAME_PLACE(dstMemoryType, dstMemoryType);
  RK_SAME_PLACE(dstDevice, dstDevice);
  RK_SAME_PLACE(dstPitch, dstPitch);
  RK_SAME_PLACE(widthInBytes, WidthInBytes);
  RK_SAME_PLACE(height, Height);
#undef RK_SAME_PLACE
}

TEST(DriverTypes, MappingsAreLaidOutAsTheDrivers) {
  EXPECT_EQ(sizeof(ours::CUmemoryHandle), sizeof(CUmemGenericAllocationHandle));
  EXPECT_EQ(sizeof(ours::MemoryProperties), sizeof(CUmemAllocationProp));
  EXPECT_EQ(offsetof(ours::MemoryProperties, location),
            offsetof(CUmemAllocationProp, location));
  EXPECT_EQ(sizeof(ours::MemoryAccess), sizeof(CUmemAccessDesc));
  EXPECT_EQ(offsetof(ours::MemoryAccess, flags),
            offsetof(CUmemAccessDesc, flags));
  EXPECT_EQ(offsetof(ours::MemoryLocation, number),
            offsetof(CUmemLocation, id));
}

/// Every function in use is declared by `cuda.h`, under the versioned name.
TEST(DriverTypes, SymbolsAreDeclared) {
#define RK_CUDA_SYMBOL(name, symbol, arguments)                                \
  EXPECT_GT(sizeof(decltype(&symbol)), 0u);
#include "cuda/DriverSymbols.def"
}

} // namespace
