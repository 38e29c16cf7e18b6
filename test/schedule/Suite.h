//===- Suite.h - Shared by the scheduler's tests ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Actors.h"

#include "rk/scheduler.h"
#include "rk/system.h"

#include <gtest/gtest.h>

namespace schedule {

/// `explore` takes an exception for a failure.
inline void must(const rk::Status &status) {
  if (!status.isOk())
    throw rk::StatusError(status);
}

} // namespace schedule
