// A stream in four stages, each with many instances:
//
//   Source --Raw--> Validator --Event--> Enricher --Enriched--> Aggregator
//          --Aggregated--> Sink --Ack--> Source
//
// Source, validator, enricher and sink number i make up chain i. Eight chains
// are a group, in which events are exchanged by key: an enricher sends to the
// aggregator that owns the key, an aggregator to the sink of the event's chain.
//
// A source is at most `window` events ahead of what has arrived without a gap.
// Its sink acknowledges that, several events at a time, so whatever the stages
// do, no inbox grows without bound.
#pragma once

#include <rk/actor.h>

#include <array>

constexpr std::uint32_t ChainsPerGroup = 8;
constexpr std::uint32_t KeysPerAggregator = 8;
constexpr std::uint32_t KeysPerGroup = ChainsPerGroup * KeysPerAggregator;
/// A sink tells events apart within this many sequence numbers.
constexpr std::uint32_t MaxWindow = 256;
/// Frames that one message of the host brings.
constexpr std::uint32_t ChunkFrames = 32;

class Source;
class Validator;
class Enricher;
class Aggregator;
class Sink;

//===- What is streamed -----------------------------------------------------//

/// Names one event of a run: the chain, and the number within it.
struct EventId {
  std::uint32_t chain, sequence;

  constexpr std::uint64_t bits() const {
    return std::uint64_t(chain) << 32 | sequence;
  }
};

