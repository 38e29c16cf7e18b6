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

} // namespace rk::runtime
