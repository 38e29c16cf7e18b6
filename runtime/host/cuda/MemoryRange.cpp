//===- MemoryRange.cpp - Mapping memory beside a kernel -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/MemoryRange.h"

#include "RoundUp.h"

#include <algorithm>

namespace rk::runtime::cuda {

namespace {

Status checkMemory(const Driver &driver, CUresult result, const char *call) {
  return driver.check(result, call,
                      result == ErrorOutOfMemory ? StatusCode::OutOfMemory
                                                 : StatusCode::DeviceError);
}

} // namespace

Status MemoryRange::reserve(const Driver &driver, CUdevice device,
                            std::uint64_t bytes) {
  properties_.type = AllocationPinned;
  properties_.location = {LocationDevice, device};
  std::size_t page = 0;
  if (Status status = driver.check(
          driver.memoryGranularity(&page, &properties_, GranularityMinimum),
          "cuMemGetAllocationGranularity");
      !status.isOk())
    return status;
  page_ = std::max<std::uint64_t>(page, 1);
  reserved_ = roundUp(bytes, page_);
  return checkMemory(driver,
                     driver.addressReserve(&address_, reserved_, 0, 0, 0),
                     "cuMemAddressReserve");
}

Status MemoryRange::growTo(const Driver &driver, std::uint64_t bytes) {
  const std::uint64_t end = std::min(roundUp(bytes, page_), reserved_);
  if (end <= mapped_)
    return {};
  const std::uint64_t more = end - mapped_;
  CUmemoryHandle handle = 0;
  if (Status status = checkMemory(
          driver, driver.memoryCreate(&handle, more, &properties_, 0),
          "cuMemCreate");
      !status.isOk())
    return status;
  Status status = checkMemory(
      driver, driver.memoryMap(address_ + mapped_, more, 0, handle, 0),
      "cuMemMap");
  // The mapping keeps it.
  driver.memoryRelease(handle);
  if (!status.isOk())
    return status;
  const MemoryAccess access{properties_.location, AccessReadWrite};
  status = checkMemory(
      driver, driver.memorySetAccess(address_ + mapped_, more, &access, 1),
      "cuMemSetAccess");
  if (!status.isOk()) {
    driver.memoryUnmap(address_ + mapped_, more);
    return status;
  }
  mapped_ = end;
  return {};
}

void MemoryRange::release(const Driver &driver) {
  if (mapped_ != 0)
    driver.memoryUnmap(address_, mapped_);
  if (address_ != 0)
    driver.addressFree(address_, reserved_);
  *this = {};
}

} // namespace rk::runtime::cuda
