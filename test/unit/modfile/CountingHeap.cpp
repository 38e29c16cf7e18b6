//===- CountingHeap.cpp - How much a test allocates ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Replaces the program's allocation functions. Alone in a file, since GCC
/// warns of `free` when it inlines them.
///
//===----------------------------------------------------------------------===//

#include "CountingHeap.h"

#include <cstdlib>
#include <new>

static std::size_t given = 0;

std::size_t rk::modfile::test::heapBytes() { return given; }

void *operator new(std::size_t size) {
  given += size;
  if (void *memory = std::malloc(size ? size : 1))
    return memory;
  throw std::bad_alloc();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
