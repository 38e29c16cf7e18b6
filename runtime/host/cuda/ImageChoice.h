//===- ImageChoice.h - Which image suits a GPU ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Chooses among the images of a module. Needs no driver.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/Module.h"
#include "rk/status.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace rk::runtime::cuda {

/// A target such as "sm_90a", taken apart.
struct GpuTarget {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  /// 'a': that GPU alone; 'f': its family, from that minor on; 0: any later
  /// minor of the major, and for PTX any later GPU.
  char variant = 0;
};

/// Takes "sm_90a" or "compute_90a" apart.
std::optional<GpuTarget> parseGpuTarget(std::string_view text);

/// Returns the best image for a GPU of compute capability `major`.`minor`:
/// machine code for it, machine code for an earlier minor, then PTX.
///
/// Errors    `NoImage`, naming what the module has and the option to add.
Result<const modfile::ImageView *>
chooseImage(const modfile::ModuleView &module, std::uint32_t major,
            std::uint32_t minor);

} // namespace rk::runtime::cuda
