//===- Actors.cpp - What rkc compiles for the conformance suite -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FairActors.h"
#include "JamActors.h"

namespace conformance {

template class Pump<FailSink>;
template class Pump<LetterSink>;
template class Pump<NewestSink>;

void Looper::on(Loop loop) { holdUp(loop); }

} // namespace conformance
