//===- Kept.h - The newest of what found an inbox full ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps, for actors whose type drops its oldest, the newest message of those
/// that found their worker's inbox full. The receiver puts them into the inbox
/// as it opens it again, before anybody else can (`reopenInbox`).
///
/// A lock, where nothing else in the library has one: two words, a receiver's
/// place and its message, change together. Only those come here who have found
/// an inbox of such an actor full, and its receiver once for each time that it
/// opens the inbox again.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Record.h"

namespace rk::device {

/// Places that are looked at for one receiver.
inline constexpr uint32_t KeptProbes = 32;

/// Takes the lock of one inbox's kept messages.
///
/// Ordering  acquire: what the holder before has written is there.
/// Errors    a fault if it is not free within the bound; the run then ends.
inline void lockKept(Desk &desk, abi::KeptMessages &kept) {
  // (The release side of it is not needed.)
  for (BoundedWait wait; compareExchange<Order::AcquireRelease, Scope::Device>(
                             &kept.lock, uint64_t(0), uint64_t(1)) != 0;)
    if (!wait.again()) {
      reportFault(desk, abi::FaultSite::KeptLock, 0);
      return;
    }
}
/// Gives it back.
///
/// Ordering  release, for the next holder.
inline void unlockKept(abi::KeptMessages &kept) {
  store<Order::Release, Scope::Device>(&kept.lock, uint64_t(0));
}

/// Holds the lock of one inbox's kept messages, if it keeps any.
class KeptLock {
public:
  KeptLock(Desk &desk, abi::KeptMessages *kept) : kept(kept) {
    if (kept)
      lockKept(desk, *kept);
  }
  ~KeptLock() {
    if (kept)
      unlockKept(*kept);
  }
  KeptLock(const KeptLock &) = delete;
  KeptLock &operator=(const KeptLock &) = delete;

private:
  abi::KeptMessages *const kept;
};

/// Returns the place of `receiver`, an address with its device left out, or a
/// free one for it; `KeptPackets` if there is none.
inline uint32_t keptPlace(const abi::KeptMessages &kept, uint64_t receiver) {
  const auto first = uint32_t(receiver * 0x9E3779B97F4A7C15u >> 32);
  for (uint32_t i = 0; i < KeptProbes; ++i) {
    const uint32_t place = (first + i) % abi::KeptPackets;
    if (kept.receivers[place] == receiver || kept.receivers[place] == 0)
      return place;
  }
  return abi::KeptPackets;
}

} // namespace rk::device
