//===- Measures.cuh - Measuring the plans that are written by hand --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A row for each plan and shape: checked bit for bit against the plain kernel,
/// then timed. Rates are of the whole run on the device.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../Rounds.cuh"
#include "Plans.cuh"
#include "Resident.cuh"
#include "Streaming.cuh"
#include "Temporal.cuh"

namespace rkbench::stencil {

inline constexpr int CheckedSteps = 12;
inline const char *const Checked =
    "all cells of both levels after 12 steps, bit by bit";

inline std::string rowName(const std::string &as, const std::string &variant) {
  return as.empty() ? variant : as;
}
inline std::string checkedText(const std::string &as,
                               const std::string &variant) {
  return as.empty() ? Checked : std::string(Checked) + "; " + variant;
}

inline std::string sizeName(const Layout &l) {
  return std::to_string(l.nx) + "x" + std::to_string(l.ny) + "x" +
         std::to_string(l.nz);
}

template <class T, int Radius, int N>
void launchPlain(Problem<T> &p, std::unique_ptr<DeviceArray<T>> (&set)[N],
                 int step, dim3 block, cudaStream_t stream) {
  const dim3 grid((p.l.nx + block.x - 1) / block.x,
                  (p.l.ny + block.y - 1) / block.y,
                  (p.l.nz + block.z - 1) / block.z);
  plainStep<T, Radius><<<grid, block, 0, stream>>>(
      set[step & 1]->get(), set[1 - (step & 1)]->get(), p.l, p.c2);
}

/// A graph of `Nodes` launches of `launch(step, stream)`, replayed.
class StepGraph {
public:
  static constexpr int Nodes = 64;
  explicit StepGraph(const std::function<void(int, cudaStream_t)> &launch) {
    cudaGraph_t graph;
    cudaStream_t stream;
    RK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    RK_CUDA(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    for (int i = 0; i < Nodes; ++i)
      launch(i, stream);
    RK_CUDA(cudaGetLastError());
    RK_CUDA(cudaStreamEndCapture(stream, &graph));
    RK_CUDA(cudaGraphInstantiate(&executable_, graph, 0));
    RK_CUDA(cudaGraphDestroy(graph));
    RK_CUDA(cudaStreamDestroy(stream));
  }
  ~StepGraph() { cudaGraphExecDestroy(executable_); }
  StepGraph(const StepGraph &) = delete;
  void launch(int times) const {
    for (int i = 0; i < times; ++i)
      RK_CUDA(cudaGraphLaunch(executable_, nullptr));
  }

private:
  cudaGraphExec_t executable_;
};

/// Replays for about 20 ms.
inline int replays(const Layout &l) {
  return int(std::clamp(4e9 / (double(l.cells()) * 64), 1.0, 200.0));
}

/// The rate of a graph of plain launches.
template <class T, int Radius>
Row plainRate(const std::string &name, Problem<T> &p, dim3 block) {
  const StepGraph graph([&](int i, cudaStream_t s) {
    launchPlain<T, Radius>(p, p.work, i, block, s);
  });
  const int times = replays(p.l);
  p.fill(p.work);
  return rateOf(name, p, double(times) * 64, [&] { graph.launch(times); },
                "this is the reference");
}

struct Streams {
  Problem<float> &p;
  Rows &rows;
  std::string as = {}; ///< the row's name; empty: the variant's
  template <int R, int Warps, int Blocks> void measure(uint32_t chunks) const {
    const std::string name = "streaming " + sizeName(p.l) + " rows " +
                             std::to_string(R) + " warps " +
                             std::to_string(Warps) + " blocks " +
                             std::to_string(Blocks) + " chunks " +
                             std::to_string(chunks);
    rows.add(rowName(as, name), [&] {
      const uint32_t depth = (p.l.nz + chunks - 1) / chunks;
      const dim3 grid((p.l.nx + 127) / 128,
                      (p.l.ny + R * Warps - 1) / (R * Warps), chunks);
      const auto launch = [&](int i, cudaStream_t s) {
        streamingStep<R, Warps, Blocks><<<grid, Warps * 32, 0, s>>>(
            p.work[i & 1]->get(), p.work[1 - (i & 1)]->get(), p.l, p.c2, depth);
      };
      p.fill(p.work);
      for (int i = 0; i < CheckedSteps; ++i)
        launch(i, nullptr);
      RK_CUDA(cudaGetLastError());
      p.compare(0, 1, CheckedSteps);
      const StepGraph graph(launch);
      const int times = replays(p.l);
      return rateOf(rowName(as, name), p, double(times) * 64,
                    [&] { graph.launch(times); }, checkedText(as, name));
    });
  }
};

/// A resident run of `steps` steps from `work[0]`, `work[1]` into `work[2..3]`.
struct Residents {
  Problem<float> &p;
  Rows &rows;
  std::string as = {};
  template <class B> void measure() const {
    const uint32_t by = p.l.ny / B::RowsY, bz = p.l.nz / B::RowsZ;
    const std::string name =
        "resident " + sizeName(p.l) + " brick " + std::to_string(B::Width) +
        "x" + std::to_string(B::RowsY) + "x" + std::to_string(B::RowsZ) +
        " column " + std::to_string(B::Column) + " receivers " +
        std::to_string(B::Receivers) + " vector " + std::to_string(B::Vector);
    rows.add(rowName(as, name), [&] {
      require(by * B::RowsY == p.l.ny && bz * B::RowsZ == p.l.nz &&
                  B::Width == p.l.nx,
              "the bricks do not cover the field");
      DeviceArray<uint4> mail(size_t(by) * bz * 2 * B::Packets);
      DeviceArray<uint32_t> fault(1);
      RK_CUDA(cudaFuncSetAttribute(residentRun<B>,
                                   cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   B::SharedBytes));
      const auto run = [&](uint32_t steps) {
        RK_CUDA(cudaMemsetAsync(mail.get(), 0,
                                size_t(by) * bz * 2 * B::Packets * 16));
        ResidentJob job = {p.work[0]->get(), p.work[1]->get(),
                           p.work[2]->get(), p.work[3]->get(),
                           mail.get(),       fault.get(),
                           p.l,              by,
                           bz,               steps,
                           p.c2};
        void *arguments[] = {&job};
        RK_CUDA(cudaLaunchCooperativeKernel((void *)residentRun<B>, by * bz,
                                            B::Threads, arguments,
                                            B::SharedBytes, nullptr));
      };
      p.fill(p.work);
      run(CheckedSteps);
      RK_CUDA(cudaDeviceSynchronize());
      require(fault.read()[0] == 0, "a wait was given up");
      p.compare(2, 3, CheckedSteps);
      constexpr uint32_t Steps = 10'000;
      const Row row = rateOf(rowName(as, name), p, Steps, [&] { run(Steps); },
                             checkedText(as, name));
      require(fault.read()[0] == 0, "a wait was given up");
      return row;
    });
  }
};

struct Temporals {
  Problem<float> &p;
  Rows &rows;
  std::string as = {};
  template <class T> void measure(uint32_t chunks) const {
    const std::string name =
        "temporal " + sizeName(p.l) + " steps " + std::to_string(T::Steps) +
        " warps " + std::to_string(T::Warps) + " rows " +
        std::to_string(T::Rows) + " chunks " + std::to_string(chunks);
    rows.add(rowName(as, name), [&] {
      RK_CUDA(cudaFuncSetAttribute(temporalPass<T>,
                                   cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   T::SharedBytes));
      const uint32_t depth = (p.l.nz + chunks - 1) / chunks;
      const dim3 grid((p.l.nx + T::ValidWidth - 1) / T::ValidWidth,
                      (p.l.ny + T::ValidHeight - 1) / T::ValidHeight, chunks);
      const auto launch = [&](int i, cudaStream_t s) {
        const int in = i & 1 ? 2 : 0, out = 2 - in;
        temporalPass<T><<<grid, T::Threads, T::SharedBytes, s>>>(
            {p.work[in]->get(), p.work[in + 1]->get(), p.work[out]->get(),
             p.work[out + 1]->get(), p.l, depth, p.c2});
      };
      p.fill(p.work);
      constexpr int Passes = CheckedSteps / T::Steps;
      for (int i = 0; i < Passes; ++i)
        launch(i, nullptr);
      RK_CUDA(cudaGetLastError());
      RK_CUDA(cudaDeviceSynchronize());
      p.compare(Passes & 1 ? 2 : 0, Passes & 1 ? 3 : 1, CheckedSteps);
      const StepGraph graph(launch);
      const int times = std::max(1, replays(p.l) / T::Steps);
      return rateOf(rowName(as, name), p, double(times) * 64 * T::Steps,
                    [&] { graph.launch(times); }, checkedText(as, name));
    });
  }
};

/// The answer after `CheckedSteps` steps, by the plain kernel.
template <class T, int Radius> void answer(Problem<T> &p) {
  p.fill(p.answer);
  for (int i = 0; i < CheckedSteps; ++i)
    launchPlain<T, Radius>(p, p.answer, i, dim3(32, 8, 1), nullptr);
  RK_CUDA(cudaGetLastError());
  RK_CUDA(cudaDeviceSynchronize());
}

} // namespace rkbench::stencil
