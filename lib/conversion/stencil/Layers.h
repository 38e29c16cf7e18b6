//===- Layers.h - Layers that absorb, within kernels ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Damps values where they are computed and where they are read, with the bits
/// of `abi/StencilDamping.h`, which says when.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "PlanBlocks.h"

namespace rkc::conversion {

/// Whether layers damp an array.
bool isDamped(StencilArrayOp array);
bool hasDamped(StencilOp stencil);

/// The layers of a launch.
class LayerView {
public:
  using Value = mlir::Value;

  /// `launch` points to a `StencilLaunch`. `groups` mark accesses; see
  /// GlobalPlan.cpp.
  LayerView(mlir::OpBuilder &builder, mlir::Location location, Value launch,
            StencilOp stencil, unsigned addressSpace,
            mlir::ArrayAttr groups = {})
      : builder(builder), location(location), launch(launch),
        dimensions(stencil.getDimensions()), addressSpace(addressSpace),
        groups(groups) {}

  /// Whether cells may be in a layer: along each axis some from a place on.
  Value touches(mlir::ArrayRef<std::pair<Value, int64_t>> spans);
  Value clearBegin(unsigned axis);
  Value clearEnd(unsigned axis);

  /// Reads where the factors are, in front of all that follows.
  void readTables();
  /// What a cell of the grid is multiplied by, in double.
  Value factorOf(mlir::ArrayRef<Value> place);
  /// The same of a place that may lie in the halo.
  Value factorOfRead(mlir::ArrayRef<Value> place);
  Value damp(Value value, Value factor);
  /// Returns the same place, of which nothing is known outside of this branch:
  /// what is made of it is not computed in front of a loop and kept in
  /// registers by threads that are in no layer.
  Value keepHere(Value place);
  /// Damps what was read of a level before the newest, after so many steps of
  /// the launch.
  Value dampRead(Value value, Value factor, uint32_t level, Value stepsBefore);

private:
  Value word(size_t offset);
  Value real(double value);
  Value bits(int64_t value);
  Value decodeBrain(Value value);
  Value encodeBrain(Value value, mlir::Type type);

  mlir::OpBuilder &builder;
  mlir::Location location;
  Value launch;
  unsigned dimensions, addressSpace;
  mlir::ArrayAttr groups;
  Value tables[3];
};

} // namespace rkc::conversion
