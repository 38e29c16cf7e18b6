//===- Engine.cpp - Starting a system -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Engine.h"

#include "LiveEngines.h"
#include "Populate.h"

namespace rk::runtime {

namespace {

std::uint64_t nextNumber() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace

Engine::Engine(const SystemOptions &options,
               std::shared_ptr<const LoadedModule> module,
               std::unique_ptr<Backend> backend)
    : number_(nextNumber()), options_(options), module_(std::move(module)),
      backend_(std::move(backend)) {}

Engine::~Engine() {
  shutdown(std::chrono::milliseconds(100));
  release();
}

Result<std::shared_ptr<Engine>>
Engine::start(const SystemOptions &options,
              std::shared_ptr<const LoadedModule> module,
              std::unique_ptr<Backend> backend, std::string reason) {
  const auto begin = Clock::now();
  std::shared_ptr<Engine> engine(
      new Engine(options, std::move(module), std::move(backend)));
  Status status = engine->prepare();
  if (status.isOk())
    status = engine->launch();
  if (!status.isOk())
    return status;
  engine->describe(std::move(reason), Clock::now() - begin);
  return engine;
}

Clock::time_point Engine::after(std::chrono::nanoseconds timeout) const {
  // Far enough away to mean "for ever", near enough to add up.
  constexpr std::chrono::nanoseconds LongestWait = std::chrono::hours(24 * 365);
  return now() + std::min(timeout, LongestWait);
}

/// Opens the back end and makes its memory ready.
Status Engine::prepare() {
  if (Status status = backend_->open(module_->view); !status.isOk())
    return status;
  Result<AgentPlan> plan = backend_->plan(options_);
  if (!plan.isOk())
    return plan.status();
  Result<std::uint64_t> available = backend_->availableBytes();
  if (!available.isOk())
    return available.status();
  Result<Layout> layout =
      makeLayout(options_, module_->view, *plan, *available);
  if (!layout.isOk())
    return layout.status();
  layout_ = std::move(*layout);
  Result<HostBlock> host = backend_->allocateHost(layout_.host.total);
  if (!host.isOk())
    return host.status();
  host_ = *host;
  Result<LaneBlock> lanes = backend_->allocateLanes(layout_.lanes.total);
  if (!lanes.isOk())
    return lanes.status();
  lanes_ = *lanes;
  Result<DeviceAddress> device = backend_->allocateDevice(layout_.device.total);
  if (!device.isOk())
    return device.status();
  device_ = *device;
  yields_ = backend_->sharesProcessors();
  Result<StateBlock> states = backend_->reserveStates(
      layout_.sizes.stateBytes, layout_.sizes.firstStateBytes);
  if (!states.isOk())
    return states.status();
  if (Status status = populate(*backend_, layout_, module_->view, device_,
                               host_, lanes_, states->device);
      !status.isOk())
    return status;
  return states_.begin(*backend_, device_ + layout_.device.arena,
                       states->mapped, layout_.sizes.stateBytes);
}

/// Starts the agents and the service thread.
Status Engine::launch() {
  link_.emplace(layout_, host_.host, lanes_);
  std::vector<bool> isBulk;
  for (const auto &message : module_->view.messages)
    isBulk.push_back(message.isBulk);
  link_->replies().setBulkMessages(std::move(isBulk));
  watchdog_.emplace(*module_, watchedAgents(), options_.stallThreshold);
  samples_.resize(watchedAgents());
  // From here on the destructor ends what has begun.
  agentsRun_ = true;
  if (Status status = backend_->start(device_ + layout_.device.launch);
      !status.isOk())
    return status;
  stepped_ = backend_->steppedAgents();
  if (stepped_)
    schedule_.emplace(options_.scheduler, *stepped_);
  if (Status status = awaitRunning(options_.startTimeout); !status.isOk())
    return status;
  if (!stepped_)
    service_ = std::make_unique<std::thread>([this] { serve(); });
  addLiveEngine(*this);
  return {};
}

Status Engine::awaitRunning(std::chrono::nanoseconds timeout) {
  const auto limit = Clock::now() + timeout;
  // Acquire: what the agents did before they said so is over.
  while (__atomic_load_n(&control().phase, __ATOMIC_ACQUIRE) !=
         std::uint32_t(abi::Phase::Running)) {
    if (Status status = backend_->health(); !status.isOk())
      return status;
    if (backend_->waitEnded(std::chrono::microseconds(20)))
      return Status(StatusCode::DeviceError,
                    "the agents ended before they had begun");
    if (Clock::now() > limit)
      return Status(StatusCode::DeviceError,
                    "not every agent began within " +
                        std::to_string(timeout.count() / 1000000) +
                        " ms; another program may hold the device");
  }
  return {};
}

void Engine::describe(std::string reason, std::chrono::nanoseconds startTime) {
  description_.reason = std::move(reason);
  description_.module = std::string(module_->view.name);
  description_.workers = layout_.sizes.workers;
  description_.lanes = layout_.sizes.lanes;
  description_.maxActors = layout_.sizes.maxActors;
  description_.shards = layout_.sizes.shards;
  description_.deviceBytes = fixedDeviceBytes() + states_.mapped();
  description_.hostBytes =
      layout_.host.total + (lanes_.onDevice ? 0 : layout_.lanes.total);
  description_.startTime = startTime;
  backend_->describe(description_);
}

void Engine::release() {
  removeLiveEngine(*this);
  const std::lock_guard lock(endMutex_);
  if (released_)
    return;
  released_ = true;
  if (forked_.load()) {
    // The parent's; also its mutexes may be held by threads we do not have.
    (void)backend_.release();
    return;
  }
  if (link_)
    link_->detach();
  states_.end();
  if (backend_)
    backend_->close(agentsRun_);
}

void Engine::abandonAfterFork() {
  forked_.store(true);
  if (link_)
    link_->closeLanes();
  (void)service_.release();
}

} // namespace rk::runtime
