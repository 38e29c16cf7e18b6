//===- actors.cpp - The module of the benchmarks of payloads --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "actors.h"

template class Carrier<Work::Nothing>;
template class Carrier<Work::Read>;
template class Carrier<Work::Copy>;