constexpr std::uint64_t mix(std::uint64_t value) { // splitmix64
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

/// What an event says, made up from its name alone.
struct Fields {
  std::uint32_t key, currency;
  std::int32_t amount;
  bool damaged; ///< one frame in 64 has a wrong check sum

  static constexpr Fields make(std::uint64_t seed, EventId id) {
    const std::uint64_t random = mix(mix(seed) ^ id.bits());
    return {std::uint32_t(random) % KeysPerGroup,
            std::uint32_t(random >> 6) % 16,
            std::int32_t(std::uint32_t(random >> 32) % 2'000'001) - 1'000'000,
            (random >> 16) % 64 == 0};
  }
};

/// An event as it comes from outside.
struct Frame {
  std::array<std::uint32_t, 4> words;

  static constexpr std::uint32_t Magic = 0x5afe;

  static constexpr Frame make(std::uint64_t seed, EventId id) {
    const Fields fields = Fields::make(seed, id);
    Frame frame{{Magic << 16 | fields.currency << 8 | fields.key,
                 std::uint32_t(fields.amount), std::uint32_t(seed), 0}};
    frame.words[3] = frame.checkSum(id) ^ std::uint32_t(fields.damaged);
    return frame;
  }
  /// Covers the event's name, so that a frame of another event is found too.
  constexpr std::uint32_t checkSum(EventId id) const {
    std::uint32_t sum = 0x811c9dc5;
    for (std::uint32_t word :
         {id.chain, id.sequence, words[0], words[1], words[2]})
      sum = (sum ^ word) * 0x01000193;
    return sum;
  }
  constexpr bool isGood(EventId id) const {
    return words[0] >> 16 == Magic && words[3] == checkSum(id);
  }
};

/// Units of 1/1024, by currency.
constexpr std::array<std::uint32_t, 16> Rates = {
    1024, 1107, 1291, 7,   1140, 699, 760, 142,
    96,   88,   620,  247, 55,   201, 12,  3072};

constexpr std::int64_t valueOf(std::int32_t amount, std::uint32_t currency) {
  return std::int64_t(amount) * Rates[currency % Rates.size()];
}

//===- Messages -------------------------------------------------------------//

struct Raw {
  EventId id;
  Frame frame;
};
struct Event {
  EventId id;
  std::uint32_t key, currency;
  std::int32_t amount;
  bool good;
};
struct Enriched {
  EventId id;
  std::int64_t value;
  std::uint32_t key;
  bool good;
};
struct Aggregated {
  EventId id;
  std::int64_t value;
  std::uint64_t rank; ///< among the events of its key, from 1; 0 if not good
  std::uint32_t aggregator;
};
/// The first `count` events that were not acknowledged yet have all arrived.
struct Ack {
  std::uint32_t count;
};

/// Make that many more events on the device.
struct Produce {
  std::uint32_t count;
};
/// Events from the host, `first` being the sequence number of the first.
/// Answered once there is room for another chunk.
struct Chunk {
  std::uint32_t first, count;
  std::array<Frame, ChunkFrames> frames;
};
/// Marked, since it is no handler's reply: it is sent with `reply`.
struct [[rk::message]] Room {};
struct Connect {
  rk::ActorRef<Source> source;
};

struct StageQuery {};
struct StageReport {
  std::uint64_t handled, outOfOrder;
};
struct KeyTotal {
  std::uint64_t count;
  std::int64_t sum;
  bool operator==(const KeyTotal &) const = default;
};
struct TotalsQuery {};
struct Totals {
  StageReport stage;
  std::array<KeyTotal, KeysPerAggregator> keys;
};
struct SinkQuery {};
struct SinkReport {
  std::uint64_t received, duplicated, outOfOrder, rejected;
  std::uint64_t firstMissing; ///< every earlier sequence number has arrived
  std::uint64_t idSum, idXor, rankSum;
  std::int64_t valueSum;
};

//===- Stages ---------------------------------------------------------------//

class [[rk::actor]] Source {
public:
  Source(rk::ActorRef<Validator> validator, std::uint32_t chain,
         std::uint32_t window, std::uint64_t seed)
      : validator_(validator), seed_(seed), chain_(chain), window_(window) {}

  [[rk::handler]] void on(Produce produce, rk::Context &context);
  [[rk::handler]] void on(Ack ack, rk::Context &context);
  [[rk::handler]] void on(const Chunk &chunk, rk::Context &context);

private:
  void emit(rk::Context &context);
  void answerIfRoom(rk::Context &context);

  rk::ActorRef<Validator> validator_;
  rk::ReplyTo<Room> asker_;
  std::uint64_t seed_;
  std::uint32_t chain_, window_;
  std::uint32_t next_ = 0, end_ = 0, inFlight_ = 0;
};

/// Reads frames; one that is damaged goes on, marked as not good.
class [[rk::actor]] Validator {
public:
  explicit Validator(rk::ActorRef<Enricher> enricher) : enricher_(enricher) {}

  [[rk::handler]] void on(Raw raw, rk::Context &context);
  [[rk::handler]] StageReport on(StageQuery) { return report_; }

private:
  rk::ActorRef<Enricher> enricher_;
  StageReport report_{};
};

using AggregatorTable = std::array<rk::ActorRef<Aggregator>, ChainsPerGroup>;

/// Converts amounts to one currency and sends them to the owner of the key.
class [[rk::actor]] Enricher {
public:
  explicit Enricher(const AggregatorTable &aggregators)
      : aggregators_(aggregators) {}

  [[rk::handler]] void on(Event event, rk::Context &context);
  [[rk::handler]] StageReport on(StageQuery) { return report_; }

private:
  AggregatorTable aggregators_;
  StageReport report_{};
};

using SinkTable = std::array<rk::ActorRef<Sink>, ChainsPerGroup>;

/// Owns eight keys of its group: counts their events and adds them up.
class [[rk::actor]] Aggregator {
public:
  Aggregator(const SinkTable &sinks, std::uint32_t number)
      : sinks_(sinks), number_(number) {}

  [[rk::handler]] void on(Enriched event, rk::Context &context);
  [[rk::handler]] Totals on(TotalsQuery) { return totals_; }

private:
  SinkTable sinks_;
  std::uint32_t number_; ///< within its group
  /// By enricher: one more than the last sequence number.
  std::array<std::uint32_t, ChainsPerGroup> next_{};
  Totals totals_{};
};

/// Finds out whether every event of its chain arrives, and arrives once.
class [[rk::actor]] Sink {
public:
  explicit Sink(std::uint32_t batch) : batch_(batch) {}

  [[rk::handler]] void on(Connect connect) { source_ = connect.source; }
  [[rk::handler]] void on(Aggregated event, rk::Context &context);
  [[rk::handler]] SinkReport on(SinkQuery) { return report_; }

private:
  void note(std::uint32_t sequence);

  rk::ActorRef<Source> source_;
  std::uint32_t batch_; ///< least number of events to acknowledge at a time
  std::uint32_t acked_ = 0;
  /// By aggregator: one more than the last sequence number.
  std::array<std::uint32_t, ChainsPerGroup> next_{};
  /// A bit for each sequence number from the first that is missing.
  std::array<std::uint64_t, MaxWindow / 64> seen_{};
  SinkReport report_{};
};
