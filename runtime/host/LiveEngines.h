//===- LiveEngines.h - The systems of this process --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Knows every engine whose agents run, so that leaving the process ends them
/// and a forked child does not wait for threads that it does not have.
///
//===----------------------------------------------------------------------===//

#pragma once

namespace rk::runtime {

class Engine;

/// Threads   any.
void addLiveEngine(Engine &engine);
void removeLiveEngine(Engine &engine);
/// Notes that a kernel did not end: leaving the process must not wait for it.
void noteStuckDevice();

} // namespace rk::runtime
