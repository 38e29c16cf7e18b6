//===- CpuLaunch.h - Plans of stencils on threads ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// All plans of the CPU call one compiled kernel, which updates a box of cells
/// from arrays to arrays; they differ in the order of the boxes, and so in how
/// often a cell comes from memory.
///
///   global     each thread updates a share of the rows.
///   streaming  each thread walks along the last axis over tiles whose planes
///              its cache holds.
///   temporal   a launch makes several steps. Tiles lean: in each step a tile
///              lies `lag` cells lower along two axes, so that what it reads
///              was written by itself or by the tile before it, and cells are
///              updated several times while they are in the cache. Threads
///              follow each other, a unit of the last axis apart.
///   resident   each thread keeps its part of the last axis for all steps of a
///              launch, and waits for its neighbours only.
///
/// Every cell is updated once a step by the same code, so results do not depend
/// on the plan or on the number of threads.
///
/// Source    leaning tiles: Wonnacott, "Using time skewing to eliminate idle
///           time due to memory bandwidth and network limitations", 2000;
///           threads that follow each other: Wellein et al., "Efficient
///           temporal blocking for stencil computations by multicore-aware
///           wavefront parallelization", 2009.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "stencil/CpuOutside.h"
#include "stencil/ThreadTeam.h"

#include "rk/abi/Stencil.h"
#include "rk/abi/StencilCells.h"
#include "rk/modfile/StencilModel.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace rk::runtime {

using CpuKernel = void(const abi::StencilLaunch *, const abi::StencilBox *);

/// The code of a plan: `damped` also damps the cells of layers; null where no
/// array is damped.
struct CpuKernels {
  CpuKernel *plain, *damped;
};

/// Tiles along an axis that lie `lag` cells lower in each step. A periodic axis
/// is longer by what later steps read, and less so in each step.
struct LeaningTiles {
  std::int64_t extent = 1, lag = 0, size = 1, steps = 1;
  bool isPeriodic = false;

  [[nodiscard]] std::int64_t beyond(std::int64_t step) const {
    return isPeriodic ? (steps - 1 - step) * lag : 0;
  }
  [[nodiscard]] std::int64_t count() const {
    const std::int64_t all = extent + 2 * beyond(0) + (steps - 1) * lag;
    return (all + size - 1) / size;
  }
  /// Cuts `box` to what tile `number` updates in `step`; false if that is
  /// nothing.
  bool cut(abi::StencilBox &box, std::uint32_t axis, std::int64_t number,
           std::int64_t step) const;
};

/// One launch of a plan.
class CpuLaunch {
public:
  CpuLaunch(ThreadTeam &team, const modfile::StencilView &stencil,
            const modfile::StencilPlanView &plan, const CpuKernels &kernels,
            CpuFunction *boundary, const abi::StencilLaunch &launch);

  void runGlobal();
  void runStreaming();
  void runTemporal();
  void runResident();

private:
  /// A field that steps change: where its new values are in the table, and what
  /// is filled behind them.
  struct Written {
    std::uint32_t newest;
    DerivedHalo halo;
  };
  /// Cells that are fed or recorded between steps: where the new values of
  /// their field are in the table, and the box that they all lie in.
  struct Moved {
    abi::StencilMove move;
    std::uint32_t newest;
    abi::StencilBox around;
  };

  void prepareSteps(std::uint32_t repeatedAxes);
  [[nodiscard]] const abi::StencilLaunch &tableOf(std::int64_t step) const {
    return tables_[std::size_t(step) % tables_.size()];
  }
  [[nodiscard]] abi::StencilBox whole() const;
  [[nodiscard]] std::int64_t lagOf(std::uint32_t axis) const;
  [[nodiscard]] bool isPeriodic(std::uint32_t axis) const;
  void update(const abi::StencilLaunch &table, const abi::StencilBox &box,
              std::uint32_t axes = 3) const;
  void updateRows(std::int64_t first, std::int64_t last) const;
  void updateTiles(const abi::StencilLaunch &table,
                   const abi::StencilBox &box) const;
  template <class Then>
  void forEachInside(const abi::StencilBox &box, std::uint32_t axis,
                     Then then) const;
  void listMoved(std::uint32_t array, std::uint32_t newest);
  void moveCells(std::int64_t step, const abi::StencilBox &box) const;
  void finishBox(std::int64_t step, const abi::StencilBox &box) const;
  void setOutside(std::int64_t step, std::uint32_t axis,
                  const abi::StencilBox &box) const;
  void keepPart(std::vector<Progress> &progress, std::uint32_t part) const;

  ThreadTeam &team_;
  const modfile::StencilView &stencil_;
  const modfile::StencilPlanView &plan_;
  const CpuKernels kernels_;
  const abi::StencilLaunch &launch_;
  std::uint32_t lastAxis_;
  const CpuOutside outside_;
  std::optional<CpuFaces> faces_;
  /// The launch as each step sees it; the first again after the last.
  std::vector<abi::StencilLaunch> tables_;
  std::vector<Written> written_;
  std::vector<Moved> moved_;
};

} // namespace rk::runtime
