//===- actors.cpp - The module of the benchmarks of barriers --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "actors.h"

template class Team<rk::Lanes::Block>;
template class Team<rk::Lanes::Cluster>;
template class Team<rk::Lanes::Grid>;
