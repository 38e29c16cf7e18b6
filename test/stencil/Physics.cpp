//===- Physics.cpp - The module of PhysicsTest
//-----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Physics.h"
