//===- InboxScenarios.cpp - What is explored ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "InboxScenarios.h"

using namespace rk::abi;
using namespace rk::device;

namespace rk::test {

namespace {

/// Brings an inbox to where the exploration begins.
using Prelude = std::function<void(SmallInbox &)>;

constexpr std::uint32_t HomePackets = HomeSegments * SegmentPackets;

/// `senders` threads send `each` messages, one receives.
struct Traffic {
  std::uint32_t poolSegments = 0;
  std::uint32_t senders = 2;
  std::uint32_t each = 2;
  Prelude prelude = [](SmallInbox &) {};
};

Findings exploreTraffic(const Traffic &traffic, std::uint32_t deviations,
                        const Mistake *mistake) {
  SmallInbox inbox(traffic.poolSegments);
  traffic.prelude(inbox);
  inbox.keep();
  Explorer explorer(deviations);
  explorer.memory().weaken(inbox.withMistake(mistake));
  return explorer.run([&](Explorer &run) -> Explorer::Body {
    inbox.goBack();
    inbox.sendersLeft = traffic.senders;
    for (std::uint32_t sender = 0; sender < traffic.senders; ++sender)
      run.addThread([&, sender] {
        for (std::uint32_t i = 0; i < traffic.each; ++i)
          inbox.send(sender);
        --inbox.sendersLeft;
      });
    run.addThread([&] { inbox.receiveAll(run); });
    return [&] {
      if (std::string mistake = inbox.verdict(); !mistake.empty())
        run.fail(mistake);
    };
  });
}

/// Sends until the inbox refuses.
void fill(SmallInbox &inbox) {
  while (inbox.refused() == 0)
    inbox.send(0);
}

Scenario traffic(std::string name, std::uint32_t deviations, Traffic traffic) {
  return {std::move(name), deviations,
          [traffic](std::uint32_t most, const Mistake *mistake) {
            return exploreTraffic(traffic, most, mistake);
          }};
}

/// Takers and givers of a pool with `handles` handles and as many cells. Who
/// has a handle has its word to itself, and finds there what the owner before
/// has left.
Findings explorePool(std::uint32_t handles, std::uint32_t threads,
                     std::uint32_t rounds, std::uint32_t deviations,
                     const Mistake *mistake) {
  SmallInbox inbox(handles);
  inbox.keep();
  std::vector<std::uint64_t> words(handles), owners(handles), uses(handles);
  std::vector<Desk> desks(threads);
  for (std::uint32_t i = 0; i < threads; ++i)
    makeAgent(inbox.launch(), i, desks[i]);
  Explorer explorer(deviations);
  explorer.memory().weaken(inbox.withMistake(mistake));
  return explorer.run([&](Explorer &run) -> Explorer::Body {
    inbox.goBack();
    std::fill(words.begin(), words.end(), 0);
    std::fill(owners.begin(), owners.end(), 0);
    std::fill(uses.begin(), uses.end(), 0);
    Pool &pool = *inbox.launch().freeSegments;
    for (std::uint32_t t = 0; t < threads; ++t)
      run.addThread([&, t] {
        for (std::uint32_t i = 0; i < rounds; ++i) {
          const std::uint64_t handle = take(desks[t], pool);
          if (handle == NoHandle)
            continue;
          const std::uint64_t at = handle - HomeSegments;
          run.expect(owners[at]++ == 0, "a handle taken twice");
          run.expect(load<Order::Relaxed, Scope::Device>(&words[at]) ==
                         uses[at]++,
                     "what the owner before has left is not there");
          store<Order::Relaxed, Scope::Device>(&words[at], uses[at]);
          --owners[at];
          give(desks[t], pool, handle);
        }
      });
    return [&] {
      run.expect(pool.available == std::int64_t(handles), "a handle is lost");
    };
  });
}

/// Two inboxes whose senders need the one segment of the pool.
Findings exploreShared(std::uint32_t deviations, const Mistake *mistake) {
  SmallInbox inbox(1, 2);
  // The next message of each asks for the segment, the third is to lie in it.
  for (std::uint32_t i = 0; i < HomePackets - SegmentPackets; ++i) {
    inbox.send(0, 0);
    inbox.send(1, 1);
  }
  inbox.keep();
  Explorer explorer(deviations);
  explorer.memory().weaken(inbox.withMistake(mistake));
  return explorer.run([&](Explorer &run) -> Explorer::Body {
    inbox.goBack();
    inbox.sendersLeft = 2;
    for (std::uint32_t sender = 0; sender < 2; ++sender)
      run.addThread([&, sender] {
        for (std::uint32_t i = 0; i < 4; ++i)
          inbox.send(sender, sender);
        --inbox.sendersLeft;
      });
    for (std::uint32_t i = 0; i < 2; ++i)
      run.addThread([&, i] { inbox.receiveAll(run, i); });
    return [&] {
      if (std::string mistake = inbox.verdict(); !mistake.empty())
        run.fail(mistake);
    };
  });
}

/// A question that is answered twice at a time, and the question before it.
Findings exploreAnswers(std::uint32_t deviations, const Mistake *) {
  std::uint32_t answered = 0;
  Launch launch{};
  launch.answered = &answered;
  launch.replySlotCount = 1;
  const auto token = [](std::uint64_t mark) { return mark << ReplyRowBits; };
  std::uint32_t claimed = 0;
  Explorer explorer(deviations);
  return explorer.run([&](Explorer &run) -> Explorer::Body {
    answered = 4;
    claimed = 0;
    for (std::uint32_t t = 0; t < 3; ++t)
      run.addThread([&] {
        run.expect(!claimAnswer(launch, token(4)), "an old answer was taken");
        claimed += claimAnswer(launch, token(5));
        run.expect(!claimAnswer(launch, token(5)), "answered twice");
      });
    return [&] { run.expect(claimed == 1, "not answered once"); };
  });
}

std::vector<Scenario> makeScenarios() {
  std::vector<Scenario> all;
  all.push_back(traffic("FromTheFirstTicket", 2, {}));
  all.push_back(traffic("ThreeSenders", 2, {0, 3, 2, [](SmallInbox &) {}}));
  // A home segment is used again, which the directory tells some senders.
  all.push_back(traffic("HomeSegmentsAgain", 2,
                        {0, 2, 2, [](SmallInbox &inbox) {
                           for (std::uint32_t i = 0; i < HomePackets - 2; ++i)
                             inbox.send(0);
                         }}));
  // One home segment is free: what does not fit there is refused, and the inbox
  // opens again.
  all.push_back(traffic("CloseAndReopen", 2,
                        {0, 2, 3, [](SmallInbox &inbox) {
                           for (std::uint32_t i = 0; i < HomePackets - 2; ++i)
                             inbox.send(0);
                           for (std::uint32_t i = 0; i < 3; ++i)
                             inbox.receive();
                         }}));
  all.push_back(traffic("ReopenWhileSendersCome", 2,
                        {0, 2, 2, [](SmallInbox &inbox) {
                           fill(inbox);
                           for (std::uint32_t i = 0; i < HomePackets - 1; ++i)
                             inbox.receive();
                         }}));
  // Closed, and the tickets that were drawn since go beyond a segment.
  all.push_back(traffic("ReopenBehindVoidTickets", 2,
                        {0, 2, 3, [](SmallInbox &inbox) {
                           fill(inbox);
                           for (std::uint32_t i = 0; i < HomePackets; ++i)
                             inbox.receive();
                         }}));
  all.push_back(traffic("IntoThePool", 2,
                        {1, 2, 3, [](SmallInbox &inbox) {
                           for (std::uint32_t i = 0; i < HomePackets - 1; ++i)
                             inbox.send(0);
                           for (std::uint32_t i = 0; i < 3; ++i)
                             inbox.receive();
                         }}));
  all.push_back({"TwoInboxesShareThePool", 2, exploreShared});
  for (std::uint32_t handles = 1; handles <= 2; ++handles)
    all.push_back({"PoolOf" + std::to_string(handles), 3,
                   [handles](std::uint32_t most, const Mistake *mistake) {
                     return explorePool(handles, 3, 2, most, mistake);
                   }});
  all.push_back({"Answers", 3, exploreAnswers});
  return all;
}

} // namespace

Findings exploreScenario(const std::string &name, const Mistake *mistake) {
  for (const Scenario &scenario : inboxScenarios())
    if (scenario.name == name)
      return scenario.explore(scenario.deviations, mistake);
  return {0, "there is no scenario " + name};
}

const std::vector<Scenario> &inboxScenarios() {
  static const std::vector<Scenario> scenarios = makeScenarios();
  return scenarios;
}

} // namespace rk::test
