//===- Driver.cpp - Opening libcuda ---------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/Driver.h"

#include <dlfcn.h>

namespace rk::runtime::cuda {

namespace {

Status noDevice(std::string text) {
  return Status(StatusCode::NoDevice, std::move(text));
}

/// Fills the table; returns the first symbol that is missing, or null.
const char *findSymbols(Driver &driver, void *library) {
#define RK_CUDA_SYMBOL(name, symbol, arguments)                                \
  driver.name =                                                                \
      reinterpret_cast<CUresult(*) arguments>(dlsym(library, #symbol));        \
  if (!driver.name)                                                            \
    return #symbol;
#include "cuda/DriverSymbols.def"
  return nullptr;
}

} // namespace

std::string Driver::textOf(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

std::string Driver::errorText(CUresult result) const {
  const char *name = nullptr, *words = nullptr;
  if (getErrorName(result, &name) != Success || !name)
    name = "error";
  if (getErrorString(result, &words) != Success || !words)
    words = "no description";
  return std::string(name) + " " + std::to_string(result) + " (" + words + ")";
}

Status Driver::check(CUresult result, const char *call, StatusCode code) const {
  if (result == Success)
    return {};
  return Status(code, std::string(call) + ": " + errorText(result));
}

rk::Result<Driver> loadDriver(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *reason = dlerror();
    return noDevice(reason ? reason : path);
  }
  Driver driver{};
  const char *missing = findSymbols(driver, library);
  // The version tells an old driver from a broken one, where it can be had.
  if (driver.driverGetVersion)
    driver.driverGetVersion(&driver.version);
  if (missing || driver.version < OldestDriver)
    return Status(StatusCode::DriverTooOld,
                  "the driver supports CUDA " + driver.versionText() +
                      ", at least " + Driver::textOf(OldestDriver) +
                      " is needed" +
                      (missing ? std::string("; ") + path + " has no " + missing
                               : std::string()));
  if (Status status =
          driver.check(driver.init(0), "cuInit", StatusCode::NoDevice);
      !status.isOk())
    return status;
  int count = 0;
  if (Status status = driver.check(driver.deviceGetCount(&count),
                                   "cuDeviceGetCount", StatusCode::NoDevice);
      !status.isOk())
    return status;
  if (count == 0)
    return noDevice("the driver finds no device");
  return driver;
}

const rk::Result<Driver> &machineDriver() {
  static const rk::Result<Driver> *const driver =
      new rk::Result<Driver>(loadDriver("libcuda.so.1"));
  return *driver;
}

} // namespace rk::runtime::cuda
