//===- stencils.cpp - The module of the stencil benchmark ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencils.h"
