//===- TestProgram.h - A program for tests of the host runtime --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Actors with the device library under them, linked into the test: so the
/// engine is tested, under the sanitizers too, without the compiler. What users
/// write goes through `rkc` and is tested in `test/conformance`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Engine.h"

#include "rk/system.h"

#include <cstdint>
#include <memory>

namespace rk::runtime {

/// Makes a typed system of an engine.
struct SystemAccess {
  static System make(std::shared_ptr<Engine> engine) {
    return System(std::move(engine));
  }
};

} // namespace rk::runtime

namespace rk::test {

struct Add {
  std::int64_t amount;
};
struct Get {};
struct Total {
  std::int64_t value;
};
/// More than fits in a packet.
struct Block {
  std::uint32_t words[1024];
};
/// Answered later, by `Release`.
struct Hold {};
struct Release {};
/// Keeps the worker busy for so long.
struct Spin {
  std::uint64_t nanoseconds;
};
/// Passed on for ever between `to` and the receiver.
struct Ball {
  std::uint64_t to;
};
/// A message that no actor handles.
struct Unhandled {
  std::int64_t nothing;
};

class Counter {
public:
  Counter() = default;
  explicit Counter(std::int64_t total) : total(total) {}
  void on(Add);
  Total on(Get);
  Block on(Block);
  void on(Hold, Context &);
  void on(Release, Context &);
  void on(Spin);
  void on(Ball, Context &);

  std::int64_t total = 0;
  std::uint64_t held = 0;
};

/// Claims a handler that the module does not have.
class Liar {
public:
  void on(Unhandled);
  std::int64_t nothing = 0;
};

/// Returns the module of these actors.
std::shared_ptr<const runtime::LoadedModule> testModule();
/// Starts it on the CPU back end.
Result<System> startTest(const SystemOptions &options);
/// Options for a small system of `workers` workers.
SystemOptions smallOptions(std::uint32_t workers = 2);

} // namespace rk::test
