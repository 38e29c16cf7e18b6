//===- Actors.cpp - What rkc compiles for the tests of payloads -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"

namespace conformance {

template class FrameSource<FrameSink>;
template class FrameSource<ResidentSink>;
template class FrameCopyTeam<rk::Lanes::Block>;
template class FrameCopyTeam<rk::Lanes::Cluster>;

} // namespace conformance
