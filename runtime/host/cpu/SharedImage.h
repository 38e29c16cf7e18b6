//===- SharedImage.h - Code from memory -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Loads a shared object whose bytes are in memory.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/status.h"

#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace rk::runtime {

/// A loaded shared object; unloaded at the end unless `leave` was called.
class SharedImage {
public:
  /// Errors    `CorruptModule` with the loader's reason, `IoError`.
  static Result<SharedImage> load(std::span<const std::byte> bytes,
                                  const std::string &name);
  SharedImage(SharedImage &&other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)),
        file_(std::exchange(other.file_, -1)) {}
  SharedImage &operator=(SharedImage &&) = delete;
  ~SharedImage();

  /// Returns the address of a symbol, or null.
  [[nodiscard]] void *find(const char *symbol) const;
  /// Leaves the code where it is to the end of the process.
  void leave() { handle_ = nullptr, file_ = -1; }

private:
  SharedImage(void *handle, int file) : handle_(handle), file_(file) {}
  void *handle_ = nullptr;
  /// Kept open: the loader tells objects apart by path, and the path holds this
  /// number, which must not be used again meanwhile.
  int file_ = -1;
};

} // namespace rk::runtime
