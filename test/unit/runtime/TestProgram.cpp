//===- TestProgram.cpp - Handlers of the test program ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "cpu/CpuBackend.h"

#include "rk/modfile/Module.h"

#include <time.h>

extern "C" {
void rk_agent_run(const rk::abi::Launch *launch, std::uint32_t agent,
                  const rk::abi::Stepping *stepping);
std::uint32_t rk_send(void *context, std::uint64_t address,
                      std::uint32_t message, const void *bytes,
                      std::uint32_t size, std::uint32_t wantsReply);
std::uint32_t rk_reply(void *context, std::uint64_t token,
                       std::uint32_t message, const void *bytes,
                       std::uint32_t size);
std::uint64_t rk_self(void *context);
std::uint64_t rk_sender(void *context);
}

namespace rk::test {

namespace {

enum Message : std::uint32_t {
  AddIndex,
  GetIndex,
  TotalIndex,
  BlockIndex,
  HoldIndex,
  ReleaseIndex,
  SpinIndex,
  BallIndex,
  UnhandledIndex,
};

template <class T>
modfile::MessageType messageType(const char *name, std::uint32_t index) {
  return {name, detail::typeKey<T>().hash, sizeof(T), alignof(T), index};
}

template <class T>
modfile::ActorType actorType(const char *name, std::uint32_t index) {
  return {name,       detail::typeKey<T>().hash,
          sizeof(T),  alignof(T),
          index,      "t.h",
          10 + index, {}};
}

modfile::Module describe() {
  modfile::Module module;
  module.name = "test";
  module.producer = "test";
  module.messages = {
      messageType<Add>("Add", AddIndex),
      messageType<Get>("Get", GetIndex),
      messageType<Total>("Total", TotalIndex),
      messageType<Block>("Block", BlockIndex),
      messageType<Hold>("Hold", HoldIndex),
      messageType<Release>("Release", ReleaseIndex),
      messageType<Spin>("Spin", SpinIndex),
      messageType<Ball>("Ball", BallIndex),
      messageType<Unhandled>("Unhandled", UnhandledIndex),
  };
  module.actors = {actorType<Counter>("Counter", 0),
                   actorType<Liar>("Liar", 1)};
  for (std::uint32_t message = 0; message < UnhandledIndex; ++message)
    if (message != TotalIndex)
      module.handlers.push_back(
          {0, message, abi::NoMessage, 1, "test.cpp", 100 + message, 1});
  return module;
}

void spin(std::uint64_t nanoseconds) {
  const auto now = [] {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::uint64_t(time.tv_sec) * 1000000000 +
           std::uint64_t(time.tv_nsec);
  };
  const std::uint64_t end = now() + nanoseconds;
  while (now() < end)
    ;
}

} // namespace

std::shared_ptr<const runtime::LoadedModule> testModule() {
  static const modfile::Module module = describe();
  auto loaded = std::make_shared<runtime::LoadedModule>();
  loaded->origin = "test";
  loaded->view = modfile::viewOf(module);
  loaded->buildIndex();
  return loaded;
}

SystemOptions smallOptions(std::uint32_t workers) {
  SystemOptions options;
  options.workers = workers;
  options.maxActors = 4096;
  options.stateBytes = 1 << 20;
  options.messageBytes = 16 << 20;
  options.payloadBlocks = 256;
  options.lanes = 4;
  return options;
}

Result<System> startTest(const SystemOptions &options) {
  auto engine = runtime::Engine::start(
      options, testModule(),
      std::make_unique<runtime::CpuBackend>(rk_agent_run), "test");
  if (!engine.isOk())
    return engine.status();
  return runtime::SystemAccess::make(std::move(*engine));
}

} // namespace rk::test

using namespace rk::test;

extern "C" {

std::uint32_t rk_dispatch(std::uint32_t key, void *state, const void *message,
                          void *reply, void *context) {
  auto &counter = *static_cast<Counter *>(state);
  switch (key) {
  case AddIndex:
    counter.total += static_cast<const Add *>(message)->amount;
    return 1;
  case GetIndex:
    new (reply) Total{counter.total};
    return 2 + TotalIndex;
  case BlockIndex: {
    // A message too large for a packet lies where the pointer there says.
    auto *answer =
        new (reply) Block(**static_cast<const Block *const *>(message));
    for (std::uint32_t &word : answer->words)
      word = ~word;
    return 2 + BlockIndex;
  }
  case HoldIndex:
    counter.held = rk_sender(context);
    return 1;
  case ReleaseIndex: {
    const Total answer{counter.total};
    rk_reply(context, counter.held, TotalIndex, &answer, sizeof(answer));
    return 1;
  }
  case SpinIndex:
    spin(static_cast<const Spin *>(message)->nanoseconds);
    return 1;
  case BallIndex: {
    const Ball ball{rk_self(context)};
    rk_send(context, static_cast<const Ball *>(message)->to, BallIndex, &ball,
            sizeof(ball), 0);
    counter.total += 1;
    return 1;
  }
  default:
    return 0;
  }
}

std::uint32_t rk_handler_lanes(std::uint32_t key) {
  return key < UnhandledIndex && key != TotalIndex ? 1 : 0;
}

std::uint32_t rk_reply_bytes() { return sizeof(Block); }

std::uint32_t rk_uses_warps() { return 0; }
std::uint32_t rk_uses_bulk() { return 0; }
std::uint32_t rk_carries_bulk(std::uint32_t) { return 0; }
std::uint32_t rk_has_residents() { return 0; }

std::uint32_t rk_dispatch_resident(std::uint32_t, void *, const void *, void *,
                                   void *) {
  return 0;
}
std::uint32_t rk_dispatch_resident_warp(std::uint32_t, void *, const void *,
                                        void *, void *) {
  return 0;
}
std::uint32_t rk_dispatch_team(std::uint32_t, void *, const void *, void *,
                               void *) {
  return 0;
}

} // extern "C"
