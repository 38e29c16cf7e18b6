//===- System.h - What programs on this project share -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Checks of a `rk::System`, which back end it runs on, and the line that says
/// where that was.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Rows.h"

#include "rk/system.h"

#include <cstring>
#include <stdexcept>

namespace rkbench {

inline void require(const rk::Status &status) {
  if (!status.isOk())
    throw rk::StatusError(status);
}
inline void require(bool condition, const char *what) {
  if (!condition)
    throw std::runtime_error(std::string("check failed: ") + what);
}
/// A row is worth nothing if messages were lost on the way.
inline void requireNoDeadLetters(const rk::System &system) {
  require(system.counters().deadLetters.total() == 0, "no dead letters");
}

/// Returns false if `option` chooses no back end.
inline bool acceptBackend(const char *option, rk::BackendKind &backend) {
  if (!std::strcmp(option, "--backend=cpu"))
    backend = rk::BackendKind::Cpu;
  else if (!std::strcmp(option, "--backend=cuda"))
    backend = rk::BackendKind::Cuda;
  else
    return !std::strcmp(option, "--backend=auto");
  return true;
}

/// Prints where the rows that follow come from; false, with a row that says
/// why, if no system starts. `quick` tells a reader that it is no record.
inline bool printWhere(rk::BackendKind backend, bool quick) {
  try {
    rk::SystemOptions options;
    options.backend = backend;
    const rk::System system(options);
    const rk::RunDescription &where = system.description();
    std::printf("{\"backend\": %s, \"device\": %s, \"driver\": %s, \"image\": "
                "%s, \"workers\": %u, \"quick\": %s}\n",
                jsonText(where.backend).c_str(), jsonText(where.device).c_str(),
                jsonText(where.driver).c_str(), jsonText(where.image).c_str(),
                where.workers, quick ? "true" : "false");
    std::fflush(stdout);
    return true;
  } catch (const std::exception &failure) {
    printFailure("start", failure.what());
    return false;
  }
}

} // namespace rkbench
