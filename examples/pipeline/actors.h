// Four stages, each an actor: source -> parse -> transform -> sink.
//
// Text leaves the source in order and must reach the sink in order. The sink
// gives the source leave to send more, so that no stage is flooded.
#pragma once

#include <rk/actor.h>

class Source;
class Parser;
class Transformer;
class Sink;

struct Begin {};
struct Line {
  std::uint32_t sequence;
  char text[28]; ///< "<reading>@<sensor>", ends with a zero byte
};
struct Reading {
  std::uint32_t sequence;
  std::int32_t value;
  std::uint32_t sensor;
};
struct Sample {
  std::uint32_t sequence;
  std::uint32_t sensor;
  std::int64_t smoothed; ///< in units of 1/65536
};
struct More {
  std::uint32_t count;
};
struct SinkQuery {};
struct SinkReport {
  std::uint64_t received;
  std::uint64_t outOfOrder;
  std::uint64_t malformed;
  std::uint64_t checksum;
};

constexpr std::uint32_t Sensors = 8;
/// Lines under way in one pipeline, and how many the sink waits for before it
/// asks for more.
constexpr std::uint32_t Window = 64, Batch = 16;

/// What sensor reading number `sequence` of a pipeline is.
constexpr std::uint32_t rawReading(std::uint32_t pipeline,
                                   std::uint32_t sequence) {
  std::uint32_t x = (pipeline + 1) * 0x9e3779b9u ^ sequence * 0x85ebca6bu;
  x ^= x >> 15;
  x *= 0x2c1b3c6du;
  x ^= x >> 12;
  return x;
}
constexpr std::int32_t readingOf(std::uint32_t raw) {
  return std::int32_t(raw >> 3) % 1000000 - 500000;
}

class [[rk::actor]] Sink {
public:
  explicit Sink(rk::ActorRef<Source> source) : source_(source) {}

  [[rk::handler]] void on(Sample sample, rk::Context &context);
  [[rk::handler]] SinkReport on(SinkQuery) { return report_; }

private:
  rk::ActorRef<Source> source_;
  SinkReport report_{};
};

class [[rk::actor]] Transformer {
public:
  explicit Transformer(rk::ActorRef<Sink> sink) : sink_(sink) {}

  /// Smooths each sensor on its own: a quarter of the way to the new value.
  [[rk::handler]] void on(Reading reading, rk::Context &context);

private:
  rk::ActorRef<Sink> sink_;
  std::int64_t smoothed_[Sensors] = {};
};

class [[rk::actor]] Parser {
public:
  explicit Parser(rk::ActorRef<Transformer> next) : next_(next) {}

  [[rk::handler]] void on(const Line &line, rk::Context &context);

private:
  rk::ActorRef<Transformer> next_;
};

struct Connect {
  rk::ActorRef<Parser> parser;
};

class [[rk::actor]] Source {
public:
  Source(std::uint32_t pipeline, std::uint32_t lines)
      : pipeline_(pipeline), lines_(lines) {}

  [[rk::handler]] void on(Connect connect) { parser_ = connect.parser; }
  [[rk::handler]] void on(Begin, rk::Context &context) {
    emit(Window, context);
  }
  [[rk::handler]] void on(More more, rk::Context &context) {
    emit(more.count, context);
  }

private:
  void emit(std::uint32_t count, rk::Context &context);

  rk::ActorRef<Parser> parser_;
  std::uint32_t pipeline_, lines_;
  std::uint32_t next_ = 0;
};
