// stream: events pass four stages of actors, many instances of each, and every
// single event is accounted for at the end: its name arrived exactly once, each
// pair of actors kept its order, each key has the count and the sum that a
// plain loop over the same events gives.
//
// --feed=device: sources make the events. --feed=host: host threads make them
// and send them to the sources, 32 a message; a source answers once it has room
// for more. In both cases at most chains * window events are under way.
#include "../common/Feed.h"
#include "../common/Row.h"
#include "actors.h"

#include <algorithm>
#include <limits>
#include <thread>

namespace {

struct Settings : example::FeedSettings {
  std::uint64_t groups = 16, events = 2000, window = 64, batch = 8;

  std::uint32_t chains() const {
    return std::uint32_t(groups) * ChainsPerGroup;
  }
  std::uint64_t perChain() const { return events * runs; }
};

template <class Actor> using Actors = std::vector<rk::ActorRef<Actor>>;

/// All actors; those of one chain have the same place in each vector.
struct Stream {
  Actors<Sink> sinks;
  Actors<Aggregator> aggregators;
  Actors<Enricher> enrichers;
  Actors<Validator> validators;
  Actors<Source> sources;
};

/// The actors of the group that actor `number` belongs to.
template <class Actor>
std::array<rk::ActorRef<Actor>, ChainsPerGroup>
groupOf(const Actors<Actor> &actors, std::size_t number) {
  std::array<rk::ActorRef<Actor>, ChainsPerGroup> group;
  std::copy_n(actors.begin() +
                  std::ptrdiff_t(number / ChainsPerGroup * ChainsPerGroup),
              ChainsPerGroup, group.begin());
  return group;
}

Stream build(rk::System &system, const Settings &settings) {
  const std::uint32_t chains = settings.chains();
  Stream all;
  const auto makeSink = [&](auto) {
    return Sink(std::uint32_t(settings.batch));
  };
  all.sinks = system.spawnMany<Sink>(chains, makeSink).value();
  const auto makeAggregator = [&](std::size_t i) {
    return Aggregator(groupOf(all.sinks, i), std::uint32_t(i) % ChainsPerGroup);
  };
  all.aggregators =
      system.spawnMany<Aggregator>(chains, makeAggregator).value();
  const auto makeEnricher = [&](std::size_t i) {
    return Enricher(groupOf(all.aggregators, i));
  };
  all.enrichers = system.spawnMany<Enricher>(chains, makeEnricher).value();
  const auto makeValidator = [&](std::size_t i) {
    return Validator(all.enrichers[i]);
  };
  all.validators = system.spawnMany<Validator>(chains, makeValidator).value();
  const auto makeSource = [&](std::size_t i) {
    return Source(all.validators[i], std::uint32_t(i),
                  std::uint32_t(settings.window), settings.seed);
  };
  all.sources = system.spawnMany<Source>(chains, makeSource).value();
  for (std::size_t i = 0; i < chains; ++i)
    example::require(system.send(all.sinks[i], Connect{all.sources[i]}));
  example::require(system.waitIdle());
  return all;
}

//===- Feeding --------------------------------------------------------------//

/// Brings the events `from` to `end` - 1 of every `step`th chain from `first`.
void feedChains(rk::System &system, const Stream &all, const Settings &settings,
                std::size_t first, std::size_t step, std::uint32_t from,
                std::uint32_t end, rk::Status &failure) {
  std::vector<rk::Future<Room>> rooms(all.sources.size());
  for (std::uint32_t at = from; at < end; at += ChunkFrames)
    for (std::size_t i = first; i < all.sources.size(); i += step) {
      if (at != from)
        if (rk::Result<Room> room = rooms[i].result(); !room.isOk()) {
          failure = room.status();
          return;
        }
      Chunk chunk{at, std::min(ChunkFrames, end - at), {}};
      for (std::uint32_t k = 0; k < chunk.count; ++k)
        chunk.frames[k] =
            Frame::make(settings.seed, EventId{std::uint32_t(i), at + k});
      rooms[i] =
          system.ask<Room>(all.sources[i], chunk, std::chrono::minutes(10));
    }
}

void feedFromHost(rk::System &system, const Stream &all,
                  const Settings &settings, std::uint32_t from,
                  std::uint32_t end) {
  std::vector<rk::Status> failures(settings.threads);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < settings.threads; ++t)
    threads.emplace_back([&, t] {
      feedChains(system, all, settings, t, settings.threads, from, end,
                 failures[t]);
    });
  for (std::thread &thread : threads)
    thread.join();
  for (const rk::Status &failure : failures)
    example::require(failure);
}

