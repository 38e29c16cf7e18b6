//===- Stencils.cpp - The module of the stencil tests --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FunctionStencils.h"
#include "Stencils.h"
