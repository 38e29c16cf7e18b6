//===- WalkLayers.cpp - Layers that absorb, in walking kernels ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A stage damps the plane that it makes, in the threads whose cells lie in a
/// layer. What it reads of earlier levels was damped when it was made, or until
/// the launch began: the rest is made up for where it is read.
///
//===----------------------------------------------------------------------===//

#include "WalkKernel.h"

using namespace mlir;

namespace rkc::conversion {

void WalkKernel::findLayers() {
  if (!damps)
    return;
  SmallVector<std::pair<Value, int64_t>> spans = {{x, width}};
  if (last == 2)
    spans.push_back({y, rows});
  touchesLayer = layers.touches(spans);
}

/// Whether the thread has cells of a layer in the plane at `place`.
Value WalkKernel::isInLayer(Value place) {
  return either(touchesLayer,
                either(less(place, layers.clearBegin(last)),
                       less(sum(layers.clearEnd(last), word(-1)), place)));
}

/// The place that is `offset` away from the thread's first cell, for
/// `LayerView`. Beyond what is read of the halo, where results are not used, it
/// is one near by.
Place WalkKernel::placeOfLayer(ArrayRef<int64_t> offset, Value place) {
  Place from = {x, y, word(0)};
  from[last] = place;
  for (unsigned axis = 0; axis <= last; ++axis) {
    const int64_t reach = steps * halo[axis];
    from[axis] = clamp(sum(layers.keepHere(from[axis]), word(offset[axis])),
                       word(-reach), sum(launch.extent[axis], word(reach)));
  }
  return from;
}

/// The place of one of the thread's cells, from that of the first one.
Place WalkKernel::cellOf(Place first, int64_t row, int64_t cell) {
  if (cell != 0)
    first[0] = sum(first[0], word(cell));
  if (row != 0)
    first[1] = sum(first[1], word(row));
  return first;
}

/// Damps what `stage` reads of earlier levels.
void WalkKernel::dampEarlier(int64_t stage, Value place) {
  earlier.clear();
  SmallVector<std::tuple<StencilAccessOp, int64_t, int64_t>> keys;
  SmallVector<Value> values;
  if (stage == 1 || !damps)
    return;
  for (auto access : stencil.getApply().getBody().getOps<StencilAccessOp>()) {
    if (access.getLevel() == 0 ||
        !isDamped(arrays[numberOf(access.getArray())]))
      continue;
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t cell = 0; cell < width; ++cell) {
        keys.push_back({access, row, cell});
        values.push_back(valueOf(access, stage, row, unsigned(cell)));
      }
  }
  if (keys.empty())
    return;
  whenTrue(builder, location, isInLayer(place), values, [&] {
    layers.readTables();
    for (auto [number, key] : llvm::enumerate(keys)) {
      auto [access, row, cell] = key;
      Place from = placeOfLayer(access.getOffset(), place);
      Value factor = layers.factorOfRead(cellOf(from, row, cell));
      const int64_t times = std::min<int64_t>(access.getLevel(), stage - 1);
      for (int64_t time = 0; time < times; ++time)
        values[number] = layers.damp(values[number], factor);
    }
  });
  for (auto [key, value] : llvm::zip_equal(keys, values)) {
    auto [access, row, cell] = key;
    earlier[{access, row, cell}] = value;
  }
}

/// Damps the plane that was made.
void WalkKernel::dampMade(Value place,
                          std::map<unsigned, SmallVector<Cells>> &made) {
  if (!damps)
    return;
  SmallVector<Value> values;
  auto gather = [&] {
    values.clear();
    for (auto &[array, planes] : made)
      for (Cells &cells : planes)
        llvm::append_range(values, cells);
  };
  gather();
  whenTrue(builder, location, isInLayer(place), values, [&] {
    dampPlane(place, made);
    gather();
  });
  auto next = values.begin();
  for (auto &[array, planes] : made)
    for (Cells &cells : planes)
      for (Value &cell : cells)
        cell = *next++;
}

void WalkKernel::dampPlane(Value place,
                           std::map<unsigned, SmallVector<Cells>> &made) {
  layers.readTables();
  const Place at = placeOfLayer({0, 0, 0}, place);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t cell = 0; cell < width; ++cell) {
      Value factor = layers.factorOf(cellOf(at, row, cell));
      for (auto &[array, planes] : made)
        if (isDamped(arrays[array]))
          planes[row][cell] = layers.damp(planes[row][cell], factor);
    }
}

} // namespace rkc::conversion
