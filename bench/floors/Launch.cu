//===- Launch.cu - Starting and stopping kernels ---------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The driver's way to get work done, which a persistent kernel replaces; and
/// how quickly a kernel that fills the device can be started and stopped.
///
//===----------------------------------------------------------------------===//

#include "Access.cuh"
#include "Floors.cuh"

#include <atomic>

namespace rkbench {
namespace {

__global__ void increment(uint32_t *counter) { *counter += 1; }

struct Graph {
  Graph(cudaStream_t stream, uint32_t nodes, uint32_t *counter) {
    cudaGraph_t graph;
    RK_CUDA(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    for (uint32_t i = 0; i < nodes; ++i)
      increment<<<1, 1, 0, stream>>>(counter);
    RK_CUDA(cudaStreamEndCapture(stream, &graph));
    RK_CUDA(cudaGraphInstantiate(&executable, graph, 0));
    RK_CUDA(cudaGraphDestroy(graph));
  }
  ~Graph() { cudaGraphExecDestroy(executable); }
  cudaGraphExec_t executable;
};

/// Times `work`, which adds `each` to the counter and synchronises.
template <class Work>
void measureCalls(const char *name, uint32_t runs, uint32_t each, Work work) {
  DeviceArray<uint32_t> counter(1);
  for (uint32_t i = 0; i < 50; ++i)
    work(counter.get());
  counter.clear();
  std::vector<double> samples;
  for (uint32_t i = 0; i < runs; ++i) {
    const Clock::time_point begin = Clock::now();
    work(counter.get());
    samples.push_back(nanosecondsSince(begin) / each);
  }
  require(counter.read()[0] == runs * each, "a launch did not run");
  print(summarize(name, "ns", samples, Better::Lower, "every launch counted"));
}

void measureGraphs(cudaStream_t stream) {
  DeviceArray<uint32_t> counter(1);
  struct Case {
    const char *name;
    uint32_t nodes, runs;
  };
  for (const auto &[name, nodes, runs] :
       {Case{"graph-of-1-sync", 1, 2000},
        Case{"graph-of-1000-per-node", 1000, 50}}) {
    Graph graph(stream, nodes, counter.get());
    counter.clear();
    std::vector<double> samples;
    for (uint32_t i = 0; i < runs; ++i) {
      const Clock::time_point begin = Clock::now();
      RK_CUDA(cudaGraphLaunch(graph.executable, stream));
      RK_CUDA(cudaStreamSynchronize(stream));
      samples.push_back(nanosecondsSince(begin) / nodes);
    }
    require(counter.read()[0] == runs * nodes, "a graph node did not run");
    print(
        summarize(name, "ns", samples, Better::Lower, "every launch counted"));
  }
}

/// Every warp waits for a word in device memory; thread 0 alone looks at the
/// host and passes its word on.
__global__ void waitForStop(const uint64_t *request, uint64_t *running,
                            uint32_t *begun, uint32_t *stop) {
  const bool leader = blockIdx.x == 0 && threadIdx.x == 0;
  __syncthreads();
  if (threadIdx.x == 0) {
    const uint32_t order = atomicAdd(begun, 1) + 1;
    if (order == gridDim.x)
      storeReleaseSystem(running, 1);
  }
  if (threadIdx.x % 32 != 0)
    return;
  for (uint32_t polls = 0; polls < PollBound; ++polls) {
    if (leader && loadRelaxedSystem(request) != 0)
      storeRelaxedDevice(stop, 1);
    if (loadRelaxedDevice(stop) != 0)
      return;
    if (!leader)
      __nanosleep(200);
  }
}

void measurePersistent(cudaStream_t stream) {
  HostArray<uint64_t> words(1024);
  DeviceArray<uint32_t> device(256);
  std::atomic_ref<uint64_t> request(words.get()[0]);
  std::atomic_ref<uint64_t> running(words.get()[512]);
  std::vector<double> starts, stops;
  for (int run = 0; run < 101; ++run) {
    device.clear();
    request.store(0);
    running.store(0);
    Clock::time_point begin = Clock::now();
    waitForStop<<<multiprocessors(), 256, 0, stream>>>(
        words.get(), words.get() + 512, device.get(), device.get() + 128);
    RK_CUDA(cudaGetLastError());
    while (running.load(std::memory_order_acquire) == 0)
      if (secondsSince(begin) > 10)
        throw std::runtime_error("the kernel did not start within 10 s");
    const double start = nanosecondsSince(begin);
    begin = Clock::now();
    request.store(1, std::memory_order_release);
    RK_CUDA(cudaStreamSynchronize(stream));
    if (run == 0)
      continue;
    starts.push_back(start);
    stops.push_back(nanosecondsSince(begin));
  }
  print(summarize("persistent-kernel-start", "ns", starts, Better::Lower,
                  "every block began"));
  print(summarize("persistent-kernel-stop", "ns", stops, Better::Lower,
                  "stream synchronised"));
}

} // namespace

void measureLaunch() {
  cudaStream_t stream;
  RK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  measureCalls("launch-sync", 2000, 1, [&](uint32_t *counter) {
    increment<<<1, 1, 0, stream>>>(counter);
    RK_CUDA(cudaStreamSynchronize(stream));
  });
  measureCalls("launch-back-to-back", 50, 500, [&](uint32_t *counter) {
    for (int i = 0; i < 500; ++i)
      increment<<<1, 1, 0, stream>>>(counter);
    RK_CUDA(cudaStreamSynchronize(stream));
  });
  measureGraphs(stream);
  measurePersistent(stream);
  RK_CUDA(cudaStreamDestroy(stream));
}

} // namespace rkbench
