//===- LaneClaims.cpp - Which thread owns which lanes ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneClaims.h"

#include <optional>

#include <pthread.h>

namespace rk::runtime {

namespace {

/// What one thread has claimed.
class ThreadClaims {
public:
  ~ThreadClaims() {
    for (const Claim &claim : claims_)
      if (const auto claims = claim.claims.lock())
        claims->give(claim.group);
  }

  std::uint32_t groupOf(std::uint64_t link,
                        const std::shared_ptr<LaneClaims> &claims) {
    for (const Claim &claim : claims_)
      if (claim.link == link)
        return claim.group;
    // What was claimed in links that are gone.
    std::erase_if(claims_,
                  [](const Claim &claim) { return claim.claims.expired(); });
    claims_.push_back({link, claims->take(), claims});
    return claims_.back().group;
  }

private:
  struct Claim {
    std::uint64_t link;
    std::uint32_t group;
    std::weak_ptr<LaneClaims> claims;
  };
  std::vector<Claim> claims_;
};

/// The thread's claims; null before its first and after their end.
thread_local constinit ThreadClaims *mine = nullptr;
thread_local constinit bool haveEnded = false;

void endClaims(void *) {
  delete mine;
  mine = nullptr;
  haveEnded = true;
  lastLink = {};
}

/// The key whose destructor ends a thread's claims; none if the process has no
/// more keys.
///
/// Not a `thread_local` with a destructor: others are destroyed after it, and
/// may send. A key's destructor comes after all of those.
/// Source    pthread_key_create(3); glibc's start_thread calls
///           __call_tls_dtors, then __nptl_deallocate_tsd.
std::optional<pthread_key_t> endKey() {
  static const std::optional<pthread_key_t> key =
      []() -> std::optional<pthread_key_t> {
    pthread_key_t made{};
    if (pthread_key_create(&made, endClaims) != 0)
      return std::nullopt;
    return made;
  }();
  return key;
}

/// Makes the calling thread one whose claims end with it.
bool beginClaims() {
  const std::optional<pthread_key_t> key = endKey();
  auto made = std::make_unique<ThreadClaims>();
  if (!key || pthread_setspecific(*key, made.get()) != 0)
    return false;
  mine = made.release();
  return true;
}

} // namespace

std::uint32_t claimedGroup(std::uint64_t link,
                           const std::shared_ptr<LaneClaims> &claims) {
  if (haveEnded || (!mine && !beginClaims()))
    return 0;
  return mine->groupOf(link, claims);
}

} // namespace rk::runtime
