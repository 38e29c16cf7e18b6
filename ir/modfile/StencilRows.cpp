//===- StencilRows.cpp - Rows of the stencil table ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilRowsInternal.h"

namespace rk::modfile {

namespace field = format::stencilrow;

/// Fills what the three numbers from `place` on are.
static void load3(const format::StencilRow &row, unsigned place,
                  std::uint32_t (&to)[3]) {
  for (unsigned axis = 0; axis < 3; ++axis)
    to[axis] = row.numbers[place + axis];
}

StencilView stencilOf(const format::StencilRow &row, std::string_view name) {
  StencilView stencil;
  stencil.name = name;
  stencil.hash = row.hash;
  stencil.size = row.numbers[field::Size];
  stencil.align = row.numbers[field::Align];
  stencil.dimensions = row.numbers[field::Dimensions];
  stencil.radius = row.numbers[field::Radius];
  stencil.line = row.numbers[field::Line];
  stencil.operations = row.numbers[field::Operations];
  stencil.neighbours =
      abi::StencilNeighbours(std::uint32_t(row.numbers[field::Neighbours]));
  return stencil;
}

StencilArrayView arrayOf(const format::StencilRow &row, std::string_view name) {
  StencilArrayView array;
  array.name = name;
  array.offset = row.numbers[field::Offset];
  array.elementBytes = row.numbers[field::ElementBytes];
  array.levels = row.numbers[field::Levels];
  array.entries = row.numbers[field::Entries];
  const std::uint32_t flags = row.numbers[field::Flags];
  array.isFloat = flags & 1;
  array.isCoefficient = flags & 2;
  array.isWritten = flags & 4;
  array.isBrain = flags & 8;
  load3(row, field::Halo, array.halo);
  array.part = row.numbers[field::Part];
  return array;
}

StencilPlanView planOf(const format::StencilRow &row, std::string_view name) {
  StencilPlanView plan;
  plan.name = name;
  load3(row, field::Block, plan.block);
  load3(row, field::Tile, plan.tile);
  plan.steps = row.numbers[field::Steps];
  plan.sharedBytes = row.numbers[field::SharedBytes];
  return plan;
}

StencilBoundaryView boundaryOf(const format::StencilRow &row) {
  StencilBoundaryView boundary;
  boundary.sets = row.numbers[field::Sets];
  boundary.levels = row.numbers[field::FilledLevels];
  boundary.readsStep = row.numbers[field::ReadsStep] != 0;
  boundary.reach = row.numbers[field::Reach];
  return boundary;
}

StencilReductionView reductionOf(const format::StencilRow &row,
                                 std::string_view name) {
  StencilReductionView reduction;
  reduction.name = name;
  reduction.hash = row.hash;
  reduction.size = row.numbers[field::ResultSize];
  reduction.align = row.numbers[field::ResultAlign];
  return reduction;
}

} // namespace rk::modfile
