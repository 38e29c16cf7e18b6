//===- StencilCode.cpp - Loads the kernels of stencils early --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/StencilCode.h"

#include "rk/abi/StencilResident.h"
#include "rk/modfile/StencilModel.h"

#include <string>

namespace rk::runtime::cuda {

namespace {

/// To ask for an attribute loads the code, to ask for the kernel does not.
Status loadKernel(const Driver &driver, CUmodule image, std::string_view name) {
  CUfunction kernel = nullptr;
  const std::string entry(name);
  if (entry.empty() ||
      driver.moduleGetFunction(&kernel, image, entry.c_str()) != Success)
    return {};
  int registers = 0;
  return driver.check(
      driver.functionGetAttribute(&registers, NumRegisters, kernel),
      "cuFuncGetAttribute");
}

} // namespace

Status loadStencilCode(const Driver &driver, CUmodule image,
                       const modfile::ModuleView &module) {
  Status status;
  const auto load = [&](std::string_view name) {
    if (status.isOk())
      status = loadKernel(driver, image, name);
  };
  if (!module.stencils.empty())
    for (const char *const name : StencilServiceNames)
      load(name);
  for (const modfile::StencilView &stencil : module.stencils) {
    for (const modfile::StencilPlanView &plan : stencil.plans) {
      if (modfile::stencilPlanKind(plan.name) ==
          modfile::StencilPlanKind::Resident) {
        for (const char *const suffix : abi::ResidentSuffixes)
          load(std::string(plan.entry) + suffix);
        continue;
      }
      load(plan.entry);
      load(std::string(plan.entry) + abi::DampedSuffix);
    }
    load(stencil.boundary.entry);
    for (const auto &reduction : stencil.reductions) {
      load(reduction.entry);
      load(reduction.foldEntry);
    }
  }
  return status;
}

} // namespace rk::runtime::cuda
