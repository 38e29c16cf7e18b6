//===- Stencils.cu - Plans of the wave step, written by hand ---*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The rate of each plan beside a graph of plain launches, each checked bit for
/// bit against the plain kernel. Rates are of the whole run on the device.
///
//===----------------------------------------------------------------------===//

#include "stencil/Measures.cuh"

namespace rkbench {
namespace {

using namespace stencil;

template <class T, int Radius> void measurePlain(Problem<T> &p) {
  for (dim3 block : {dim3(32, 8, 1), dim3(64, 4, 1), dim3(128, 2, 1),
                     dim3(32, 4, 2)}) {
    if (block.x > p.l.nx)
      continue;
    print(plainRate<T, Radius>("graph " + sizeName(p.l) + " block " +
                                   std::to_string(block.x) + "x" +
                                   std::to_string(block.y) + "x" +
                                   std::to_string(block.z),
                               p, block));
  }
}

using FloatWork = std::function<void(Problem<float> &, Rows &)>;
void measureFloat(Rows &rows, uint32_t n, const FloatWork &work) {
  Problem<float> p(makeLayout(n, n, n), 0.1f);
  answer<float, 1>(p);
  measurePlain<float, 1>(p);
  work(p, rows);
}

void measureSmall(Rows &rows) {
  measureFloat(rows, 64, [](Problem<float> &p, Rows &rows) {
    const Residents r = {p, rows};
    r.measure<Brick<64, 2, 4, 8, 1, 0>>();
    r.measure<Brick<64, 2, 4, 8, 2, 8>>();
    r.measure<Brick<64, 2, 4, 8, 4, 6>>();
    r.measure<Brick<64, 2, 4, 8, 4, 8>>();
    r.measure<Brick<64, 2, 4, 8, 4, 12>>();
    r.measure<Brick<64, 2, 8, 4, 2, 8>>();
    r.measure<Brick<64, 2, 8, 4, 4, 8>>();
    r.measure<Brick<64, 2, 8, 8, 2, 0>>();
    Streams{p, rows}.measure<1, 4, 2>(32);
  });
  measureFloat(rows, 96, [](Problem<float> &p, Rows &rows) {
    const Residents r = {p, rows};
    r.measure<Brick<96, 4, 12, 6, 3, 8>>();
    r.measure<Brick<96, 4, 12, 6, 6, 8>>();
    r.measure<Brick<96, 4, 12, 6, 6, 4>>();
    r.measure<Brick<96, 4, 12, 6, 3, 0>>();
    Streams{p, rows}.measure<1, 4, 2>(16);
  });
  measureFloat(rows, 128, [](Problem<float> &p, Rows &rows) {
    const Residents r = {p, rows};
    r.measure<Brick<128, 4, 16, 8, 8, 4>>();
    r.measure<Brick<128, 4, 16, 8, 8, 8>>();
    r.measure<Brick<128, 4, 16, 8, 8, 0>>();
    r.measure<Brick<128, 4, 16, 8, 4, 0>>();
    r.measure<Brick<128, 4, 8, 16, 8, 8>>();
    Streams{p, rows}.measure<1, 4, 2>(16);
  });
}

void measureLarge(Rows &rows) {
  measureFloat(rows, 256, [](Problem<float> &p, Rows &rows) {
    Streams{p, rows}.measure<2, 4, 4>(8);
    Streams{p, rows}.measure<1, 8, 4>(8);
    Temporals{p, rows}.measure<Tile<2, 32, 1>>(4);
    Temporals{p, rows}.measure<Tile<3, 32, 1>>(4);
    Temporals{p, rows}.measure<Tile<4, 16, 2>>(4);
  });
  measureFloat(rows, 512, [](Problem<float> &p, Rows &rows) {
    const Streams s = {p, rows};
    s.measure<1, 4, 4>(8);
    s.measure<2, 4, 4>(8);
    s.measure<4, 4, 2>(8);
    s.measure<4, 8, 1>(8);
    const Temporals t = {p, rows};
    for (uint32_t chunks : {1u, 8u}) {
      t.measure<Tile<2, 32, 1>>(chunks);
      t.measure<Tile<3, 32, 1>>(chunks);
      t.measure<Tile<3, 16, 2>>(chunks);
      t.measure<Tile<4, 16, 2>>(chunks);
    }
  });
}

} // namespace

void measureStencils() {
  Rows rows;
  measureSmall(rows);
  measureLarge(rows);
  rows.finish();
}

} // namespace rkbench
