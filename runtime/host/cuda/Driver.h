//===- Driver.h - The CUDA driver, if there is one --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Opens `libcuda.so.1` at run time, so that a program runs with or without a
/// GPU, and turns the driver's errors into statuses.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/DriverTypes.h"

#include "rk/status.h"

#include <string>

namespace rk::runtime::cuda {

/// The functions of one driver library.
///
/// Threads   constant once loaded; any thread may call.
struct Driver {
#define RK_CUDA_SYMBOL(name, symbol, arguments) CUresult(*name) arguments;
#include "cuda/DriverSymbols.def"

  /// CUDA's version that the driver supports: 13000 is 13.0.
  int version = 0;
  [[nodiscard]] std::string versionText() const { return textOf(version); }
  static std::string textOf(int version);

  /// Returns `Ok`, or `code` with the driver's name and words for the error,
  /// and the call that failed.
  Status check(CUresult result, const char *call,
               StatusCode code = StatusCode::DeviceError) const;
  /// "CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected)".
  [[nodiscard]] std::string errorText(CUresult result) const;
};

/// The oldest driver whose interface suffices.
inline constexpr int OldestDriver = 12000;

/// Opens and initialises the driver library at `path`. It is never closed.
///
/// Errors    `NoDevice`: there is no library, or it finds no device;
///           `DriverTooOld`.
rk::Result<Driver> loadDriver(const char *path);
/// Returns the machine's driver; loads it once.
const rk::Result<Driver> &machineDriver();

} // namespace rk::runtime::cuda
