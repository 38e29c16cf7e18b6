//===- Find.cpp - Modules inside other files ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/Reader.h"

#include "FormatInternal.h"

#include "rk/modfile/Version.h"

#include <algorithm>
#include <cstring>

namespace rk::modfile {

static format::Header headerOf(std::span<const std::byte> bytes) {
  format::Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

std::vector<std::span<const std::byte>>
findModules(std::span<const std::byte> bytes) {
  using Bytes = std::span<const std::byte>;
  std::vector<Bytes> found;
  const auto *magic = reinterpret_cast<const std::byte *>(Magic);
  auto at = bytes.begin();
  while (true) {
    at = std::search(at, bytes.end(), magic, magic + sizeof Magic);
    if (at == bytes.end())
      return found;
    const Bytes rest = bytes.subspan(at - bytes.begin());
    if (rest.size() < sizeof(format::Header) ||
        headerOf(rest).headerBytes != sizeof(format::Header)) {
      ++at; // the number alone, as in a program that reads modules
      continue;
    }
    const std::uint64_t said = headerOf(rest).fileBytes;
    const std::uint64_t size = std::min<std::uint64_t>(said, rest.size());
    found.push_back(rest.first(size));
    at += std::max<std::uint64_t>(size, sizeof Magic);
  }
}

} // namespace rk::modfile
