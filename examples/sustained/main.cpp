// sustained: relays pass numbered parcels to each other for a while, in windows
// of one second. For each window it says how many messages were handled, what
// was lost or came twice, and how the machine does; at the end every link must
// have received exactly what was sent.
//
// What is said of each window goes to the standard error output while it runs.
#include "../common/Example.h"
#include "../common/Row.h"
#include "actors.h"
#include "probes.h"

#include <cmath>
#include <cstdlib>
#include <thread>

namespace {

struct Settings {
  std::uint64_t seconds = 3, relays = 1024, parcels = 4, workers = 0;
  bool json = false;
};

struct Window {
  double rate; ///< messages a second
  double memoryMiB;
  GpuProbe::Sample gpu;
};

struct Statistics {
  double mean = 0;
  double variation = 0; ///< standard deviation divided by the mean
};

Statistics statisticsOf(const std::vector<Window> &windows) {
  Statistics result;
  const auto count = double(windows.size());
  for (const Window &window : windows)
    result.mean += window.rate / count;
  double squares = 0;
  for (const Window &window : windows)
    squares += (window.rate - result.mean) * (window.rate - result.mean);
  if (windows.size() > 1 && result.mean > 0)
    result.variation = std::sqrt(squares / (count - 1)) / result.mean;
  return result;
}

//===- Building -------------------------------------------------------------//

/// How far away the receiver of each link is: in a ring of all relays, the next
/// one, and others ever farther.
std::uint32_t stride(std::uint32_t link, std::uint32_t relays) {
  const double share = double(link) / Links;
  return std::uint32_t(std::pow(double(relays), share)) % relays;
}

struct Network {
  rk::ActorRef<Monitor> monitor;
  std::vector<rk::ActorRef<Relay>> relays;

