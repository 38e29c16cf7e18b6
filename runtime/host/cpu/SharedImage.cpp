//===- SharedImage.cpp - A shared object from an anonymous file -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cpu/SharedImage.h"

#include <cerrno>
#include <cstring>

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

namespace rk::runtime {

namespace {

Status systemError(const char *call) {
  return Status(StatusCode::IoError,
                std::string(call) + ": " + std::strerror(errno));
}

bool writeAll(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

} // namespace

Result<SharedImage> SharedImage::load(std::span<const std::byte> bytes,
                                      const std::string &name) {
  const int file =
      memfd_create(("rk-" + name).substr(0, 200).c_str(), MFD_CLOEXEC);
  if (file < 0)
    return systemError("memfd_create");
  SharedImage image(nullptr, file);
  if (!writeAll(file, bytes))
    return systemError("write of the host image");
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  image.handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!image.handle_) {
    const char *reason = dlerror();
    return Status(StatusCode::CorruptModule,
                  "the host image of module '" + name +
                      "' cannot be loaded: " + (reason ? reason : "unknown"));
  }
  return image;
}

SharedImage::~SharedImage() {
  if (handle_)
    dlclose(handle_);
  if (file_ >= 0)
    close(file_);
}

void *SharedImage::find(const char *symbol) const {
  return dlsym(handle_, symbol);
}

} // namespace rk::runtime
