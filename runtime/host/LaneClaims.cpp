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
      claim.claims->give(claim.group);
  }

  std::uint32_t groupOf(std::uint64_t link,
                        const std::shared_ptr<LaneClaims> &claims) {
    for (const Claim &claim : claims_)
      if (claim.link == link)
        return claim.group;
    // Links that are gone are held by nobody else.
    std::erase_if(claims_, [](const Claim &claim) {
      return claim.claims.use_count() == 1;
    });
    claims_.push_back({link, claims->take(), claims});
    return claims_.back().group;
  }

private:
  struct Claim {
    std::uint64_t link;
    std::uint32_t group;
    std::shared_ptr<LaneClaims> claims;
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
