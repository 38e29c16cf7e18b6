//===- WalkPlans.h - Plans that walk along the last axis ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/transforms/StencilPlans.h"

namespace rkc::transforms {

PlanOffer offerStreaming(StencilOp stencil);
PlanOffer offerTemporal(StencilOp stencil);

} // namespace rkc::transforms
