//===- Actors.cpp - Actors of the scheduler's tests -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"
