//===- CountingHeap.h - How much a test allocates --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <cstddef>

namespace rk::modfile::test {

/// Returns how many bytes `operator new` has given out in this program.
///
/// Threads   one.
std::size_t heapBytes();

} // namespace rk::modfile::test
