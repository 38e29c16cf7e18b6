#pragma once

#include <rk/stencil.h>

#include <cstdint>

/// Conway's Game of Life: a cell lives on with two or three neighbours, and is
/// born with three. One byte a cell.
class [[rk::stencil]] Life {
public:
  rk::Field<std::int8_t> alive;

  [[rk::update]] void update(rk::Cell<2> &cell) const {
    // At most 8, so the sums fit in a byte, and a vector holds many.
    const auto neighbours = std::int8_t(
        cell.at<-1, -1>(alive) + cell.at<0, -1>(alive) + cell.at<1, -1>(alive) +
        cell.at<-1, 0>(alive) + cell.at<1, 0>(alive) + cell.at<-1, 1>(alive) +
        cell.at<0, 1>(alive) + cell.at<1, 1>(alive));
    // 3, or 2 and alive
    const auto both = std::int8_t(neighbours | cell.at(alive));
    cell.set(alive, std::int8_t(both == 3 ? 1 : 0));
  }
};
