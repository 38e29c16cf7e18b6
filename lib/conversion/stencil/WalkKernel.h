//===- WalkKernel.h - GPU kernels that walk along the last axis -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The kernel of the plans `streaming` (one step a launch) and `temporal`
/// (several). A block of 32 x `warps` threads holds a tile; a thread holds
/// `Width` cells along x, 16 bytes of the widest array, of `rows` rows. The
/// block walks along the last axis, a plane a turn. In the turn in which plane
/// p arrives, stage s makes plane p - s * lag of the values after s steps, from
/// planes of the stages before, which lie in registers.
///
/// Neighbours along x come by shuffles. With one step, rows of other threads
/// are loaded, as are the cells beside a warp. With several, rows of other
/// threads go through shared memory, written in the turn before so that one
/// barrier a turn is enough, and tiles overlap by what all steps read.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Layers.h"

#include <map>
#include <tuple>

namespace rkc::conversion {

/// The cells of a thread in one row of one plane.
using Cells = mlir::SmallVector<mlir::Value, 4>;

/// What registers hold of one row of an array, at one time: planes
/// `newest`, `newest` - 1, ..., `oldest`, counted from the plane of the turn.
struct Line {
  int64_t newest = 0, oldest = 0;
  bool isFromMemory = false;
  mlir::SmallVector<Cells> planes; ///< the newest first
  Cells arriving;                  ///< of the next turn
};

/// Names a line. `time` is the number of steps made when the launch began, so
/// that 0 is level 0 and -1 level 1. `aside` lines are the cells left of lane 0
/// and right of lane 31.
struct LineKey {
  unsigned array;
  int64_t time, row;
  bool aside;
  bool operator<(const LineKey &other) const {
    return std::tie(array, time, row, aside) <
           std::tie(other.array, other.time, other.row, other.aside);
  }
};

class WalkKernel {
public:
  /// `damps`: the cells of layers.
  WalkKernel(StencilPlanOp plan, bool damps, llvm::StringRef suffix = "");
  mlir::LogicalResult build();

private:
  using Value = mlir::Value;
  using Type = mlir::Type;

  // WalkKernel.cpp: shape, lines and the loop.
  void measure();
  void addLines();
  void addLine(unsigned array, int64_t time, int64_t row, bool aside,
               int64_t newest, int64_t oldest);
  void placeThread();
  void buildLoop();
  void beginTurn();
  mlir::SmallVector<Value> carried();
  void setCarried(mlir::ValueRange values);

  // WalkMemory.cpp: loads, stores and shared memory.
  Value plane(Value place);
  Cells load(unsigned array, int64_t level, int64_t row, bool aside,
             Value place);
  void loadArriving(Value turn);
  void store(unsigned array, int64_t level, int64_t row, Value place,
             llvm::ArrayRef<Value> cells);
  void collectExchanges();
  void writeExchanges();
  Cells readExchange(unsigned array, int64_t stage, int64_t level, int64_t row);
  Value sharedAddress(Value offset, Type type, Value element);

  // WalkStages.cpp: the update of the cells of a thread.
  void makeStage(int64_t stage);
  Cells rowOf(unsigned array, int64_t stage, int64_t level, int64_t row,
              int64_t distance, bool aside = false);
  Value valueOf(StencilAccessOp access, int64_t stage, int64_t row,
                unsigned cell);
  Value shuffle(Value value, int64_t lanes);
  Value coordinate(unsigned axis, Value place);
  Place placeOfCell(int64_t row, int64_t cell, Value place);

  // WalkLayers.cpp: layers that absorb.
  void findLayers();
  Value isInLayer(Value place);
  Place placeOfLayer(llvm::ArrayRef<int64_t> offset, Value place);
  Place cellOf(Place first, int64_t row, int64_t cell);
  void dampEarlier(int64_t stage, Value place);
  void dampMade(Value place,
                std::map<unsigned, mlir::SmallVector<Cells>> &made);
  void dampPlane(Value place,
                 std::map<unsigned, mlir::SmallVector<Cells>> &made);

  // WalkFaces.cpp: cells beyond faces, between the steps of a launch.
  void readFaces();
  void fixPlane(int64_t stage, unsigned array, mlir::SmallVector<Cells> &made);
  void fixCells(int64_t stage, unsigned array, Value place,
                mlir::SmallVector<Cells> &made, mlir::ArrayRef<Line *> kept);
  void mirror(unsigned array, mlir::SmallVector<Cells> &made);
  Value isBeyond(unsigned axis, unsigned side, Value place);

  // Small things.
  Value word(int64_t value) { return constant(builder, location, value); }
  Value number(int32_t value);
  Value sum(Value a, Value b) { return add(builder, location, a, b); }
  Value product(Value a, Value b) { return multiply(builder, location, a, b); }
  Value less(Value a, Value b) { return isLess(builder, location, a, b); }
  Value both(Value a, Value b);
  Value either(Value a, Value b);
  Value choose(Value condition, Value yes, Value no);
  Value clamp(Value value, Value low, Value high);
  int64_t lagOf(int64_t stage) const { return steps == 1 ? 0 : stage * lag; }
  bool isStatic(unsigned array) { return !arrays[array].getWritten(); }
  uint32_t entryOf(unsigned array, int64_t level, bool written) const;
  unsigned numberOf(llvm::StringRef name);

  StencilPlanOp plan;
  StencilOp stencil;
  mlir::OpBuilder builder;
  mlir::LLVM::LLVMFuncOp kernel;
  mlir::Location location;
  mlir::SmallVector<StencilArrayOp> arrays;
  uint32_t entryCount = 0;
  LaunchView launch;

  int64_t steps, lag = 1, width = 4, rows = 1, height = 1;
  unsigned last = 2;
  int64_t halo[3] = {};    ///< how far an update reads
  int64_t overlap[3] = {}; ///< of the tile, on each side
  std::map<LineKey, Line> lines;

  // Places. `turn` is the plane that arrives; `first` and `end` are the
  // block's.
  Value lane, tileX, tileY, x, y, first, end, turn;
  std::map<int64_t, Value> rowElements, asideElements; ///< by row
  mlir::SmallVector<Value> canStore;                   ///< by row
  Value isWhole; ///< all cells are in the grid

  // Shared memory: two halves, used in turn. `half` is the offset of the one
  // that is written in this turn.
  struct Exchange {
    unsigned array;
    int64_t stage, level, offset;
  };
  mlir::SmallVector<Exchange> exchanges;
  int64_t halfBytes = 0;
  Value shared, half, otherHalf, slot;
  std::map<std::tuple<unsigned, int64_t, int64_t, int64_t>, Cells> read;

  // Layers. `earlier`: what a stage reads of earlier levels, damped.
  LayerView layers;
  const bool damps;
  Value touchesLayer; ///< along all axes but the last
  std::map<std::tuple<mlir::Operation *, int64_t, int64_t>, Value> earlier;

  // Faces: by axis and side.
  Value isFixed[3][2], isReflecting[3][2], isPeriodic[3];
  Value touches, touchesReflecting;
};

} // namespace rkc::conversion
