//===- Baselines.cu - What is done today without actors --------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The jobs of pooled actors and of a hop, done as CUDA programs do them today:
/// generations of messages, each one launch in a graph or one turn between two
/// grid barriers; and a launch for each hop.
///
/// Wherever there is a choice, it is made in the baseline's favour. A message
/// is replaced in its place by the one that its handler sends, since each sends
/// exactly one; senders of any other number would need places to be handed out.
/// The handler adds to its actor's state by one atomic addition, so that
/// messages of one actor need not be kept apart; a handler that does more than
/// that needs the sorted variant, which brings the messages of each actor
/// together and runs them one after the other. All messages of a generation
/// wait for the slowest of them.
///
//===----------------------------------------------------------------------===//

#include "Floors.cuh"

#include <cooperative_groups.h>

#include <functional>
#include <memory>
#include <numeric>

#if __has_include(<cub/device/device_radix_sort.cuh>)
#include <cub/device/device_radix_sort.cuh>
#define RK_HAS_SORT 1
#else
#define RK_HAS_SORT 0
#endif

namespace rkbench {
namespace {

constexpr uint32_t ActorBits = 20, Actors = 1u << ActorBits;
/// Generations of one graph or one cooperative kernel: even, so that the next
/// begins with the array of messages that the first began with.
constexpr uint32_t Generations = 64;
/// Each message is four pieces of 16 bytes. The first holds the receiver, a
/// random number and the amount; the last word of all counts the hops.
constexpr uint32_t PiecesPerMessage = 4;

__host__ __device__ uint32_t nextRandom(uint32_t random) {
  return random * 1664525u + 1013904223u;
}
__host__ __device__ uint32_t actorOf(uint32_t random) {
  return uint32_t((uint64_t(random >> 4) * Actors) >> 28);
}

/// What the handler sends on, piece by piece.
__device__ uint4 sentOn(uint4 piece, uint32_t index) {
  if (index == 0) {
    piece.y = nextRandom(piece.y);
    piece.x = actorOf(piece.y);
  }
  ++piece.w;
  return piece;
}

__global__ void writeMessages(uint4 *messages, uint32_t count) {
  const uint32_t at = blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= count * PiecesPerMessage)
    return;
  const uint32_t random = nextRandom(at * 2654435761u + 12345);
  messages[at] = make_uint4(actorOf(random), random, 1, 0);
}

/// Four lanes handle one message.
__device__ void handleAll(const uint4 *in, uint4 *out,
                          unsigned long long *states, uint32_t count) {
  const uint32_t step = gridDim.x * blockDim.x;
  for (uint32_t at = blockIdx.x * blockDim.x + threadIdx.x;
       at < count * PiecesPerMessage; at += step) {
    const uint4 piece = in[at];
    if (at % PiecesPerMessage == 0)
      atomicAdd(states + piece.x, (unsigned long long)piece.z);
    out[at] = sentOn(piece, at % PiecesPerMessage);
  }
}

__global__ void handleGeneration(const uint4 *in, uint4 *out,
                                 unsigned long long *states, uint32_t count) {
  handleAll(in, out, states, count);
}

__global__ void __launch_bounds__(1024)
    handleGenerations(uint4 *first, uint4 *second, unsigned long long *states,
                      uint32_t count) {
  cooperative_groups::grid_group grid = cooperative_groups::this_grid();
  for (uint32_t generation = 0; generation < Generations; generation += 2) {
    handleAll(first, second, states, count);
    grid.sync();
    handleAll(second, first, states, count);
    grid.sync();
  }
}

/// Messages in two arrays that take turns, the actors' states, and the check.
class Exchange {
public:
  explicit Exchange(uint32_t count)
      : count_(count), first_(size_t(count) * PiecesPerMessage),
        second_(size_t(count) * PiecesPerMessage), states_(Actors) {
    writeMessages<<<blocksOf(256), 256>>>(first_.get(), count);
    RK_CUDA(cudaGetLastError());
    RK_CUDA(cudaDeviceSynchronize());
  }
  uint32_t count() const { return count_; }
  /// Returns the blocks that have a thread for each piece.
  uint32_t blocksOf(uint32_t threads) const {
    return (count_ * PiecesPerMessage + threads - 1) / threads;
  }
  uint4 *messages(uint32_t generation) const {
    return generation % 2 == 0 ? first_.get() : second_.get();
  }
  unsigned long long *states() const { return states_.get(); }

