// pipeline: lines of text pass four stages on the device; the sink checks that
// they arrive complete and in order, and the host that every value is right.
#include "../common/Example.h"
#include "actors.h"

#include <array>

namespace {

/// What one sink must have seen, worked out without text and without messages.
SinkReport expectedReport(std::uint32_t pipeline, std::uint32_t lines) {
  SinkReport report{lines, 0, 0, 0};
  std::array<std::int64_t, Sensors> smoothed{};
  for (std::uint32_t i = 0; i < lines; ++i) {
    const std::uint32_t raw = rawReading(pipeline, i);
    const std::uint32_t sensor = raw % Sensors;
    const std::int64_t target = std::int64_t(readingOf(raw)) * 65536;
    smoothed[sensor] += (target - smoothed[sensor]) / 4;
    report.checksum ^= std::uint64_t(smoothed[sensor]);
    report.checksum ^= std::uint64_t(sensor) << 56;
    report.checksum *= 0x100000001b3;
  }
  return report;
}

struct Pipeline {
  rk::ActorRef<Source> source;
  rk::ActorRef<Sink> sink;
};

Pipeline build(rk::System &system, std::uint32_t number, std::uint32_t lines) {
  const auto source = system.spawn<Source>(number, lines);
  const auto sink = system.spawn<Sink>(source);
  const auto transformer = system.spawn<Transformer>(sink);
  const auto parser = system.spawn<Parser>(transformer);
  example::require(system.send(source, Connect{parser}));
  return {source, sink};
}

int run(int count, char **arguments) {
  std::uint64_t pipelines = 64, lines = 10000;
  example::CommandLine command(
      "pipeline", "Lines of text pass four stages of actors on the device.");
  command.number("pipelines", pipelines, 1, 100000, "pipelines side by side");
  command.number("lines", lines, 0, 1'000'000'000, "lines in each");
  command.parse(count, arguments);

  rk::SystemOptions options;
  options.backend = command.backend;
  rk::System system(options);
  std::vector<Pipeline> all;
  for (std::uint32_t i = 0; i < pipelines; ++i)
    all.push_back(build(system, i, std::uint32_t(lines)));
  example::require(system.waitIdle());

  const example::StopWatch watch;
  for (const Pipeline &pipeline : all)
    example::require(system.send(pipeline.source, Begin{}));
  example::require(system.waitIdle());
  const double seconds = watch.seconds();

  SinkReport total{};
  std::uint64_t wrong = 0;
  for (std::uint32_t i = 0; i < pipelines; ++i) {
    const SinkReport found = system.ask(all[i].sink, SinkQuery{}).get();
    const SinkReport expected = expectedReport(i, std::uint32_t(lines));
    wrong += found.checksum != expected.checksum;
    total.received += found.received;
    total.outOfOrder += found.outOfOrder;
    total.malformed += found.malformed;
    total.checksum = total.checksum * 31 + found.checksum;
  }

  example::Result result;
  result.line("pipeline: %llu pipelines, %llu lines each",
              static_cast<unsigned long long>(pipelines),
              static_cast<unsigned long long>(lines));
  result.line("lines received: %llu, checksum %016llx",
              static_cast<unsigned long long>(total.received),
              static_cast<unsigned long long>(total.checksum));
  result.check("every line arrived", total.received == pipelines * lines);
  result.check("every line was in order", total.outOfOrder == 0);
  result.check("every line was understood", total.malformed == 0);
  result.check("every sink has the expected checksum", wrong == 0);
  result.check("no dead letters", system.counters().deadLetters.total() == 0);
  const int code = result.finish(command);
  example::printSpeed(system, seconds, double(total.received), "lines");
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("pipeline", [&] { return run(count, arguments); });
}
