//===- stencil_choice.h - Why a stencil runs as it does ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `rk::Stencil::choice` returns: the plans there are for a grid on a
/// device, what the cost model predicts of them, and which is taken.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rk {

/// What the cost model says of a plan for one grid on one device. Nothing here
/// is measured.
struct PlanPrediction {
  std::string plan;
  /// Why it cannot run, or is not taken by itself; the rest is then 0.
  std::string refusal;
  /// Steps that a launch makes; 0: all of a run.
  std::int64_t steps = 1;
  /// Units     updates of a cell, and bytes that an update has to read and
  ///           write once, a second.
  double cellsPerSecond = 0;
  double bytesPerSecond = 0;
  /// What takes the longest: "memory", "cache", "arithmetic", "launches",
  /// "exchange" or "latency".
  std::string limit;
};

/// Which plan a stencil is run by, and why.
struct StencilChoice {
  std::string stencil; ///< its C++ name
  std::string device;
  std::int64_t extent[3] = {1, 1, 1};
  /// The plan, and the one for single steps and for all steps that are looked
  /// at one by one, which may be the same.
  std::string plan, singleSteps;
  /// It was asked for by `StencilOptions::plan`.
  bool isForced = false;
  /// Runs of fewer steps are made by `singleSteps`, as `plan` costs more to
  /// start.
  std::int64_t leastSteps = 1;
  /// Units     bytes a second that a copy moves on the device, read and written
  ///           together, as its clocks say; and the updates of a cell that they
  ///           allow if each step reads and writes all values once.
  double possibleBytesPerSecond = 0;
  double possibleCellsPerSecond = 0;
  std::vector<PlanPrediction> predictions;
  /// Plans that were tried before, and why they were given up; one that was
  /// given up in a run, too.
  std::vector<std::string> fallbacks;

  /// All of it in lines for people.
  [[nodiscard]] std::string text() const;
};

} // namespace rk