  /// Requires that every message was handled in each of the generations.
  void requireHandled(uint64_t generations) const {
    const std::vector<unsigned long long> sums = states_.read();
    const uint64_t sum = std::accumulate(sums.begin(), sums.end(), uint64_t(0));
    require(sum == generations * count_ && sum != 0,
            "the sum of all states differs");
    for (const uint4 &piece : first_.read())
      require(piece.w == uint32_t(generations), "a message missed a hop");
  }

private:
  uint32_t count_;
  DeviceArray<uint4> first_, second_;
  DeviceArray<unsigned long long> states_;
};

/// A captured graph, launched on a stream of its own.
class Graph {
public:
  explicit Graph(const std::function<void(cudaStream_t)> &record) {
    cudaGraph_t graph;
    RK_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    RK_CUDA(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
    record(stream_);
    RK_CUDA(cudaGetLastError());
    RK_CUDA(cudaStreamEndCapture(stream_, &graph));
    RK_CUDA(cudaGraphInstantiate(&executable_, graph, 0));
    RK_CUDA(cudaGraphDestroy(graph));
  }
  ~Graph() {
    cudaGraphExecDestroy(executable_);
    cudaStreamDestroy(stream_);
  }
  Graph(const Graph &) = delete;
  Graph &operator=(const Graph &) = delete;
  void launch() const { RK_CUDA(cudaGraphLaunch(executable_, stream_)); }
  void wait() const { RK_CUDA(cudaStreamSynchronize(stream_)); }

private:
  cudaStream_t stream_;
  cudaGraphExec_t executable_;
};

/// One way to do `Generations` generations; `text` says how.
struct Way {
  std::string text;
  std::function<void()> start, wait;
};

double nanosecondsOf(const Way &way, uint32_t starts) {
  const Clock::time_point begin = Clock::now();
  for (uint32_t i = 0; i < starts; ++i)
    way.start();
  way.wait();
  return nanosecondsSince(begin);
}

/// Tries the ways, keeps the best, and repeats it.
void measureWays(const std::string &name, const Exchange &exchange,
                 const std::vector<Way> &ways) {
  constexpr double Enough = 40e6;
  uint64_t started = 0;
  const Way *best = nullptr;
  double bestTime = 0;
  for (const Way &way : ways) {
    nanosecondsOf(way, 1);
    const double time = nanosecondsOf(way, 4) / 4;
    started += 5;
    if (best == nullptr || time < bestTime) {
      best = &way;
      bestTime = time;
    }
  }
  const uint32_t starts = uint32_t(std::clamp(Enough / bestTime, 1.0, 1000.0));
  std::vector<double> rates;
  for (int run = 0; run < 7; ++run) {
    const double time = nanosecondsOf(*best, starts);
    started += starts;
    rates.push_back(double(exchange.count()) * Generations * starts / time *
                    1e3);
  }
  exchange.requireHandled(started * Generations);
  print(summarize(name, "M msg/s", rates, Better::Higher,
                  "sum of all states and hops of all messages, " +
                      std::to_string(exchange.count()) +
                      " messages in flight, " + best->text));
}

void measureGraph(const std::string &name, uint32_t count) {
  const Exchange exchange(count);
  std::vector<std::unique_ptr<Graph>> graphs;
  std::vector<Way> ways;
  for (uint32_t threads : {128u, 256u, 512u, 1024u}) {
    graphs.push_back(std::make_unique<Graph>([&](cudaStream_t stream) {
      for (uint32_t i = 0; i < Generations; ++i)
        handleGeneration<<<exchange.blocksOf(threads), threads, 0, stream>>>(
            exchange.messages(i), exchange.messages(i + 1), exchange.states(),
            count);
    }));
    const Graph &graph = *graphs.back();
    ways.push_back({std::to_string(threads) + " threads a block",
                    [&graph] { graph.launch(); }, [&graph] { graph.wait(); }});
  }
  measureWays(name, exchange, ways);
}

void startCooperative(const Exchange &exchange, uint32_t blocks,
                      uint32_t threads) {
  cudaLaunchConfig_t config = {};
  cudaLaunchAttribute attribute = {};
  attribute.id = cudaLaunchAttributeCooperative;
  attribute.val.cooperative = 1;
  config.gridDim = blocks;
  config.blockDim = threads;
  config.attrs = &attribute;
  config.numAttrs = 1;
  RK_CUDA(cudaLaunchKernelEx(&config, handleGenerations, exchange.messages(0),
                             exchange.messages(1), exchange.states(),
                             exchange.count()));
}

void measureCooperative(const std::string &name, uint32_t count) {
  const Exchange exchange(count);
  std::vector<Way> ways;
  for (uint32_t threads : {256u, 512u, 1024u}) {
    int resident = 0;
    RK_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &resident, handleGenerations, int(threads), 0));
    for (uint32_t each = 1; each <= uint32_t(resident); each *= 2) {
      const uint32_t blocks = multiprocessors() * each;
      ways.push_back(
          {std::to_string(blocks) + " blocks of " + std::to_string(threads),
           [&exchange, blocks, threads] {
             startCooperative(exchange, blocks, threads);
           },
           [] { RK_CUDA(cudaDeviceSynchronize()); }});
    }
  }
  measureWays(name, exchange, ways);
}

