//===- Actors.cpp - Actors and stencils in one module ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"
