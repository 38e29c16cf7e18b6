//===- ResidentModel.cpp - Fields that stay on the chip -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilModelInternal.h"

namespace rk::modfile {

PlanForecast forecastResident(const PlanQuestion &) {
  PlanForecast result;
  result.refusal = "this version does not know it";
  return result;
}

} // namespace rk::modfile
