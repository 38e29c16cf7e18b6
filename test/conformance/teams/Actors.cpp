//===- Actors.cpp - The module of the suite of teams ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"

namespace teams {
template class Team<rk::Lanes::Block>;
template class Team<rk::Lanes::Cluster>;
template class Team<rk::Lanes::Grid>;
template class BusyTeam<rk::Lanes::Block>;
template class BusyTeam<rk::Lanes::Cluster>;
template class BusyTeam<rk::Lanes::Grid>;
} // namespace teams
