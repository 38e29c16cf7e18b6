//===- LaneClaims.cpp - Which thread owns which lanes ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneClaims.h"

namespace rk::runtime {

namespace {

/// What one thread has claimed; gives it back as the thread ends.
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

} // namespace

std::uint32_t claimedGroup(std::uint64_t link,
                           const std::shared_ptr<LaneClaims> &claims) {
  static thread_local ThreadClaims mine;
  return mine.groupOf(link, claims);
}

} // namespace rk::runtime
