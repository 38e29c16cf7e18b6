//===- Injection.cpp - From host threads to handlers ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "Tallies.h"

#include <thread>

namespace rkbench {
namespace {

using Depots = std::vector<rk::ActorRef<Depot>>;

/// Sends `count` messages to all depots in turn; content is 1, 2, 3 and 4
/// times the message's number.
void sendParcels(rk::System &system, const Depots &depots, std::uint64_t count,
                 std::size_t offset, rk::Status &failure) {
  std::size_t receiver = offset % depots.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    const rk::Status status =
        system.send(depots[receiver], Parcel{{i, 2 * i, 3 * i, 4 * i}});
    if (!status.isOk()) {
      failure = status;
      return;
    }
    if (++receiver == depots.size())
      receiver = 0;
  }
}

/// The same by `sendAll`, a row at a time.
void sendParcelRows(rk::System &system, const Depots &depots,
                    std::uint64_t count, std::size_t offset,
                    rk::Status &failure) {
  constexpr std::uint64_t RowLength = 256;
  std::vector<rk::ActorRef<Depot>> receivers(RowLength);
  std::vector<Parcel> parcels(RowLength);
  std::size_t receiver = offset % depots.size();
  for (std::uint64_t i = 0; i < count && failure.isOk();) {
    const std::uint64_t length = std::min(RowLength, count - i);
    receivers.resize(length);
    parcels.resize(length);
    for (std::uint64_t j = 0; j < length; ++j, ++i) {
      receivers[j] = depots[receiver];
      parcels[j] = {{i, 2 * i, 3 * i, 4 * i}};
      if (++receiver == depots.size())
        receiver = 0;
    }
    failure = system.sendAll(receivers, parcels);
  }
}

using SendParcels = decltype(sendParcels) *;

/// Returns millions of messages a second, handled.
double injectOnce(rk::System &system, const Depots &depots, unsigned threads,
                  std::uint64_t perThread, SendParcels sendParcels) {
  std::vector<rk::Status> failures(threads);
  const Clock::time_point begin = Clock::now();
  std::vector<std::thread> senders;
  for (unsigned t = 0; t < threads; ++t)
    senders.emplace_back([&, t] {
      sendParcels(system, depots, perThread, t * depots.size() / threads,
                  failures[t]);
    });
  for (std::thread &sender : senders)
    sender.join();
  require(system.waitIdle());
  const double seconds = secondsSince(begin);
  for (const rk::Status &failure : failures)
    require(failure);
  return double(perThread) * threads / seconds / 1e6;
}

} // namespace

/// host -> handlers: messages of 64 bytes (32 of them content) to many actors.
void measureInjection(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  rk::System system(options);
  const Depots depots =
      system.spawnMany<Depot>(4096, [](auto) { return Depot(); }).value();
  std::uint64_t messages = 0, sum = 0;
  const struct {
    const char *suffix;
    SendParcels send;
  } ways[] = {{"", sendParcels}, {"-in-rows", sendParcelRows}};
  for (const auto &way : ways)
    for (unsigned threads : {1u, 4u}) {
      const std::uint64_t perThread = 40'000'000 / threads / settings.divisor;
      std::vector<double> rates;
      // One thread runs at one of two levels (docs/rationale/host-link.md).
      const int runs = threads == 1 ? 15 : 5;
      for (int run = 0; run <= runs; ++run) {
        const double rate =
            injectOnce(system, depots, threads, perThread, way.send);
        if (run > 0)
          rates.push_back(rate);
        messages += perThread * threads;
        sum += perThread * (perThread - 1) / 2 * 10 * threads;
      }
      const Tally total = addTallies(system, depots);
      require(total.received == messages && total.sum == sum,
              "every message was handled once, unchanged");
      requireNoDeadLetters(system);
      print(summarize("host-to-handlers-" + std::to_string(threads) +
                          "-threads" + way.suffix,
                      "M msg/s", rates, Better::Higher,
                      "count and sum of all receivers"));
    }
}

} // namespace rkbench
