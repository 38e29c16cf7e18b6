//===- Traffic.cpp - Messages that go on among actors -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Traffic.h"

namespace rkbench {

rk::SystemOptions optionsForWalkers(const Settings &settings,
                                    std::uint32_t actors) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = std::max(actors, 1024u) + Ledgers;
  // Other actors of the module are larger.
  options.stateBytes =
      std::uint64_t(options.maxActors) * ((sizeof(Walker) + 15) / 16 * 16);
  return options;
}

Walkers makeWalkers(rk::System &system, std::uint32_t count) {
  const auto range = system.spawn_n<Walker>(count);
  require(range.size() == count, "every actor was made");
  Walkers walkers;
  walkers.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    walkers.push_back(range[i]);
  return walkers;
}

Traffic::Traffic(rk::System &system, Walkers walkers)
    : system_(system), walkers_(std::move(walkers)),
      ledgers_(system.spawnMany<Ledger>(Ledgers, [](auto) { return Ledger(); })
                   .value()) {}

/// Sends what `make(i)` returns to each walker.
template <class Make>
void sendToAll(rk::System &system, const Walkers &walkers, Make make) {
  constexpr std::size_t RowLength = 256;
  std::vector<decltype(make(std::size_t()))> messages;
  for (std::size_t i = 0; i < walkers.size(); i += messages.size()) {
    messages.resize(std::min(RowLength, walkers.size() - i));
    for (std::size_t j = 0; j < messages.size(); ++j)
      messages[j] = make(i + j);
    require(system.sendAll(std::span(walkers).subspan(i, messages.size()),
                           messages));
  }
  require(system.waitIdle());
}

void Traffic::sendRoutes() {
  sendToAll(system_, walkers_, [this](std::size_t i) {
    Neighbours made;
    for (std::size_t k = 0; k < made.walkers.size(); ++k)
      made.walkers[k] = walkers_[routes_[i][k]];
    return made;
  });
}

Tally Traffic::addTallies() {
  sendToAll(system_, walkers_, [this](std::size_t i) {
    return Report{ledgers_[i % ledgers_.size()]};
  });
  Tally total{};
  for (const Tally &tally : askAll<Tally>(system_, ledgers_, TallyQuery{})) {
    total.received += tally.received;
    total.sum += tally.sum;
  }
  return total;
}

void Traffic::check(std::uint64_t bits) {
  requireNoDeadLetters(system_);
  const Tally total = addTallies();
  require(total.received == expected_.received,
          "every message was handled once");
  require(((total.sum ^ expected_.sum) & bits) == 0,
          "what was handled is what was sent");
  expected_ = total;
}

void Traffic::checkRoutes() {
  // With more walkers, asking each takes longer than all that is measured.
  constexpr std::size_t MostWalkers = 1u << 20;
  if (walkers_.size() > MostWalkers)
    return;
  constexpr std::uint64_t Walks = 4096, Steps = 255;
  std::vector<Tally> tallies = askAll<Tally>(system_, walkers_, TallyQuery{});
  std::mt19937_64 random(3);
  for (std::uint64_t i = 0; i < Walks; ++i) {
    std::size_t at = random() % walkers_.size();
    Step<32> step = beginWalk<32>(random(), Steps);
    require(system_.send(walkers_[at], step));
    for (;; step = stepAfter(step), at = routes_[at][wayOf(step)]) {
      const std::uint64_t hash = hashOf(step);
      ++tallies[at].received;
      tallies[at].sum += hash;
      ++expected_.received;
      expected_.sum += hash;
      if (step.words[1] == 0)
        break;
    }
  }
  require(system_.waitIdle());
  const std::vector<Tally> counted =
      askAll<Tally>(system_, walkers_, TallyQuery{});
  for (std::size_t i = 0; i < counted.size(); ++i)
    require(counted[i].received == tallies[i].received &&
                counted[i].sum == tallies[i].sum,
            "each actor got what was sent to it");
}

} // namespace rkbench
