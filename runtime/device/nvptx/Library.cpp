//===- Library.cpp - The C library that device code has ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The few C functions that ordinary C++ in a handler turns into calls of:
/// comparing and searching bytes, and the end of a failed `assert`. On the CPU
/// they come from the C library.
///
/// Cost      byte by byte; handlers that compare much should compare words.
///
//===----------------------------------------------------------------------===//

#include <stddef.h>

extern "C" {

/// The driver's: prints place and text, and ends the kernel with an error that
/// the host sees as `CUDA_ERROR_ASSERT`.
[[noreturn]] void __assertfail(const char *text, const char *file,
                               unsigned line, const char *function,
                               size_t characterSize);

[[noreturn]] void __assert_fail(const char *text, const char *file,
                                unsigned line, const char *function) {
  __assertfail(text, file, line, function, 1);
}

int memcmp(const void *left, const void *right, size_t size) {
  const auto *a = static_cast<const unsigned char *>(left);
  const auto *b = static_cast<const unsigned char *>(right);
  for (size_t i = 0; i < size; ++i)
    if (a[i] != b[i])
      return a[i] < b[i] ? -1 : 1;
  return 0;
}

int bcmp(const void *left, const void *right, size_t size) {
  return memcmp(left, right, size);
}

void *memchr(const void *bytes, int value, size_t size) {
  const auto *from = static_cast<const unsigned char *>(bytes);
  for (size_t i = 0; i < size; ++i)
    if (from[i] == static_cast<unsigned char>(value))
      return const_cast<unsigned char *>(from + i);
  return nullptr;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != 0)
    ++length;
  return length;
}

int strncmp(const char *left, const char *right, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    const auto a = static_cast<unsigned char>(left[i]);
    const auto b = static_cast<unsigned char>(right[i]);
    if (a != b)
      return a < b ? -1 : 1;
    if (a == 0)
      return 0;
  }
  return 0;
}

int strcmp(const char *left, const char *right) {
  return strncmp(left, right, ~size_t(0));
}

} // extern "C"
