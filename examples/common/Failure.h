//===- Failure.h - What went wrong, in words -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

namespace example {

/// What a function of the examples throws: where, and what is wrong.
class Failure : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes a file as a whole.
///
/// Errors    throws `Failure` with the system's own words.
inline void writeFile(const std::string &path, const std::string &bytes) {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  file.close();
  if (!file)
    throw Failure("cannot write '" + path + "': " + std::strerror(errno));
}

} // namespace example
