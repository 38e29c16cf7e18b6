//===- Actors.cpp - What rkc compiles for the conformance suite -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"

namespace conformance {

void Looper::on(Loop loop) { holdUp(loop); }

} // namespace conformance