#if RK_HAS_SORT
/// The messages in the order of their receivers: `order` says which one is in
/// each place. Four lanes handle the messages of one actor, one after the
/// other; the state is read once and written once.
__global__ void handleSorted(const uint32_t *receivers, const uint32_t *order,
                             const uint4 *in, uint4 *out,
                             uint32_t *nextReceivers,
                             unsigned long long *states, uint32_t count) {
  const uint32_t thread = blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t first = thread / PiecesPerMessage;
  const uint32_t index = thread % PiecesPerMessage;
  if (first >= count)
    return;
  const uint32_t receiver = receivers[first];
  if (first != 0 && receivers[first - 1] == receiver)
    return;
  unsigned long long state = index == 0 ? states[receiver] : 0;
  for (uint32_t at = first; at < count && receivers[at] == receiver; ++at) {
    const uint4 piece = in[size_t(order[at]) * PiecesPerMessage + index];
    const uint4 sent = sentOn(piece, index);
    state += piece.z;
    out[size_t(at) * PiecesPerMessage + index] = sent;
    if (index == 0)
      nextReceivers[at] = sent.x;
  }
  if (index == 0)
    states[receiver] = state;
}

__global__ void readReceivers(const uint4 *messages, uint32_t *receivers,
                              uint32_t *places, uint32_t count) {
  const uint32_t at = blockIdx.x * blockDim.x + threadIdx.x;
  if (at >= count)
    return;
  receivers[at] = messages[size_t(at) * PiecesPerMessage].x;
  places[at] = at;
}

/// What the sort needs beside the messages.
class Sorter {
public:
  explicit Sorter(const Exchange &exchange)
      : exchange_(exchange), receivers_(exchange.count()),
        sorted_(exchange.count()), places_(exchange.count()),
        order_(exchange.count()), space_(bytes()) {
    readReceivers<<<exchange.blocksOf(256), 256>>>(
        exchange.messages(0), receivers_.get(), places_.get(),
        exchange.count());
    RK_CUDA(cudaGetLastError());
    RK_CUDA(cudaDeviceSynchronize());
  }
  void record(uint32_t generation, uint32_t threads, cudaStream_t stream) {
    size_t bytes = bytes_;
    sort(space_.get(), bytes, stream);
    handleSorted<<<exchange_.blocksOf(threads), threads, 0, stream>>>(
        sorted_.get(), order_.get(), exchange_.messages(generation),
        exchange_.messages(generation + 1), receivers_.get(),
        exchange_.states(), exchange_.count());
  }

private:
  void sort(void *space, size_t &bytes, cudaStream_t stream) const {
    RK_CUDA(cub::DeviceRadixSort::SortPairs(
        space, bytes, receivers_.get(), sorted_.get(), places_.get(),
        order_.get(), int(exchange_.count()), 0, int(ActorBits), stream));
  }
  /// Returns the size of the sort's own memory.
  size_t bytes() {
    sort(nullptr, bytes_, nullptr);
    return bytes_;
  }
  const Exchange &exchange_;
  DeviceArray<uint32_t> receivers_, sorted_, places_, order_;
  size_t bytes_ = 0;
  DeviceArray<unsigned char> space_;
};

void measureSorted(const std::string &name, uint32_t count) {
  const Exchange exchange(count);
  Sorter sorter(exchange);
  std::vector<std::unique_ptr<Graph>> graphs;
  std::vector<Way> ways;
  for (uint32_t threads : {128u, 256u, 512u}) {
    graphs.push_back(std::make_unique<Graph>([&](cudaStream_t stream) {
      for (uint32_t i = 0; i < Generations; ++i)
        sorter.record(i, threads, stream);
    }));
    const Graph &graph = *graphs.back();
    ways.push_back({std::to_string(threads) + " threads a block",
                    [&graph] { graph.launch(); }, [&graph] { graph.wait(); }});
  }
  measureWays(name, exchange, ways);
}
#else
void measureSorted(const std::string &name, uint32_t) {
  printFailure(name, "built without CUB");
}
#endif

