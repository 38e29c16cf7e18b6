//===- StencilBounds.cu - What stencils of the record stand beside --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// For each grid of rk-bench-stencils: a plain kernel in a graph of launches, the
/// best kernel written by hand that `rk-floors stencils` found, and the rate of
/// a copy. Names are those of bench/rows.py.
///
//===----------------------------------------------------------------------===//

#include "stencil/Measures.cuh"

namespace rkbench {
namespace {

using namespace stencil;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

__global__ void copyAll(const uint4 *from, uint4 *to, size_t count) {
  constexpr int Each = 4;
  const size_t stride = size_t(gridDim.x) * blockDim.x;
  size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
  for (; i + (Each - 1) * stride < count; i += Each * stride) {
    uint4 values[Each];
#pragma unroll
    for (int j = 0; j < Each; ++j)
      values[j] = __ldcs(from + i + j * stride);
#pragma unroll
    for (int j = 0; j < Each; ++j)
      __stcs(to + i + j * stride, values[j]);
  }
  for (; i < count; i += stride)
    to[i] = from[i];
}

void measureCopy() {
  constexpr size_t Count = size_t(1) << 26; // 1 GiB
  DeviceArray<uint4> from(Count), to(Count);
  RK_CUDA(cudaMemset(from.get(), 0x5a, Count * sizeof(uint4)));
  to.clear();
  auto copy = [&] {
    copyAll<<<multiprocessors() * 8, 512>>>(from.get(), to.get(), Count);
  };
  std::vector<double> rates;
  for (int run = 0; run < 11; ++run) {
    const double time = deviceNanoseconds(copy);
    if (run > 0)
      rates.push_back(2.0 * sizeof(uint4) * Count / time);
  }
  const std::vector<uint4> found = to.read();
  for (const uint4 &value : found)
    require(value.x == 0x5a5a5a5a && value.w == 0x5a5a5a5a, "not copied");
  print(summarize("device-copy", "GB/s", rates, Better::Higher,
                  "every value of 1 GiB; bytes read and written"));
}

//===----------------------------------------------------------------------===//
// Plain kernels in a graph of launches
//===----------------------------------------------------------------------===//

/// The wave in two dimensions, five points.
template <class T>
__global__ void flatStep(const T *current, T *before, Layout l, T c2) {
  const uint32_t x = blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t y = blockIdx.y * blockDim.y + threadIdx.y;
  if (x >= l.nx || y >= l.ny)
    return;
  const size_t at = l.origin + x + size_t(y) * l.pitch;
  const T here = current[at];
  const T around = current[at + 1] + current[at - 1] + current[at + l.pitch] +
                   current[at - l.pitch];
  before[at] = T(2) * here - before[at] + c2 * (around - T(4) * here);
}

constexpr dim3 GraphBlocks[] = {dim3(32, 8, 1), dim3(64, 4, 1), dim3(32, 4, 2)};

template <class T, int Radius>
void addGraph(Rows &rows, const std::string &grid, Problem<T> &p) {
  const std::string name = "stencil-graph-" + grid;
  rows.add(name, [&] {
    Row best;
    for (dim3 block : GraphBlocks) {
      const Row row = plainRate<T, Radius>(name, p, block);
      if (row.p50 > best.p50)
        best = row;
    }
    best.checked = "this is the reference; the best of three shapes of blocks";
    return best;
  });
}

template <class T> void addFlatGraph(Rows &rows, const char *type, uint32_t n) {
  const std::string name =
      "stencil-graph-" + std::to_string(n) + "^2-" + std::string(type);
  rows.add(name, [&] {
    Layout l = makeLayout(n, n, 1);
    l.origin = l.pitch * Layout::Halo + Layout::Align; // no plane before it
    DeviceArray<T> arrays[2] = {DeviceArray<T>(l.plane),
                                DeviceArray<T>(l.plane)};
    for (uint32_t i = 0; i < 2; ++i) {
      arrays[i].clear();
      fillField<<<uint32_t((l.cells() + 255) / 256), 256>>>(arrays[i].get(), l,
                                                            i * 77777u);
    }
    const dim3 block(64, 4), grid((n + 63) / 64, (n + 3) / 4);
    const StepGraph graph([&](int i, cudaStream_t s) {
      flatStep<T><<<grid, block, 0, s>>>(arrays[i & 1].get(),
                                         arrays[1 - (i & 1)].get(), l, T(0.1));
    });
    const int times = replays(l);
    return rateOf(name, double(l.cells()) * times * 64,
                  [&] { graph.launch(times); }, "this is the reference");
  });
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

std::string gridName(uint32_t n, const char *rest) {
  return std::to_string(n) + "^3-" + rest;
}

using HandWritten = std::function<void(Problem<float> &, const std::string &)>;

void addCube(Rows &rows, uint32_t n, const HandWritten &byHand) {
  {
    Problem<float> p(makeLayout(n, n, n), 0.1f);
    answer<float, 1>(p);
    addGraph<float, 1>(rows, gridName(n, "float"), p);
    byHand(p, "stencil-hand-" + gridName(n, "float"));
  }
  if (n <= 512) {
    Problem<double> p(makeLayout(n, n, n), 0.1);
    addGraph<double, 1>(rows, gridName(n, "double"), p);
  }
}

void addCubes(Rows &rows) {
  addCube(rows, 64, [&](Problem<float> &p, const std::string &name) {
    Residents{p, rows, name}.measure<Brick<64, 2, 8, 4, 4, 8>>();
  });
  addCube(rows, 96, [&](Problem<float> &p, const std::string &name) {
    Residents{p, rows, name}.measure<Brick<96, 4, 12, 6, 3, 8>>();
  });
  addCube(rows, 128, [&](Problem<float> &p, const std::string &name) {
    Residents{p, rows, name}.measure<Brick<128, 4, 16, 8, 8, 8>>();
  });
  addCube(rows, 192, [&](Problem<float> &p, const std::string &name) {
    Temporals{p, rows, name}.measure<Tile<3, 32, 1>>(4);
  });
  addCube(rows, 256, [&](Problem<float> &p, const std::string &name) {
    Temporals{p, rows, name}.measure<Tile<3, 32, 1>>(4);
  });
  addCube(rows, 512, [&](Problem<float> &p, const std::string &name) {
    Streams{p, rows, name + "-streaming"}.measure<4, 4, 2>(8);
    Temporals{p, rows, name}.measure<Tile<4, 16, 2>>(8);
  });
  addCube(rows, 1024, [&](Problem<float> &p, const std::string &name) {
    Streams{p, rows, name + "-streaming"}.measure<4, 4, 2>(8);
    Temporals{p, rows, name}.measure<Tile<4, 16, 2>>(8);
  });
}

template <class T> void addWide(Rows &rows, uint32_t n, const char *rest) {
  Problem<T> p(makeLayout(n, n, n), T(0.1));
  addGraph<T, 4>(rows, gridName(n, rest), p);
}

} // namespace

void measureStencilBounds() {
  measureCopy();
  Rows rows;
  addCubes(rows);
  for (uint32_t n : {128u, 512u}) {
    addWide<float>(rows, n, "radius-4-float");
    addWide<double>(rows, n, "radius-4-double");
  }
  for (uint32_t n : {1024u, 4096u, 16384u, 32768u}) {
    addFlatGraph<float>(rows, "float", n);
    if (n < 32768)
      addFlatGraph<double>(rows, "double", n);
  }
  rows.finish();
}

} // namespace rkbench