  std::uint32_t size() const { return std::uint32_t(relays.size()); }
  std::uint32_t receiver(std::uint32_t relay, std::uint32_t link) const {
    return (relay + stride(link, size())) % size();
  }
};

Network build(rk::System &system, const Settings &settings) {
  Network network;
  network.monitor = system.spawn<Monitor>();
  const auto makeRelay = [&](std::size_t i) {
    return Relay(network.monitor, std::uint32_t(i));
  };
  network.relays = system.spawnMany<Relay>(settings.relays, makeRelay).value();
  std::vector<Neighbours> neighbours(network.size());
  for (std::uint32_t i = 0; i < network.size(); ++i)
    for (std::uint32_t link = 0; link < Links; ++link) {
      const std::uint32_t receiver = network.receiver(i, link);
      neighbours[i].to[link] = network.relays[receiver];
      neighbours[receiver].from[link] = i;
    }
  for (std::uint32_t i = 0; i < network.size(); ++i)
    example::require(system.send(network.relays[i], neighbours[i]));
  example::require(system.waitIdle());
  return network;
}

//===- Running --------------------------------------------------------------//

void printWindow(std::size_t number, const Window &window,
                 std::uint64_t messages, const Failures &failures,
                 const rk::System &system) {
  const std::string gpu =
      window.gpu.text.empty() ? "" : ", GPU " + window.gpu.text;
  std::fprintf(
      stderr,
      "window %zu: %llu messages, %.4g M/s; so far lost %llu, "
      "duplicated %llu, altered %llu, dead letters %llu; RSS %.1f "
      "MiB%s\n",
      number, static_cast<unsigned long long>(messages), window.rate / 1e6,
      static_cast<unsigned long long>(failures.lost),
      static_cast<unsigned long long>(failures.duplicated),
      static_cast<unsigned long long>(failures.altered),
      static_cast<unsigned long long>(system.counters().deadLetters.total()),
      window.memoryMiB, gpu.c_str());
}

/// Which GPU nvidia-smi is to be asked about. It knows all GPUs of the machine,
/// so under CUDA_VISIBLE_DEVICES its numbers can differ from the driver's.
int deviceNumber() {
  const char *chosen = std::getenv("RK_DEVICE");
  return chosen ? std::atoi(chosen) : 0;
}

/// Watches the running system for `seconds` windows of one second.
std::vector<Window> observe(rk::System &system, const Network &network,
                            std::uint64_t seconds) {
  using Clock = std::chrono::steady_clock;
  const GpuProbe probe(system.description().backend == "cuda", deviceNumber());
  std::vector<Window> windows;
  std::uint64_t handled = system.counters().handled;
  Clock::time_point begin = Clock::now();
  const Clock::time_point first = begin;
  for (std::uint64_t i = 1; i <= seconds; ++i) {
    std::this_thread::sleep_until(first + std::chrono::seconds(i));
    const std::uint64_t handledNow = system.counters().handled;
    const Clock::time_point now = Clock::now();
    const std::uint64_t messages = handledNow - handled;
    windows.push_back(
        {double(messages) / std::chrono::duration<double>(now - begin).count(),
         residentMiB(), probe.latest()});
    handled = handledNow;
    begin = now;
    const Failures failures =
        system.ask(network.monitor, FailuresQuery{}, std::chrono::minutes(1))
            .get();
    printWindow(i, windows.back(), messages, failures, system);
    example::require(system.status());
  }
  return windows;
}

/// Has the parcels passed on for the time; returns when none moves any more.
std::vector<Window> sustain(rk::System &system, const Network &network,
                            const Settings &settings) {
  for (rk::ActorRef<Relay> relay : network.relays)
    example::require(
        system.send(relay, Begin{std::uint32_t(settings.parcels)}));
  std::vector<Window> windows = observe(system, network, settings.seconds);
  for (rk::ActorRef<Relay> relay : network.relays)
    example::require(system.send(relay, Halt{}));
  example::require(system.waitIdle(std::chrono::minutes(10)));
  return windows;
}

//===- Checking -------------------------------------------------------------//

struct Found {
  std::uint64_t sent = 0, received = 0;
  std::uint64_t counted = 0; ///< by the system, from which the rates are
  bool linksAgree = true;
  Failures failures{};
};

Found collect(rk::System &system, const Network &network,
              std::uint64_t counted) {
  std::vector<RelayReport> reports;
  constexpr std::size_t AtATime = 256;
  for (std::size_t i = 0; i < network.relays.size(); i += AtATime) {
    const std::size_t end = std::min(i + AtATime, network.relays.size());
    std::vector<rk::Future<RelayReport>> answers;
    for (std::size_t k = i; k < end; ++k)
      answers.push_back(system.ask(network.relays[k], RelayQuery{}));
    for (rk::Future<RelayReport> &answer : answers)
      reports.push_back(answer.get());
  }
  Found found;
  found.counted = counted;
  for (std::uint32_t i = 0; i < network.size(); ++i)
    for (std::uint32_t link = 0; link < Links; ++link) {
      const std::uint64_t sent = reports[i].sent[link];
      const std::uint64_t received =
          reports[network.receiver(i, link)].received[link];
      found.linksAgree &= sent == received;
      found.sent += sent;
      found.received += received;
    }
  found.failures = system.ask(network.monitor, FailuresQuery{}).get();
  return found;
}

void report(example::Result &result, const Settings &settings,
            const Found &found, std::size_t windows) {
  result.line(
      "sustained: %llu relays, %llu parcels under way, %llu windows",
      static_cast<unsigned long long>(settings.relays),
      static_cast<unsigned long long>(settings.relays * settings.parcels),
      static_cast<unsigned long long>(windows));
  result.check("something was sent in the time",
               found.sent > settings.relays * settings.parcels);
  result.check("every link received what was sent on it", found.linksAgree);
  // Beside parcels the system counts the host's messages and its questions.
  const std::uint64_t fromHost = 2 * settings.relays + 2 * settings.seconds;
  result.check("the system's counter agrees",
               found.counted >= found.received &&
                   found.counted <= found.received + fromHost);
  result.check("nothing was lost", found.failures.lost == 0);
  result.check("nothing came twice", found.failures.duplicated == 0);
  result.check("nothing was altered", found.failures.altered == 0);
}

void printSummary(const std::vector<Window> &windows, const Found &found) {
  const Statistics statistics = statisticsOf(windows);
  const Window &first = windows.front(), &last = windows.back();
  std::printf("windows: mean %.4g M messages/s, coefficient of variation "
              "%.3f %%\nmemory of the process: %.1f MiB in the first window, "
              "%.1f MiB in the last\n",
              statistics.mean / 1e6, 100 * statistics.variation,
              first.memoryMiB, last.memoryMiB);
  if (!last.gpu.text.empty())
    std::printf("GPU (temperature, SM clock, power, memory): %s in the first "
                "window, %s in the last\n",
                first.gpu.text.c_str(), last.gpu.text.c_str());
  std::printf("sent %llu, received %llu\n",
              static_cast<unsigned long long>(found.sent),
              static_cast<unsigned long long>(found.received));
}

void printRecord(const Settings &settings, const std::vector<Window> &windows,
                 const Found &found, std::uint64_t deviceBytes) {
  const Statistics statistics = statisticsOf(windows);
  std::vector<double> rates;
  for (const Window &window : windows)
    rates.push_back(window.rate / 1e6);
  const auto member = [](const char *name, double value) {
    char text[80];
    std::snprintf(text, sizeof(text), "\"%s\": %.10g", name, value);
    return std::string(text);
  };
  const Window &first = windows.front(), &last = windows.back();
  std::string more = member("mean", statistics.mean / 1e6);
  more += ", " + member("cv_percent", 100 * statistics.variation);
  more += ", " + member("seconds", double(settings.seconds));
  more += ", " + member("relays", double(settings.relays));
  more +=
      ", " + member("under_way", double(settings.relays * settings.parcels));
  more += ", " + member("received", double(found.received));
  more += ", " + member("lost", double(found.failures.lost));
  more += ", " + member("duplicated", double(found.failures.duplicated));
  more += ", " + member("rss_first_mib", first.memoryMiB);
  more += ", " + member("rss_last_mib", last.memoryMiB);
  more += ", " + member("device_mib", double(deviceBytes) / (1 << 20));
  if (!last.gpu.text.empty()) {
    more += ", " + member("celsius_first", first.gpu.celsius);
    more += ", " + member("celsius_last", last.gpu.celsius);
    more += ", \"gpu_first\": \"" + first.gpu.text + "\"";
    more += ", \"gpu_last\": \"" + last.gpu.text + "\"";
  }
  example::printRow("sustained", "M msg/s", rates,
                    "each link received what was sent, each message once, in "
                    "order",
                    more);
}

//===- Command line ---------------------------------------------------------//

Settings readCommandLine(example::CommandLine &command, int count,
                         char **arguments) {
  Settings settings;
  command.number("seconds", settings.seconds, 1, 1'000'000,
                 "windows of one second");
  command.number("relays", settings.relays, 1, 10'000'000, "relays");
  command.number("parcels", settings.parcels, 1, 1024,
                 "parcels under way for each relay");
  command.number("workers", settings.workers, 0, 65536,
                 "workers of the system; 0: as many as there is room for");
  command.flag("json", settings.json, "also print a row for the record");
  command.parse(count, arguments);
  return settings;
}

int run(int count, char **arguments) {
  example::CommandLine command(
      "sustained", "Messages for a while, each of them accounted for.");
  const Settings settings = readCommandLine(command, count, arguments);
  rk::SystemOptions options;
  options.backend = command.backend;
  options.workers = std::uint32_t(settings.workers);
  options.maxActors = std::uint32_t(settings.relays) + 1;
  rk::System system(options);
  const Network network = build(system, settings);
  const std::uint64_t before = system.counters().handled;
  const example::StopWatch watch;
  const std::vector<Window> windows = sustain(system, network, settings);
  const double seconds = watch.seconds();
  const Found found =
      collect(system, network, system.counters().handled - before);

  example::Result result;
  report(result, settings, found, windows.size());
  result.check("no dead letters", system.counters().deadLetters.total() == 0);
  const int code = result.finish(command);
  example::printSpeed(system, seconds, double(found.received), "messages");
  printSummary(windows, found);
  if (settings.json && code == 0)
    printRecord(settings, windows, found, system.description().deviceBytes);
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("sustained", [&] { return run(count, arguments); });
}