/// One hop: an actor takes the message from its mailbox, adds to its state and
/// writes the next message to the other's mailbox.
__global__ void hop(const uint4 *mine, uint4 *other,
                    unsigned long long *state) {
  const uint32_t lane = threadIdx.x;
  if (lane >= PiecesPerMessage)
    return;
  uint4 piece = mine[lane];
  ++piece.w;
  other[lane] = piece;
  if (lane == 0)
    *state += piece.z + 1;
}

/// Two actors with a mailbox and a state each.
class Pair {
public:
  Pair() : mailboxes_(2 * Apart), states_(2 * Apart) {}
  void send(uint32_t number, cudaStream_t stream) const {
    const uint32_t from = number % 2, to = 1 - from;
    hop<<<1, 32, 0, stream>>>(mailboxes_.get() + from * Apart,
                              mailboxes_.get() + to * Apart,
                              states_.get() + from * Apart);
  }
  /// Requires that an even number of hops were made.
  void requireHops(uint64_t hops) const {
    const std::vector<uint4> messages = mailboxes_.read();
    const std::vector<unsigned long long> states = states_.read();
    for (uint32_t i = 0; i < PiecesPerMessage; ++i)
      require(messages[i].w == uint32_t(hops), "a hop is missing");
    require(states[0] == hops / 2 && states[Apart] == hops / 2,
            "an actor missed a message");
  }

private:
  /// Elements between what belongs to the two actors.
  static constexpr uint32_t Apart = 256;
  DeviceArray<uint4> mailboxes_;
  DeviceArray<unsigned long long> states_;
};

/// The host waits for each hop before it starts the next: it may decide what
/// comes next.
void measureHopByLaunch() {
  constexpr uint32_t WarmUp = 200, Hops = 5000;
  const Pair pair;
  cudaStream_t stream;
  RK_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  std::vector<double> samples;
  for (uint32_t i = 0; i < WarmUp + Hops; ++i) {
    const Clock::time_point begin = Clock::now();
    pair.send(i, stream);
    RK_CUDA(cudaStreamSynchronize(stream));
    if (i >= WarmUp)
      samples.push_back(nanosecondsSince(begin));
  }
  RK_CUDA(cudaGetLastError());
  RK_CUDA(cudaStreamDestroy(stream));
  pair.requireHops(WarmUp + Hops);
  print(summarize("baseline-hop-launch", "ns", samples, Better::Lower,
                  "every hop counted by both actors"));
}

/// The order of the hops is fixed before: nobody decides anything.
void measureHopByGraph() {
  constexpr uint32_t Nodes = 1000, WarmUp = 3, Runs = 50;
  const Pair pair;
  const Graph graph([&](cudaStream_t stream) {
    for (uint32_t i = 0; i < Nodes; ++i)
      pair.send(i, stream);
  });
  std::vector<double> samples;
  for (uint32_t i = 0; i < WarmUp + Runs; ++i) {
    const Clock::time_point begin = Clock::now();
    graph.launch();
    graph.wait();
    if (i >= WarmUp)
      samples.push_back(nanosecondsSince(begin) / Nodes);
  }
  pair.requireHops(uint64_t(WarmUp + Runs) * Nodes);
  print(summarize("baseline-hop-graph", "ns", samples, Better::Lower,
                  "every hop counted by both actors; means of " +
                      std::to_string(Nodes)));
}

} // namespace

void measureBaselines() {
  struct Case {
    uint32_t count;
    const char *suffix;
  };
  // As many in flight as in the floor `pooled-1M-actors`, and one for each
  // actor.
  for (const auto &[count, suffix] :
       {Case{multiprocessors() * 1024, ""}, Case{Actors, "-1M-in-flight"}}) {
    const std::string name = "baseline-pooled-1M-";
    measureGraph(name + "graph" + suffix, count);
    measureSorted(name + "graph-sorted" + suffix, count);
    measureCooperative(name + "cooperative" + suffix, count);
  }
  measureHopByLaunch();
  measureHopByGraph();
}

} // namespace rkbench
