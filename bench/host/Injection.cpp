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

/// What one thread sends in one run: parcels with numbers from `first` on, to
/// all depots in turn, from the one at `offset` on.
struct Load {
  std::uint64_t first, count;
  std::size_t offset;
};

/// Sends them one by one.
void sendParcels(rk::System &system, const Depots &depots, const Load &load,
                 rk::Status &failure) {
  std::size_t receiver = load.offset;
  for (std::uint64_t i = 0; i < load.count; ++i) {
    const rk::Status status =
        system.send(depots[receiver], parcelOf(load.first + i));
    if (!status.isOk()) {
      failure = status;
      return;
    }
    if (++receiver == depots.size())
      receiver = 0;
  }
}

/// The same by `sendAll`, a row at a time.
void sendParcelRows(rk::System &system, const Depots &depots, const Load &load,
                    rk::Status &failure) {
  constexpr std::uint64_t RowLength = 256;
  std::vector<rk::ActorRef<Depot>> receivers(RowLength);
  std::vector<Parcel> parcels(RowLength);
  std::size_t receiver = load.offset;
  for (std::uint64_t i = 0; i < load.count && failure.isOk();) {
    const std::uint64_t length = std::min(RowLength, load.count - i);
    receivers.resize(length);
    parcels.resize(length);
    for (std::uint64_t j = 0; j < length; ++j, ++i) {
      receivers[j] = depots[receiver];
      parcels[j] = parcelOf(load.first + i);
      if (++receiver == depots.size())
        receiver = 0;
    }
    failure = system.sendAll(receivers, parcels);
  }
}

using SendParcels = decltype(sendParcels) *;

/// Adds what the depots must have counted of a load.
void expect(std::vector<Tally> &tallies, const Load &load) {
  const std::uint64_t depots = tallies.size();
  for (std::uint64_t i = 0; i < std::min(depots, load.count); ++i) {
    // Numbers first + i, first + i + depots and so on: a sum of a series, and
    // the hash of a parcel is a multiple of its number.
    const std::uint64_t count = (load.count - i - 1) / depots + 1;
    const std::uint64_t numbers =
        count * (load.first + i) + count * (count - 1) / 2 * depots;
    Tally &tally = tallies[(load.offset + i) % depots];
    tally.received += count;
    tally.sum += numbers * hashOf(parcelOf(1));
  }
}

/// Returns millions of messages a second, handled.
double injectOnce(rk::System &system, const Depots &depots,
                  const std::vector<Load> &loads, SendParcels sendParcels) {
  std::vector<rk::Status> failures(loads.size());
  std::uint64_t all = 0;
  const Clock::time_point begin = Clock::now();
  std::vector<std::thread> senders;
  for (std::size_t t = 0; t < loads.size(); ++t) {
    all += loads[t].count;
    senders.emplace_back(
        [&, t] { sendParcels(system, depots, loads[t], failures[t]); });
  }
  for (std::thread &sender : senders)
    sender.join();
  require(system.waitIdle());
  const double seconds = secondsSince(begin);
  for (const rk::Status &failure : failures)
    require(failure);
  return double(all) / seconds / 1e6;
}

/// Sends through a system of many depots, and knows what each must get.
class Injection {
public:
  Injection(rk::System &system, std::uint64_t messages)
      : system_(system), messages_(messages),
        depots_(system.spawnMany<Depot>(4096, [](auto) { return Depot(); })
                    .value()),
        expected_(depots_.size()) {}

  double run(unsigned threads, SendParcels send) {
    std::vector<Load> loads;
    for (unsigned t = 0; t < threads; ++t) {
      loads.push_back(
          {next_, messages_ / threads, t * depots_.size() / threads});
      next_ += loads.back().count;
      expect(expected_, loads.back());
    }
    return injectOnce(system_, depots_, loads, send);
  }

  /// Compares what each depot has received with what was sent to it.
  void check() {
    const std::vector<Tally> counted =
        askAll<Tally>(system_, depots_, TallyQuery{});
    for (std::size_t i = 0; i < counted.size(); ++i)
      require(counted[i].received == expected_[i].received &&
                  counted[i].sum == expected_[i].sum,
              "every message was handled once, unchanged");
    requireNoDeadLetters(system_);
  }

private:
  rk::System &system_;
  const std::uint64_t messages_;
  const Depots depots_;
  std::vector<Tally> expected_;
  std::uint64_t next_ = 1; ///< the number of the next parcel
};

} // namespace

/// host -> handlers: packets of 64 bytes, as full as can be, to many actors.
void measureInjection(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  rk::System system(options);
  Injection injection(system, 20'000'000 / settings.divisor);
  const struct {
    const char *suffix;
    SendParcels send;
  } ways[] = {{"", sendParcels}, {"-in-rows", sendParcelRows}};
  for (const auto &way : ways)
    for (unsigned threads : {1u, 4u}) {
      std::vector<double> rates;
      // One thread runs at one of two levels (docs/rationale/host-link.md).
      const int runs = threads == 1 && settings.divisor == 1 ? 15 : 5;
      (void)injection.run(threads, way.send);
      for (int run = 0; run < runs; ++run)
        rates.push_back(injection.run(threads, way.send));
      injection.check();
      print(summarize("host-to-handlers-" + std::to_string(threads) +
                          "-threads" + way.suffix,
                      "M msg/s", rates, Better::Higher,
                      "number and hash of all bytes that each receiver got"));
    }
}

} // namespace rkbench
