//===- actors.cpp - The module of the benchmarks of residents -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "actors.h"
