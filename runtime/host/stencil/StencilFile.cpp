//===- StencilFile.cpp - Checkpoints --------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include "rk/modfile/Reader.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace rk::runtime {

using modfile::StencilArrayView;

namespace {

constexpr char FileMagic[8] = {'R', 'K', 'G', 'R', 'I', 'D', '\r', '\n'};

/// What a checkpoint begins with; the values of each level of each array
/// follow, and the hash of all of them.
struct FileHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t arrays;
  std::uint64_t stencil;
  std::int64_t extent[3];
  std::int64_t step;
  std::uint64_t bytes;
};
static_assert(sizeof(FileHeader) == 64);

Status ioError(const std::string &path) {
  return Status(StatusCode::IoError, path + ": " + std::strerror(errno));
}

} // namespace

static std::uint64_t allBytes(const modfile::StencilView &stencil,
                              std::int64_t cells) {
  std::uint64_t bytes = 0;
  for (const StencilArrayView &array : stencil.arrays)
    bytes += std::uint64_t(cells) * array.elementBytes * array.levels;
  return bytes;
}

Result<std::vector<std::byte>> StencilEngine::snapshot() {
  FileHeader header{};
  std::memcpy(header.magic, FileMagic, sizeof(FileMagic));
  header.version = 1;
  header.arrays = std::uint32_t(stencil_.arrays.size());
  header.stencil = stencil_.hash;
  std::memcpy(header.extent, launch_.extent, sizeof(header.extent));
  header.step = step();
  header.bytes = allBytes(stencil_, cells());
  std::vector<std::byte> content(sizeof(header) + header.bytes);
  std::memcpy(content.data(), &header, sizeof(header));
  std::byte *at = content.data() + sizeof(header);
  for (const StencilArrayView &array : stencil_.arrays)
    for (std::uint32_t level = 0; level < array.levels; ++level) {
      if (array.part != 0)
        continue;
      const std::size_t size =
          std::size_t(cells()) * valueBytes(partsOf(stencil_, array));
      if (Status status = get(array.offset, level, {at, size}); !status.isOk())
        return status;
      at += size;
    }
  return content;
}

Status StencilEngine::write(const std::string &path,
                            std::span<const std::byte> snapshot) {
  const std::uint64_t hash =
      modfile::hashOf(snapshot.subspan(sizeof(FileHeader)));
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char *>(snapshot.data()),
             std::streamsize(snapshot.size()));
  file.write(reinterpret_cast<const char *>(&hash), sizeof(hash));
  file.close();
  return file ? Status() : ioError(path);
}

Status StencilEngine::load(const std::string &path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return ioError(path);
  auto damaged = [&](const char *what) {
    return Status(StatusCode::CorruptModule,
                  path + " is no complete checkpoint: " + what);
  };
  FileHeader header;
  if (!file.read(reinterpret_cast<char *>(&header), sizeof(header)) ||
      std::memcmp(header.magic, FileMagic, sizeof(FileMagic)) != 0 ||
      header.version != 1)
    return damaged("its header is not one");
  if (header.stencil != stencil_.hash ||
      header.arrays != stencil_.arrays.size())
    return Status(StatusCode::InvalidArgument,
                  path + " is of another stencil than '" +
                      std::string(stencil_.name) + "'");
  auto size = [](const std::int64_t *extent) {
    return std::to_string(extent[0]) + " x " + std::to_string(extent[1]) +
           " x " + std::to_string(extent[2]);
  };
  if (std::memcmp(header.extent, launch_.extent, sizeof(header.extent)) != 0)
    return Status(StatusCode::InvalidArgument,
                  path + " has a grid of " + size(header.extent) +
                      " cells, and this one has " + size(launch_.extent));
  if (header.bytes != allBytes(stencil_, cells()))
    return damaged("its values have another size");
  std::vector<std::byte> values(header.bytes);
  std::uint64_t hash = 0;
  if (!file.read(reinterpret_cast<char *>(values.data()),
                 std::streamsize(values.size())) ||
      !file.read(reinterpret_cast<char *>(&hash), sizeof(hash)))
    return damaged("it ends too early");
  if (hash != modfile::hashOf(values))
    return damaged("its values do not have the hash that it says");
  const std::byte *at = values.data();
  launch_.firstStep = header.step;
  for (const StencilArrayView &array : stencil_.arrays)
    for (std::uint32_t level = 0; level < array.levels; ++level) {
      if (array.part != 0)
        continue;
      const std::size_t bytes =
          std::size_t(cells()) * valueBytes(partsOf(stencil_, array));
      if (Status status = set(array.offset, level, {at, bytes}); !status.isOk())
        return status;
      at += bytes;
    }
  return {};
}

} // namespace rk::runtime
