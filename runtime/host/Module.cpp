//===- Module.cpp - Modules from files and linked into the program --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/module.h"

#include "LoadedModule.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace rk {

namespace {

struct Registration {
  std::span<const std::byte> bytes;
  std::string name;
  std::shared_ptr<const runtime::LoadedModule> loaded;
  Status error;
};

/// Never destroyed: objects register before `main`, and systems may live until
/// after it.
struct Registry {
  std::mutex mutex;
  std::vector<Registration> entries;
};

Registry &registry() {
  static Registry *const instance = new Registry;
  return *instance;
}

/// Reads what has been registered but not read yet. The mutex is held.
void readNew(Registry &all) {
  for (Registration &entry : all.entries) {
    if (entry.loaded || !entry.error.isOk())
      continue;
    auto loaded = std::make_shared<runtime::LoadedModule>();
    loaded->origin = entry.name;
    entry.error = loaded->read(entry.bytes);
    if (entry.error.isOk())
      entry.loaded = std::move(loaded);
  }
}

Status ioError(const std::string &path) {
  return Status(StatusCode::IoError, path + ": " + std::strerror(errno));
}

} // namespace

Result<Module> Module::load(const std::string &path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::error_code error;
  if (!file)
    return ioError(path);
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error)
    return Status(StatusCode::IoError, path + ": " + error.message());
  std::vector<std::byte> bytes(size);
  if (!file.read(reinterpret_cast<char *>(bytes.data()), std::streamsize(size)))
    return ioError(path);
  return fromBytes(bytes, path);
}

Result<Module> Module::fromBytes(std::span<const std::byte> bytes,
                                 std::string_view name) {
  auto loaded = std::make_shared<runtime::LoadedModule>();
  loaded->origin = std::string(name);
  loaded->storage.assign(bytes.begin(), bytes.end());
  Status status = loaded->read(loaded->storage);
  if (!status.isOk())
    return status;
  return Module(std::move(loaded));
}

std::vector<Module> Module::registered() {
  Registry &all = registry();
  const std::lock_guard lock(all.mutex);
  readNew(all);
  std::vector<Module> modules;
  for (const Registration &entry : all.entries)
    if (entry.loaded)
      modules.push_back(Module(entry.loaded));
  std::ranges::sort(modules, [](const Module &a, const Module &b) {
    return std::pair(a.name(), a.origin()) < std::pair(b.name(), b.origin());
  });
  return modules;
}

std::vector<Status> Module::registrationErrors() {
  Registry &all = registry();
  const std::lock_guard lock(all.mutex);
  readNew(all);
  std::vector<Status> errors;
  for (const Registration &entry : all.entries)
    if (!entry.error.isOk())
      errors.push_back(entry.error);
  return errors;
}

std::string_view Module::name() const { return loaded_->view.name; }
std::string_view Module::origin() const { return loaded_->origin; }

} // namespace rk

void rk_register_module(const void *bytes, std::uint64_t size,
                        const char *name) {
  rk::Registry &all = rk::registry();
  const std::lock_guard lock(all.mutex);
  for (const auto &entry : all.entries)
    if (entry.bytes.data() == bytes)
      return;
  all.entries.push_back(
      {{static_cast<const std::byte *>(bytes), std::size_t(size)},
       name ? name : "registered module",
       nullptr,
       {}});
}
