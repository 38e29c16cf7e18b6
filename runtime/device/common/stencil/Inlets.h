//===- Inlets.h - What columns read of other bricks -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Brick.h"

namespace rk::device::stencil {

/// Lists what each column of a brick reads of other bricks, for Direct.h. What
/// is sent late comes last. All threads call it.
template <class Machine> inline void listInlets(const Brick<Machine> &brick) {
  const Frame &frame = brick.frame;
  const auto height = int32_t(brick.grid.column);
  const uint32_t columns =
      uint32_t(frame.size[1] * ((frame.size[2] + height - 1) / height));
  for (uint32_t column = Machine::thread(); column < columns;
       column += Machine::threads()) {
    const int32_t y = int32_t(column) % frame.size[1],
                  first = int32_t(column) / frame.size[1] * height,
                  end = first + height < frame.size[2] ? first + height
                                                       : frame.size[2];
    ResidentSource *const list = brick.inletsOf(column);
    uint32_t count = 0;
    const auto add = [&](int32_t atY, int32_t atZ) {
      const RowSource from = sourceOf(brick.resident, frame, atY, atZ);
      if (brick.isReceived(frame, from, atY, atZ))
        list[++count] = {brick.elementOf(atY, atZ), brick.cellOf(from)};
    };
    if (brick.grid.width[2] != 0)
      add(y, end);
    for (int32_t z = first; z < end && brick.grid.width[1] != 0; ++z) {
      add(y - 1, z);
      add(y + 1, z);
    }
    if (brick.grid.width[2] != 0)
      add(y, first - 1);
    list[0].element = count;
  }
}

} // namespace rk::device::stencil
