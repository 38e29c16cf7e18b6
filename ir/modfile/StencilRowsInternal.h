//===- StencilRowsInternal.h - Rows of the stencil table -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a row says, but for the texts that it names by number.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "FormatInternal.h"

#include "rk/modfile/Module.h"

#include <string_view>

namespace rk::modfile {

StencilView stencilOf(const format::StencilRow &row, std::string_view name);
StencilArrayView arrayOf(const format::StencilRow &row, std::string_view name);
StencilPlanView planOf(const format::StencilRow &row, std::string_view name);
StencilBoundaryView boundaryOf(const format::StencilRow &row);
StencilReductionView reductionOf(const format::StencilRow &row,
                                 std::string_view name);

} // namespace rk::modfile
