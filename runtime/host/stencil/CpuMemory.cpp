//===- CpuMemory.cpp - Memory and figures of the processor ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/CpuMemory.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace rk::runtime {

namespace {

constexpr std::size_t LargePage = std::size_t(2) << 20;
/// Places in which arrays begin: this far apart, a multiple of the 128 bytes
/// that rows are aligned to.
constexpr std::size_t Shift = 1152, Shifts = 16;

std::uint64_t cacheBytes(int name, std::uint64_t otherwise) {
  const long bytes = sysconf(name);
  return bytes > 0 ? std::uint64_t(bytes) : otherwise;
}

constexpr std::uint64_t Unlimited = std::numeric_limits<std::uint64_t>::max();

/// The number behind `name` in a file of lines with a name and a number, or at
/// its begin if `name` is empty.
std::uint64_t numberIn(const char *path, const std::string &name) {
  std::ifstream file(path);
  std::string word = name;
  while (!name.empty() && file >> word && word != name)
    ;
  std::uint64_t number = 0;
  return word == name && file >> number ? number : Unlimited;
}

} // namespace

std::uint64_t freeCpuMemory() {
  const std::uint64_t kibibytes = numberIn("/proc/meminfo", "MemAvailable:");
  std::uint64_t bytes = kibibytes == Unlimited ? Unlimited : kibibytes * 1024;
  // "max", which is no number, where there is no limit.
  const std::uint64_t most = numberIn("/sys/fs/cgroup/memory.max", "");
  const std::uint64_t used = numberIn("/sys/fs/cgroup/memory.current", "");
  if (most != Unlimited && used != Unlimited)
    bytes = std::min(bytes, most > used ? most - used : 0);
  return bytes;
}

CpuMemory::CpuMemory(ThreadTeam &team, std::size_t bytes, std::size_t number) {
  const std::size_t size = bytes + LargePage + Shift * Shifts;
  // Asking costs some ten microseconds; small arrays are not worth them.
  if (size > 16 * LargePage && size > freeCpuMemory())
    return;
  void *mapping = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    return;
  mapping_ = mapping;
  mapped_ = size;
  const std::uintptr_t first =
      (reinterpret_cast<std::uintptr_t>(mapping) + LargePage - 1) / LargePage *
      LargePage;
  // Advice only: without large pages it is slower.
  if (bytes >= LargePage)
    (void)madvise(reinterpret_cast<void *>(first), bytes + Shift * Shifts,
                  MADV_HUGEPAGE);
  auto *data = reinterpret_cast<char *>(first + Shift * (number % Shifts));
  data_ = data;
  team.runRanges(std::int64_t(bytes), std::int64_t(LargePage),
                 [data](std::int64_t begin, std::int64_t end) {
                   std::memset(data + begin, 0, std::size_t(end - begin));
                 });
}

CpuMemory::CpuMemory(CpuMemory &&other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)),
      data_(std::exchange(other.data_, nullptr)) {}

CpuMemory::~CpuMemory() {
  if (mapping_)
    munmap(mapping_, mapped_);
}

modfile::DeviceFigures cpuFigures(std::uint32_t threads) {
  // What a core of a server of these years does; docs/rationale/cpu-plans.md.
  constexpr double CoreMemoryRate = 20e9, MostMemoryRate = 125e9;
  constexpr double CoreCacheRate = 30e9, CoreInstructions = 4e9;
  modfile::DeviceFigures device;
  device.isCpu = true;
  device.memoryRate = std::min(CoreMemoryRate * threads, MostMemoryRate);
  device.cacheRate = CoreCacheRate * threads;
  device.instructionRate = CoreInstructions * threads;
  device.launchSeconds = 4e-6;
  device.exchangeSeconds = 0.5e-6;
  device.cacheBytes = cacheBytes(_SC_LEVEL3_CACHE_SIZE, 8u << 20);
  device.coreCacheBytes = cacheBytes(_SC_LEVEL2_CACHE_SIZE, 1u << 20);
  device.multiprocessors = threads;
  return device;
}

} // namespace rk::runtime
