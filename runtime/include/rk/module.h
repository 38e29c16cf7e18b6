//===- module.h - Compiled actors ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The modules that a program can run: those that `rkc` linked into it, and
/// those it reads from files.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rk {

namespace runtime {
struct LoadedModule;
} // namespace runtime

/// One module file, read and checked.
///
/// Threads   a shared handle; copy it freely, use it from any thread.
class Module {
public:
  /// Reads a `.rkm` file.
  ///
  /// Errors    `IoError` with the system's reason, `CorruptModule`,
  ///           `UnsupportedVersion`.
  static Result<Module> load(const std::string &path);
  /// Copies `bytes` and reads them. `name` appears in messages.
  ///
  /// Errors    `CorruptModule`, `UnsupportedVersion`.
  static Result<Module> fromBytes(std::span<const std::byte> bytes,
                                  std::string_view name = "bytes");
  /// Returns the modules linked into this program, in the order of their names.
  /// One that cannot be read is left out; `registrationErrors` says why.
  static std::vector<Module> registered();
  static std::vector<Status> registrationErrors();

  /// The module's own name.
  [[nodiscard]] std::string_view name() const;
  /// Where it came from: a path, or the name it was registered with.
  [[nodiscard]] std::string_view origin() const;

  /// For the runtime.
  [[nodiscard]] const runtime::LoadedModule &loaded() const { return *loaded_; }

private:
  explicit Module(std::shared_ptr<const runtime::LoadedModule> loaded)
      : loaded_(std::move(loaded)) {}
  std::shared_ptr<const runtime::LoadedModule> loaded_;
};

} // namespace rk

/// Called before `main` by objects that `rkc -c` made. The bytes stay where
/// they are for the life of the program.
extern "C" void rk_register_module(const void *bytes, std::uint64_t size,
                                   const char *name);
