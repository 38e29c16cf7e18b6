//===- ModuleReaderMutator.cpp - Changes that pass the hash --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Without this, nearly every change would end at the content hash. After each
/// mutation the header is made right again, most of the time.
///
//===----------------------------------------------------------------------===//

#include "FormatInternal.h"
#include "HashInternal.h"

#include "rk/modfile/Version.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size,
                                        std::size_t maxSize);

namespace {

using namespace rk::modfile;

/// Stores a word that a field may be wrong by: small, near the size, or that
/// of another place.
void changeWord(std::uint8_t *data, std::size_t size,
                std::minstd_rand &random) {
  const std::size_t at = random() % (size / 4) * 4;
  std::uint32_t value = 0;
  switch (random() % 4) {
  case 0:
    value = static_cast<std::uint32_t>(random() % 40);
    break;
  case 1:
    value = static_cast<std::uint32_t>(size + 8 - random() % 16);
    break;
  case 2:
    std::memcpy(&value, data + random() % (size / 4) * 4, sizeof value);
    break;
  default:
    std::memcpy(&value, data + at, sizeof value);
    value += static_cast<std::uint32_t>(random() % 65) - 32;
    break;
  }
  std::memcpy(data + at, &value, sizeof value);
}

void repairHeader(std::uint8_t *data, std::size_t size, bool newerMinor) {
  format::Header header;
  std::memcpy(&header, data, sizeof header);
  std::memcpy(header.magic, Magic, sizeof Magic);
  header.major = MajorVersion;
  if (header.minor != MinorVersion)
    header.minor = static_cast<std::uint16_t>(MinorVersion + newerMinor);
  header.headerBytes = static_cast<std::uint32_t>(sizeof header);
  header.fileBytes = size;
  std::memcpy(data, &header, sizeof header);
  header.hash = contentHash({reinterpret_cast<const std::byte *>(data), size});
  std::memcpy(data, &header, sizeof header);
}

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data,
                                               std::size_t size,
                                               std::size_t maxSize,
                                               unsigned seed) {
  std::minstd_rand random(seed);
  if (size >= sizeof(format::Header) && random() % 2)
    for (auto changes = 1 + random() % 3; changes > 0; --changes)
      changeWord(data, size, random);
  else
    size = LLVMFuzzerMutate(data, size, maxSize);
  if (size >= sizeof(format::Header) && random() % 16)
    repairHeader(data, size, random() % 2);
  return size;
}
