//===- EngineCreate.cpp - Choosing module and back end --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Engine.h"

#include "Environment.h"

#include "rk/module.h"

#include <cstdlib>

namespace rk::runtime {

namespace {

/// Returns the module that the options name, or the only one there is.
Status chooseModule(const SystemOptions &options, std::vector<Module> &held) {
  if (options.module) {
    held = {*options.module};
    return {};
  }
  held = Module::registered();
  if (held.size() == 1)
    return {};
  if (held.empty()) {
    const std::vector<Status> errors = Module::registrationErrors();
    if (!errors.empty())
      return errors.front();
    return Status(StatusCode::NotFound,
                  "no module is linked into this program; link an object that "
                  "rkc -c made, or load a file and set SystemOptions::module");
  }
  std::string names;
  for (const Module &module : held)
    names += (names.empty() ? "'" : ", '") + std::string(module.name()) +
             "' (" + std::string(module.origin()) + ")";
  return Status(StatusCode::InvalidArgument,
                std::to_string(held.size()) +
                    " modules are linked into this program: " + names +
                    "; choose one with SystemOptions::module");
}

/// Whether the lack of a GPU is the reason.
bool meansNoGpu(StatusCode code) {
  return code == StatusCode::NoDevice || code == StatusCode::DriverTooOld ||
         code == StatusCode::NoImage;
}

Result<std::shared_ptr<Engine>>
startOnGpu(const SystemOptions &options, const Choice &choice,
           const std::shared_ptr<const LoadedModule> &module) {
  Result<std::unique_ptr<Backend>> gpu =
      makeCudaBackend(choice.device, choice.laneMemory);
  if (!gpu.isOk())
    return gpu.status();
  return Engine::start(options, module, std::move(*gpu), choice.reason);
}

} // namespace

Result<std::shared_ptr<Engine>> Engine::create(const SystemOptions &options) {
  if (Status status = checkOptions(options); !status.isOk())
    return status;
  Result<Choice> choice = chooseBackend(
      options, [](const char *name) { return std::getenv(name); });
  if (!choice.isOk())
    return choice.status();
  std::vector<Module> held;
  if (Status status = chooseModule(options, held); !status.isOk())
    return status;
  // The engine keeps the module for as long as it lives.
  auto keeper = std::make_shared<Module>(held.front());
  const std::shared_ptr<const LoadedModule> module(keeper, &keeper->loaded());

  std::string reason = choice->reason;
  Status noGpu;
  if (choice->backend != BackendKind::Cpu) {
    auto engine = startOnGpu(options, *choice, module);
    if (engine.isOk() || choice->backend == BackendKind::Cuda ||
        !meansNoGpu(engine.code()))
      return engine;
    noGpu = engine.status();
    reason = "no usable GPU: " + noGpu.message();
  }
  auto engine = start(options, module, makeCpuBackend(), reason);
  if (!engine.isOk() && engine.code() == StatusCode::NoImage && !noGpu.isOk())
    return Status(StatusCode::NoImage,
                  engine.status().detail() +
                      "; and the GPU was not used: " + noGpu.message());
  return engine;
}

} // namespace rk::runtime
