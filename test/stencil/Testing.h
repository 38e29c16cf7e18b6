//===- Testing.h - What the tests of stencils share -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Reference.h"

#include "rk/stencil_run.h"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

namespace stencils {

inline void isOk(const rk::Status &status) {
  ASSERT_TRUE(status.isOk()) << status.message();
}

/// Throws what made it fail.
template <class S>
rk::Stencil<S> make(const S &parameters, rk::GridPoint size,
                    const rk::StencilOptions &options = {}) {
  auto made = rk::Stencil<S>::create(parameters, size, options);
  if (!made.isOk())
    throw std::runtime_error(made.status().message());
  return std::move(*made);
}

/// Bit for bit.
template <class S, class M, class T>
void expectField(rk::Stencil<S> &stencil, M member,
                 const reference::Grid<T> &expected, std::uint32_t level = 0) {
  std::vector<T> found(expected.values.size());
  isOk(stencil.get(member, found, level));
  // All at once first: a check of every cell takes as long as the steps.
  if (std::memcmp(found.data(), expected.values.data(),
                  found.size() * sizeof(T)) == 0)
    return;
  for (std::size_t cell = 0; cell < found.size(); ++cell)
    ASSERT_EQ(std::memcmp(&found[cell], &expected.values[cell], sizeof(T)), 0)
        << "cell " << cell << " of " << expected.size[0] << " x "
        << expected.size[1] << " x " << expected.size[2] << ", level " << level
        << ", after step " << stencil.step() << ": "
        << ::testing::PrintToString(found[cell]) << " instead of "
        << ::testing::PrintToString(expected.values[cell]);
}

} // namespace stencils
