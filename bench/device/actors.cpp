//===- actors.cpp - The module of the benchmarks ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "actors.h"