/// Streams the next `settings.events` of every chain; returns the seconds until
/// the last one has arrived.
double streamOnce(rk::System &system, const Stream &all,
                  const Settings &settings, std::uint64_t run) {
  const auto from = std::uint32_t(run * settings.events);
  const auto count = std::uint32_t(settings.events);
  const example::StopWatch watch;
  if (settings.fromHost())
    feedFromHost(system, all, settings, from, from + count);
  else
    for (rk::ActorRef<Source> source : all.sources)
      example::require(system.send(source, Produce{count}));
  example::require(system.waitIdle(std::chrono::minutes(10)));
  return watch.seconds();
}

//===- Checking -------------------------------------------------------------//

/// What the stages saw together.
struct Found {
  std::uint64_t received = 0, duplicated = 0, outOfOrder = 0, rejected = 0;
  std::uint64_t missing = 0; ///< sequence numbers that some chain lacks
  std::uint64_t handled = 0; ///< by validators, enrichers and aggregators
  std::uint64_t idSum = 0, idXor = 0, rankSum = 0;
  std::int64_t valueSum = 0;
  std::vector<KeyTotal> keys;
};

/// Asks all actors, many at a time, and hands each answer to `use` in order.
template <class Actor, class Query, class Use>
void askAll(rk::System &system, const Actors<Actor> &actors, const Query &query,
            const Use &use) {
  constexpr std::size_t AtATime = 256;
  for (std::size_t i = 0; i < actors.size(); i += AtATime) {
    const std::size_t end = std::min(i + AtATime, actors.size());
    std::vector<decltype(system.ask(actors[0], query))> answers;
    for (std::size_t k = i; k < end; ++k)
      answers.push_back(system.ask(actors[k], query));
    for (auto &answer : answers)
      use(answer.get());
  }
}

Found collect(rk::System &system, const Stream &all, const Settings &settings) {
  Found found;
  const auto addStage = [&](const StageReport &report) {
    found.handled += report.handled;
    found.outOfOrder += report.outOfOrder;
  };
  askAll(system, all.validators, StageQuery{}, addStage);
  askAll(system, all.enrichers, StageQuery{}, addStage);
  askAll(system, all.aggregators, TotalsQuery{}, [&](const Totals &totals) {
    addStage(totals.stage);
    found.keys.insert(found.keys.end(), totals.keys.begin(), totals.keys.end());
  });
  askAll(system, all.sinks, SinkQuery{}, [&](const SinkReport &report) {
    found.received += report.received;
    found.duplicated += report.duplicated;
    found.outOfOrder += report.outOfOrder;
    found.rejected += report.rejected;
    found.missing += settings.perChain() - report.firstMissing;
    found.idSum += report.idSum;
    found.idXor ^= report.idXor;
    found.rankSum += report.rankSum;
    found.valueSum += report.valueSum;
  });
  return found;
}

/// What a plain loop over the same events finds, without frames or messages.
Found replay(const Settings &settings) {
  Found found;
  found.keys.resize(settings.groups * KeysPerGroup);
  for (std::uint32_t chain = 0; chain < settings.chains(); ++chain)
    for (std::uint32_t i = 0; i < settings.perChain(); ++i) {
      const EventId id{chain, i};
      const Fields fields = Fields::make(settings.seed, id);
      ++found.received;
      found.idSum += id.bits();
      found.idXor ^= id.bits();
      if (fields.damaged) {
        ++found.rejected;
        continue;
      }
      const std::int64_t value = valueOf(fields.amount, fields.currency);
      KeyTotal &total =
          found.keys[chain / ChainsPerGroup * KeysPerGroup + fields.key];
      // Whatever the order, the events of a key have the ranks 1, 2, 3, ...
      found.rankSum += ++total.count;
      total.sum += value;
      found.valueSum += value;
    }
  found.handled = 3 * found.received;
  return found;
}

