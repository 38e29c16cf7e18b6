//===- Pool.h - A queue of free things --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes handles from a `rk::abi::Pool` and gives them back.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Agent.h"

namespace rk::device {

inline constexpr uint64_t NoHandle = ~uint64_t(0);

/// Whether a handle seems to be free.
inline bool hasFree(const abi::Pool &pool) {
  return int64_t(load<Order::Relaxed, Scope::Device>(
             reinterpret_cast<const uint64_t *>(&pool.available))) > 0;
}

/// Takes a handle of a pool that seems to have one, or returns `NoHandle` if
/// none is free.
///
/// Threads   any number of lanes and agents.
/// Ordering  `TakeForReuse`: what is done with the thing from here on comes
///           behind what the giver did with it. The taker writes it, and reads
///           nothing of what it was but past its L1 cache.
/// Errors    a fault and `NoHandle` if the giver does not finish in time.
/// Cost      two additions and a short wait at most.
inline uint64_t takeCounted(Desk &desk, abi::Pool &pool) {
  const Agent agent = agentOf(desk);
  auto *available = reinterpret_cast<uint64_t *>(&pool.available);
  if (int64_t(fetchAddTogether(available, ~uint64_t(0))) <= 0) {
    fetchAddTogether(available, uint64_t(1));
    return NoHandle;
  }
  const uint64_t ticket = fetchAddTogether(&pool.popped, uint64_t(1));
  const uint64_t lap = ticket >> pool.shift;
  uint64_t *cell = &pool.cells[ticket & pool.mask];
  // The handle counted for us may sit a few cells on, while the giver of our
  // cell is between its two steps; the lap tells our handle from one that an
  // earlier taker has not fetched yet.
  for (BoundedWait wait;;) {
    const uint64_t value = load<TakeForReuse, Scope::Device>(cell);
    const uint64_t handle = value & abi::PoolHandleMask;
    if (value == abi::poolCell(handle, lap, true)) {
      // Relaxed: the next giver wants to know of the cell alone.
      store<Order::Relaxed, Scope::Device>(cell,
                                           abi::poolCell(0, lap + 1, false));
      return handle;
    }
    if (!wait.again()) {
      reportFault(agent, abi::FaultSite::PoolCell, uint32_t(ticket));
      return NoHandle;
    }
  }
}

/// The same of any pool.
///
/// Cost      one load if it is empty.
RK_OUT_OF_LINE inline uint64_t take(Desk &desk, abi::Pool &pool) {
  return hasFree(pool) ? takeCounted(desk, pool) : NoHandle;
}

/// Gives a handle back.
///
/// Ordering  release: what this agent did with the thing is over for whoever
///           takes it next.
RK_OUT_OF_LINE inline void give(Desk &desk, abi::Pool &pool, uint64_t handle) {
  const Agent agent = agentOf(desk);
  const uint64_t ticket = fetchAddTogether(&pool.pushed, uint64_t(1));
  uint64_t *cell = &pool.cells[ticket & pool.mask];
  const uint64_t lap = ticket >> pool.shift;
  for (BoundedWait wait; load<Order::Relaxed, Scope::Device>(cell) !=
                         abi::poolCell(0, lap, false);) {
    if (!wait.again()) {
      reportFault(agent, abi::FaultSite::PoolCell, uint32_t(ticket));
      return;
    }
  }
  store<Order::Release, Scope::Device>(cell, abi::poolCell(handle, lap, true));
  fetchAddTogether(reinterpret_cast<uint64_t *>(&pool.available), uint64_t(1));
}

} // namespace rk::device
