//===- Stencils.cpp - The module of the stencil tests --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Stencils.h"
#include "FunctionStencils.h"
