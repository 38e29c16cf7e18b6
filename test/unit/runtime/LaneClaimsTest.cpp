//===- LaneClaimsTest.cpp - Threads come, and own lanes, and go -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneClaims.h"

#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <set>
#include <thread>

#include <pthread.h>

using namespace rk::runtime;

namespace {

/// Far from the numbers of links that other tests make.
std::uint64_t nextLink() {
  static std::atomic<std::uint64_t> last{std::uint64_t(1) << 40};
  return ++last;
}

struct Link {
  explicit Link(std::uint32_t groups)
      : claims(std::make_shared<LaneClaims>(groups)) {}
  [[nodiscard]] std::uint32_t group() const {
    return claimedGroup(number, claims);
  }
  std::uint64_t number = nextLink();
  std::shared_ptr<LaneClaims> claims;
};

/// Runs `body(i)` in `count` threads that are all alive at the end of it.
template <class Body> void together(std::uint32_t count, Body body) {
  std::barrier<> end(count);
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      body(i);
      end.arrive_and_wait();
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(LaneClaims, GroupsAreTakenOnceUntilGivenBack) {
  LaneClaims claims(4);
  const std::set<std::uint32_t> taken{claims.take(), claims.take(),
                                      claims.take()};
  EXPECT_EQ(taken, (std::set<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(claims.take(), 0u);
  claims.give(0); // everybody's: nothing to give
  EXPECT_EQ(claims.take(), 0u);
  claims.give(2);
  EXPECT_EQ(claims.take(), 2u);
  EXPECT_EQ(claims.take(), 0u);
}

TEST(LaneClaims, OneGroupIsEverybodys) {
  LaneClaims claims(1);
  EXPECT_EQ(claims.take(), 0u);
  claims.give(0);
  EXPECT_EQ(claims.take(), 0u);
}

TEST(LaneClaims, TheFirstThreadsGetGroupsOfTheirOwn) {
  for (int round = 0; round < 20; ++round) {
    const Link link(4);
    std::array<std::uint32_t, 8> groups{};
    together(8, [&](std::uint32_t i) { groups[i] = link.group(); });
    std::sort(groups.begin(), groups.end());
    EXPECT_EQ(groups, (std::array<std::uint32_t, 8>{0, 0, 0, 0, 0, 1, 2, 3}));
  }
}

TEST(LaneClaims, AThreadKeepsItsGroup) {
  const Link link(3);
  together(5, [&](std::uint32_t) {
    const std::uint32_t group = link.group();
    for (int i = 0; i < 1000; ++i)
      ASSERT_EQ(link.group(), group);
  });
}

TEST(LaneClaims, AGroupComesBackWithTheEndOfItsThread) {
  const Link link(2);
  for (int i = 0; i < 20; ++i)
    std::thread([&] { EXPECT_EQ(link.group(), 1u); }).join();
}

/// Calls what the thread has left for the end of its `thread_local` objects.
struct AtEnd {
  std::function<void()> call;
  ~AtEnd() {
    if (call)
      call();
  }
};

/// An object that was made before the thread's first claim is destroyed after
/// one that was made then would be.
TEST(LaneClaims, AGroupIsKeptWhileObjectsOfTheThreadEnd) {
  const Link link(2);
  std::uint32_t own = 0, atEnd = 0, others = 1;
  std::thread([&] {
    static thread_local AtEnd end;
    end.call = [&] {
      atEnd = link.group();
      std::thread([&] { others = link.group(); }).join();
    };
    own = link.group();
  }).join();
  EXPECT_EQ(own, 1u);
  EXPECT_EQ(atEnd, 1u);
  EXPECT_EQ(others, 0u) << "two owners at a time";
  std::thread([&] { EXPECT_EQ(link.group(), 1u); }).join();
}

/// A key's destructor may come after the claims have ended.
TEST(LaneClaims, WhoSendsAfterTheEndTakesEverybodysGroup) {
  struct Late {
    const Link *link;
    pthread_key_t key;
    std::uint32_t group = 77;
    int rounds = 0;
  };
  const Link link(2);
  Late late{&link, {}};
  ASSERT_EQ(pthread_key_create(&late.key,
                               [](void *value) {
                                 auto &late = *static_cast<Late *>(value);
                                 // In the second round all others have been.
                                 if (late.rounds++ == 0)
                                   pthread_setspecific(late.key, value);
                                 else
                                   late.group = late.link->group();
                               }),
            0);
  std::thread([&] {
    EXPECT_EQ(link.group(), 1u);
    pthread_setspecific(late.key, &late);
  }).join();
  pthread_key_delete(late.key);
  EXPECT_EQ(late.group, 0u);
  std::thread([&] { EXPECT_EQ(link.group(), 1u); }).join();
}

/// Never two at a time, however threads come and go.
TEST(LaneClaims, NoGroupHasTwoOwners) {
  const Link link(3);
  std::array<std::atomic<int>, 3> owners{};
  std::atomic<int> clashes{0}, owned{0};
  const auto life = [&] {
    const std::uint32_t group = link.group();
    if (group == 0)
      return;
    ++owned;
    clashes += owners[group].fetch_add(1) != 0;
    std::this_thread::yield();
    // The thread gives it back later than this.
    owners[group].fetch_sub(1);
  };
  std::vector<std::thread> starters;
  for (int i = 0; i < 4; ++i)
    starters.emplace_back([&] {
      for (int j = 0; j < 100; ++j)
        std::thread(life).join();
    });
  for (std::thread &starter : starters)
    starter.join();
  EXPECT_EQ(clashes, 0);
  EXPECT_GT(owned, 0);
}

TEST(LaneClaims, SeveralLinksAtATime) {
  const Link first(3), second(2), third(1);
  std::array<std::array<std::uint32_t, 3>, 2> groups{};
  together(2, [&](std::uint32_t i) {
    for (int round = 0; round < 10; ++round) {
      const std::array<std::uint32_t, 3> now{first.group(), second.group(),
                                             third.group()};
      if (round == 0)
        groups[i] = now;
      EXPECT_EQ(now, groups[i]);
    }
  });
  const auto pair = [&](std::size_t link) {
    return std::multiset<std::uint32_t>{groups[0][link], groups[1][link]};
  };
  EXPECT_EQ(pair(0), (std::multiset<std::uint32_t>{1, 2}));
  EXPECT_EQ(pair(1), (std::multiset<std::uint32_t>{0, 1}));
  EXPECT_EQ(pair(2), (std::multiset<std::uint32_t>{0, 0}));
}

TEST(LaneClaims, ThreadsOutliveTheirLinks) {
  std::vector<Link> links;
  for (int i = 0; i < 5; ++i)
    links.emplace_back(4);
  std::barrier<> claimed(4), gone(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (const Link &link : links)
        EXPECT_NE(link.group(), 0u);
      claimed.arrive_and_wait();
      gone.arrive_and_wait();
      // A link that comes later than the others went.
      const Link late(2);
      EXPECT_EQ(late.group(), 1u);
    });
  claimed.arrive_and_wait();
  links.clear();
  gone.arrive_and_wait();
  for (std::thread &thread : threads)
    thread.join();
}

/// A thread that lives on must not gather what was claimed in links that have
/// gone, though other threads had claims there too.
TEST(LaneClaims, LinksThatAreGoneAreForgotten) {
  std::weak_ptr<LaneClaims> old;
  std::barrier<> claimed(3), gone(3), forgotten(3), seen(3);
  auto link = std::make_unique<Link>(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&] {
      EXPECT_NE(link->group(), 0u);
      claimed.arrive_and_wait();
      gone.arrive_and_wait();
      const Link next(4), another(4);
      EXPECT_EQ(next.group(), 1u);
      EXPECT_EQ(another.group(), 1u);
      forgotten.arrive_and_wait();
      seen.arrive_and_wait();
    });
  claimed.arrive_and_wait();
  old = link->claims;
  link.reset();
  gone.arrive_and_wait();
  forgotten.arrive_and_wait();
  EXPECT_TRUE(old.expired());
  seen.arrive_and_wait();
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace
