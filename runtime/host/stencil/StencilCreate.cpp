//===- StencilCreate.cpp - Making a stencil ready to run ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include "Environment.h"
#include "RoundUp.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace rk::runtime {

using modfile::StencilArrayView;

namespace {

constexpr std::int64_t MostElements = std::int64_t(1) << 38;

Status invalid(std::string text) {
  return Status(StatusCode::InvalidArgument, std::move(text));
}

std::int64_t alignUp(std::int64_t value) {
  return std::int64_t(roundUp(std::uint64_t(value), abi::StencilRowElements));
}

const modfile::StencilView *findIn(const LoadedModule &module,
                                   std::uint64_t hash) {
  for (const modfile::StencilView &stencil : module.view.stencils)
    if (stencil.hash == hash)
      return &stencil;
  return nullptr;
}

bool meansNoGpu(StatusCode code) {
  return code == StatusCode::NoDevice || code == StatusCode::DriverTooOld ||
         code == StatusCode::NoImage;
}

constexpr const char *FaceNames[] = {"low x",  "high x", "low y",
                                     "high y", "low z",  "high z"};

/// What kernels know of a face: the rest is done between the steps.
Boundary launchedBoundary(const Face &face) {
  return face.boundary == Boundary::Absorbing ? Boundary::Fixed : face.boundary;
}

} // namespace

Status StencilEngine::checkOptions(GridPoint extent,
                                   const StencilOptions &options) {
  const std::int64_t sizes[] = {extent.x, extent.y, extent.z};
  constexpr char Axes[] = "xyz";
  std::int64_t cells = 1;
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    const bool used = axis < stencil_.dimensions;
    if (used ? sizes[axis] < 1 : sizes[axis] != 0 && sizes[axis] != 1)
      return invalid("the grid has " + std::to_string(sizes[axis]) +
                     " cells along " + Axes[axis] + ", and stencil '" +
                     std::string(stencil_.name) + "' has " +
                     std::to_string(stencil_.dimensions) +
                     " dimensions: give at least 1 for each, and 0 or 1 for "
                     "the others");
    if (used && sizes[axis] > MostElements / cells)
      return invalid("the grid has more than 2^38 cells");
    cells *= used ? sizes[axis] : 1;
    const Boundary low = options.faces[2 * axis].boundary;
    const Boundary high = options.faces[2 * axis + 1].boundary;
    if ((low == Boundary::Periodic) != (high == Boundary::Periodic))
      return invalid(std::string("only one of the faces ") +
                     FaceNames[2 * axis] + " and " + FaceNames[2 * axis + 1] +
                     " is periodic; an axis is so at both");
  }
  return checkFaces(options);
}

Result<PlanOrder> StencilEngine::orderOf(const std::string &asked) {
  PlanRequest request;
  request.asked = asked;
  std::copy_n(launch_.extent, 3, request.extent.begin());
  for (std::uint32_t face = 0; face < abi::StencilFaceCount; ++face)
    request.faces.boundary[face] = launchedBoundary(faces_[face]);
  request.faces.absorbs = absorbs();
  if (checksFinite_)
    request.looksAtSteps = "StencilOptions::checksFinite is on";
  plans_ = backend_->plans(request.extent, request.faces);
  return orderPlans(stencil_, plans_, request, backend_->figures());
}

void StencilEngine::setExtent(GridPoint extent) {
  const std::int64_t sizes[] = {extent.x, extent.y, extent.z};
  for (std::uint32_t axis = 0; axis < 3; ++axis)
    launch_.extent[axis] = axis < stencil_.dimensions ? sizes[axis] : 1;
}

/// The arrays have one geometry, with the widest halo that any of them needs.
/// A launch of several steps needs what all of them read together.
void StencilEngine::layOut() {
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    width_[axis] = 0;
    for (const StencilArrayView &array : stencil_.arrays)
      width_[axis] = std::max(width_[axis], std::int64_t(array.halo[axis]));
    width_[axis] *= std::int64_t(plan_->steps);
  }
  const std::int64_t left = alignUp(width_[0]);
  launch_.pitch = left + alignUp(launch_.extent[0] + width_[0]);
  launch_.plane = launch_.pitch * (launch_.extent[1] + 2 * width_[1]);
  launch_.origin = left + width_[1] * launch_.pitch + width_[2] * launch_.plane;
  elements_ = launch_.plane * (launch_.extent[2] + 2 * width_[2]);
  for (std::uint32_t face = 0; face < abi::StencilFaceCount; ++face)
    launch_.boundary[face] = std::uint32_t(launchedBoundary(faces_[face]));
}

Status StencilEngine::allocate() {
  if (Status status = loadFunctions(); !status.isOk())
    return status;
  memory_.assign(stencil_.arrays.size(), {});
  for (const StencilArrayView &array : stencil_.arrays) {
    std::uint32_t count = array.entries;
    for (const modfile::StencilPlanView *plan : {plan_, single_})
      count = std::max(
          count, modfile::entriesOf(turningOf(*plan), plan->steps, array));
    for (std::uint32_t place = 0; place < count; ++place) {
      auto made = backend_->allocate(arrayBytes(array));
      if (!made.isOk())
        return made.status();
      Memory &memory = memoryOf(array);
      (place < array.levels ? memory.levels : memory.spare).push_back(*made);
      if (Status status = fillHalos(array, *made, true); !status.isOk())
        return status;
    }
  }
  if (Status status = uploadFactors(); !status.isOk())
    return status;
  if (leavesFaces())
    if (Status status = fillLevels(abi::MaxStencilLevels - 1); !status.isOk())
      return status;
  return backend_->wait();
}

