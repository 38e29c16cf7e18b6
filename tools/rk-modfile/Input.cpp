//===- Input.cpp - Modules out of files ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Input.h"

#include "rk/modfile/Version.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace rk::tools {
namespace {

bool complain(const std::string &path, const std::string &text) {
  std::fprintf(stderr, "rk-modfile: %s: %s\n", path.c_str(), text.c_str());
  return false;
}

bool readBytes(Input &input) {
  std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(
      std::fopen(input.path.c_str(), "rb"), &std::fclose);
  if (!file)
    return complain(input.path, std::strerror(errno));
  std::byte buffer[1 << 16];
  errno = 0;
  while (std::size_t count = std::fread(buffer, 1, sizeof buffer, file.get()))
    input.bytes.insert(input.bytes.end(), buffer, buffer + count);
  if (std::ferror(file.get()))
    return complain(input.path, std::strerror(errno));
  return true;
}

bool readOne(Input &input, std::span<const std::byte> bytes) {
  const auto offset =
      static_cast<std::uint64_t>(bytes.data() - input.bytes.data());
  auto info = modfile::readFileInfo(bytes);
  auto content = modfile::readModule(bytes);
  if (info && content) {
    input.modules.push_back({offset, bytes, *info, std::move(*content)});
    return true;
  }
  const modfile::Error &error = content.error();
  std::string text = error.text();
  if (!input.isModuleFile)
    text = "module at byte " + std::to_string(offset) + ": " + text;
  return complain(input.path, text + " (" + abi::statusName(error.code) + ": " +
                                  abi::statusAdvice(error.code) + ")");
}

} // namespace

bool readInput(Input &input) {
  if (!readBytes(input))
    return false;
  const std::size_t shared =
      std::min(input.bytes.size(), sizeof modfile::Magic);
  input.isModuleFile =
      shared && std::memcmp(input.bytes.data(), modfile::Magic, shared) == 0;
  if (input.isModuleFile)
    return readOne(input, input.bytes);
  const auto found = modfile::findModules(input.bytes);
  if (found.empty())
    return complain(input.path, "is no module file and contains none");
  for (std::span<const std::byte> bytes : found)
    if (!readOne(input, bytes))
      return false;
  return true;
}

} // namespace rk::tools
