// noise-canceller: noise runs along a duct. An actor hears it at a microphone,
// and has a loudspeaker farther on give the opposite when it arrives there.
#include "../common/Example.h"
#include "actors.h"

#include <rk/stencil_link.h>

#include <cmath>
#include <vector>

namespace {

using Grid = rk::Stencil<Duct>;

constexpr std::int64_t Microphone = 100, Behind = 300, Cells = 600;
constexpr std::int64_t Loudspeaker = Microphone + Canceller::Distance;

/// Two hums and a rumble, one value for each step.
std::vector<double> makeNoise(std::uint64_t steps) {
  std::vector<double> noise;
  std::uint64_t state = 1;
  double rumble = 0;
  for (std::uint64_t step = 0; step < steps; ++step) {
    state = state * 6364136223846793005 + 1442695040888963407;
    rumble = 0.9 * rumble + 0.1 * (double(state >> 40) / double(1 << 23) - 1);
    noise.push_back(0.5 * std::sin(0.11 * double(step)) +
                    0.3 * std::sin(0.047 * double(step)) + rumble);
  }
  return noise;
}

Grid makeDuct(const rk::StencilOptions &common,
              const std::vector<double> &noise) {
  rk::StencilOptions options = common;
  options.faces[1] = {rk::Boundary::Absorbing, 0, 150};
  Grid duct = Grid::create({}, {Cells, 1, 1}, options).value();
  example::require(duct.drive(&Duct::pressure, {0, 0, 0}, noise));
  return duct;
}

/// The root of the mean square of what is heard behind the loudspeaker.
double loudness(Grid &duct, std::size_t probe) {
  const std::vector<double> heard = duct.series(&Duct::pressure, probe);
  double sum = 0;
  for (const double pressure : heard)
    sum += pressure * pressure;
  return std::sqrt(sum / double(heard.size()));
}

int simulate(int count, char **arguments) {
  std::uint64_t steps = 4000, every = 16;
  example::CommandLine command(
      "noise-canceller", "An actor silences the noise in a duct, a stencil.");
  command.number("steps", steps, 500, 10000000, "time steps");
  command.number("every", every, 1, 64, "steps between two exchanges");
  command.parse(count, arguments);
  rk::StencilOptions options;
  options.backend = command.backend;
  const std::vector<double> noise = makeNoise(steps);

  Grid loud = makeDuct(options, noise);
  const auto loudProbe = loud.probe(&Duct::pressure, {Behind, 0, 0}).value();
  example::require(loud.run(std::int64_t(steps)));

  // The stencil is made first: its code is loaded before the system runs. On a
  // GPU the system leaves it some multiprocessors.
  Grid quiet = makeDuct(options, noise);
  const auto quietProbe = quiet.probe(&Duct::pressure, {Behind, 0, 0}).value();
  rk::SystemOptions systemOptions;
  systemOptions.backend = command.backend;
  systemOptions.maxActors = 64;
  systemOptions.freeMultiprocessors = 8;
  rk::System system(systemOptions);
  auto link = rk::StencilLink<Duct>::create(quiet, system,
                                            {.every = std::int64_t(every)})
                  .value();
  const auto canceller = system.spawn<Canceller>(link.port());
  example::require(link.source(&Duct::pressure, {Loudspeaker, 0, 0}).status());
  example::require(
      link.probe(&Duct::pressure, {Microphone, 0, 0}, 1, canceller,
                 [](std::int64_t step, std::span<const double> pressure) {
                   return Heard{step, pressure[0]};
                 }));
  const example::StopWatch watch;
  example::require(quiet.run(std::int64_t(steps)));
  const double seconds = watch.seconds();

  const double before = loudness(loud, loudProbe);
  const double after = loudness(quiet, quietProbe);
  const rk::LinkCounters counters = link.counters();
  const Count heard = system.ask(canceller, HowMany{}).get();
  const std::uint64_t exchanged = steps / every * every;
  example::Result result;
  result.line("%llu steps, an exchange every %llu",
              static_cast<unsigned long long>(steps),
              static_cast<unsigned long long>(every));
  result.line("behind the loudspeaker, without the canceller: %.4f", before);
  result.line("with it: %.4f", after);
  result.check("it takes all but a millionth of the noise",
               after < 1e-6 * before);
  result.check("the actor heard each step up to the last exchange",
               heard.heard == std::int64_t(exchanged));
  result.check("each step was answered in time",
               counters.injections == exchanged && counters.late == 0);
  const int code = result.finish(command);
  example::printSpeed(system, seconds, double(steps), "steps");
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("noise-canceller",
                          [&] { return simulate(count, arguments); });
}
