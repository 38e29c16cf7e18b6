//===- LoadedImages.cpp - Code that others may use ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/LoadedImages.h"

#include "rk/modfile/Reader.h"

#include <algorithm>
#include <mutex>
#include <vector>

namespace rk::runtime::cuda {

namespace {

struct Image {
  CUdevice device;
  std::uint64_t hash;
  std::size_t bytes;
  CUmodule module;
  std::uint32_t users;
};

/// Never destroyed: systems may end while the process does.
struct Images {
  std::mutex mutex;
  std::vector<Image> all;
};

Images &images() {
  static Images *const instance = new Images;
  return *instance;
}

} // namespace

void LoadedImages::add(CUdevice device, std::span<const std::byte> payload,
                       CUmodule module) {
  const std::uint64_t hash = modfile::hashOf(payload);
  const std::lock_guard lock(images().mutex);
  images().all.push_back({device, hash, payload.size(), module, 1});
}

CUmodule LoadedImages::share(CUdevice device,
                             std::span<const std::byte> payload) {
  const std::uint64_t hash = modfile::hashOf(payload);
  const std::lock_guard lock(images().mutex);
  for (Image &image : images().all)
    if (image.device == device && image.hash == hash &&
        image.bytes == payload.size()) {
      ++image.users;
      return image.module;
    }
  return nullptr;
}

bool LoadedImages::release(CUdevice device, CUmodule module) {
  const std::lock_guard lock(images().mutex);
  auto &all = images().all;
  const auto found = std::ranges::find_if(all, [&](const Image &image) {
    return image.device == device && image.module == module;
  });
  if (found == all.end())
    return true;
  if (--found->users != 0)
    return false;
  all.erase(found);
  return true;
}

} // namespace rk::runtime::cuda