void report(example::Result &result, const Settings &settings,
            const Found &found, const Found &expected) {
  result.line("stream: %u chains in groups of %u, %llu events each",
              settings.chains(), ChainsPerGroup,
              static_cast<unsigned long long>(settings.perChain()));
  result.line("events received: %llu, of which damaged: %llu",
              static_cast<unsigned long long>(found.received),
              static_cast<unsigned long long>(found.rejected));
  result.line("sum of names %016llx, of values %lld",
              static_cast<unsigned long long>(found.idSum),
              static_cast<long long>(found.valueSum));
  result.check("every event arrived",
               found.received == expected.received && found.missing == 0);
  result.check("no event arrived twice", found.duplicated == 0);
  result.check("sum and xor of their names",
               found.idSum == expected.idSum && found.idXor == expected.idXor);
  result.check("every stage handled every event",
               found.handled == expected.handled);
  result.check("every pair of actors kept its order", found.outOfOrder == 0);
  result.check("damaged events were found",
               found.rejected == expected.rejected);
  result.check("every key has its count and sum",
               found.keys == expected.keys &&
                   found.valueSum == expected.valueSum);
  result.check("every event had a rank of its own",
               found.rankSum == expected.rankSum);
}

//===- Command line ---------------------------------------------------------//

Settings readCommandLine(example::CommandLine &command, int count,
                         char **arguments) {
  Settings settings;
  command.number("groups", settings.groups, 1, 100'000,
                 "groups of eight chains");
  command.number("events", settings.events, 1, 1'000'000'000,
                 "events of each chain in a run");
  command.number("window", settings.window, 1, MaxWindow,
                 "events of a chain that may be under way");
  command.number("batch", settings.batch, 1, MaxWindow,
                 "events to acknowledge at a time, at least");
  example::addFeedOptions(command, settings, "runs, one after the other",
                          "events");
  command.parse(count, arguments);

  if (settings.perChain() > std::numeric_limits<std::uint32_t>::max())
    command.refuse("--events times --runs must be less than 2^32");
  const bool host = settings.fromHost();
  const std::uint64_t least =
      host ? ChunkFrames + settings.batch - 1 : settings.batch;
  if (settings.window < least)
    command.refuse("--window must be at least " + std::to_string(least) +
                   " with this --batch and --feed, or sources wait forever");
  return settings;
}

int run(int count, char **arguments) {
  example::CommandLine command(
      "stream", "Events pass four stages of actors; each is accounted for.");
  const Settings settings = readCommandLine(command, count, arguments);
  rk::SystemOptions options;
  options.backend = command.backend;
  options.workers = std::uint32_t(settings.workers);
  options.maxActors = 5 * settings.chains();
  rk::System system(options);
  const Stream all = build(system, settings);

  std::vector<double> rates;
  double seconds = 0;
  for (std::uint64_t i = 0; i < settings.runs; ++i) {
    const double time = streamOnce(system, all, settings, i);
    rates.push_back(double(settings.events) * settings.chains() / time / 1e6);
    seconds += time;
  }
  const Found found = collect(system, all, settings);

  example::Result result;
  report(result, settings, found, replay(settings));
  result.check("no dead letters", system.counters().deadLetters.total() == 0);
  const int code = result.finish(command);
  example::printSpeed(system, seconds, double(found.received), "events");
  if (settings.json && code == 0) {
    const bool host = settings.fromHost();
    example::printRow(std::string("stream-4-stages-") +
                          (host ? "host" : "device"),
                      "M events/s", rates,
                      "each event once, in order, every key's count and sum",
                      "\"chains\": " + std::to_string(settings.chains()) +
                          ", \"window\": " + std::to_string(settings.window) +
                          ", \"batch\": " + std::to_string(settings.batch));
  }
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("stream", [&] { return run(count, arguments); });
}