Status StencilEngine::loadPlans() {
  auto number = backend_->load(*plan_);
  if (!number.isOk())
    return number.status();
  planNumber_ = singleNumber_ = *number;
  if (Status status = backend_->prepare(planNumber_, launch_); !status.isOk())
    return status;
  if (single_ == plan_)
    return {};
  auto single = backend_->load(*single_);
  if (single.isOk())
    singleNumber_ = *single;
  return single.status();
}

/// Makes everything for a plan, and one for single steps.
Status StencilEngine::tryPlan(const PlanCandidate &candidate,
                              const PlanCandidate &single) {
  plan_ = candidate.plan;
  planDepth_ = candidate.depth;
  leastSteps_ = candidate.leastSteps;
  const bool makesSingles =
      plan_->steps == 1 && modfile::stencilPlanKind(plan_->name) !=
                               modfile::StencilPlanKind::Resident;
  single_ = makesSingles ? plan_ : single.plan;
  singleDepth_ = makesSingles ? planDepth_ : single.depth;
  layOut();
  Status status = loadPlans();
  return status.isOk() ? allocate() : status;
}

/// Whether another plan may do where one failed so.
static bool meansAnother(StatusCode code) {
  return code == StatusCode::OutOfMemory ||
         code == StatusCode::InvalidArgument || code == StatusCode::DeviceError;
}

Status StencilEngine::open(std::unique_ptr<StencilBackend> backend,
                           const StencilOptions &options) {
  if (Status status = backend->open(module_->view, stencil_); !status.isOk())
    return status;
  backend_ = std::move(backend);
  device_ = backend_->device();
  auto order = orderOf(options.plan);
  if (!order.isOk())
    return order.status();
  choice_ = std::move(order->choice);
  choice_.device = device_;
  Status status;
  for (const PlanCandidate &candidate : order->candidates) {
    status = tryPlan(candidate, order->single);
    if (status.isOk() || choice_.isForced || !meansAnother(status.code()))
      break;
    choice_.fallbacks.push_back("'" + std::string(candidate.plan->name) +
                                "', " + status.detail());
    backend_->reset();
    factors_.reset();
    spare_.clear();
  }
  if (!status.isOk())
    return status;
  choice_.plan = plan_->name;
  choice_.singleSteps = single_->name;
  choice_.leastSteps = leastSteps_;
  return {};
}

Status StencilEngine::openBest(const StencilOptions &options) {
  SystemOptions asked;
  asked.backend = options.backend;
  asked.device = options.device;
  Result<Choice> choice =
      chooseBackend(asked, [](const char *name) { return std::getenv(name); });
  if (!choice.isOk())
    return choice.status();
  if (choice->backend != BackendKind::Cpu) {
    auto gpu = makeCudaStencil(choice->device, options.patience);
    Status status = gpu.isOk() ? open(std::move(*gpu), options) : gpu.status();
    if (status.isOk() || choice->backend == BackendKind::Cuda ||
        !meansNoGpu(status.code()))
      return status;
  }
  return open(makeCpuStencil(options.threads), options);
}

/// Prints the choice if the environment asks for it.
Status StencilEngine::remark() const {
  auto wanted =
      asksForRemarks([](const char *name) { return std::getenv(name); });
  if (wanted.isOk() && *wanted)
    std::fputs(choice_.text().c_str(), stderr);
  return wanted.status();
}

Result<std::unique_ptr<StencilEngine>>
StencilEngine::createOn(std::unique_ptr<StencilBackend> backend,
                        std::shared_ptr<const LoadedModule> module,
                        const modfile::StencilView &stencil,
                        const void *parameters, GridPoint extent,
                        const StencilOptions &options) {
  std::unique_ptr<StencilEngine> engine(
      new StencilEngine(std::move(module), stencil));
  engine->faces_ = options.faces;
  engine->checksFinite_ = options.checksFinite;
  std::copy_n(static_cast<const unsigned char *>(parameters), stencil.size,
              engine->launch_.parameters);
  Status status = engine->checkOptions(extent, options);
  if (status.isOk()) {
    engine->setExtent(extent);
    status = backend ? engine->open(std::move(backend), options)
                     : engine->openBest(options);
  }
  if (status.isOk())
    status = engine->remark();
  if (!status.isOk())
    return status;
  return engine;
}

Result<std::unique_ptr<StencilEngine>>
StencilEngine::create(const detail::TypeKey &key, const void *parameters,
                      GridPoint extent, const StencilOptions &options) {
  std::vector<Module> modules = options.module
                                    ? std::vector<Module>{*options.module}
                                    : Module::registered();
  for (const Module &module : modules) {
    const modfile::StencilView *stencil = findIn(module.loaded(), key.hash);
    if (!stencil)
      continue;
    if (stencil->size != key.size || stencil->align != key.align)
      return Status(StatusCode::LayoutMismatch,
                    "stencil '" + std::string(stencil->name) + "' has " +
                        std::to_string(key.size) +
                        " bytes in this program, and " +
                        std::to_string(stencil->size) + " in its module");
    auto keeper = std::make_shared<Module>(module);
    return createOn(
        nullptr, std::shared_ptr<const LoadedModule>(keeper, &keeper->loaded()),
        *stencil, parameters, extent, options);
  }
  const std::vector<Status> errors = Module::registrationErrors();
  if (!errors.empty() && !options.module)
    return errors.front();
  return Status(StatusCode::NotFound,
                std::string("no module has the stencil ") + key.name +
                    "; link an object that rkc -c made of its source, or load "
                    "a file and set StencilOptions::module");
}

} // namespace rk::runtime
