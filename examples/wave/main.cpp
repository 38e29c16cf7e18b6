// wave: a pulse of sound in a room with absorbing walls and a reflecting floor,
// computed as a stencil; pictures of the middle of the room, if you like.
#include "../common/Example.h"
#include "../common/Png.h"
#include "actors.h"

#include <rk/stencil_run.h>

#include <cmath>

namespace {

using Simulation = rk::Stencil<Wave>;

/// One inside of the room; towards the walls a little less, cell by cell.
std::vector<float> absorbers(std::int64_t n) {
  std::vector<float> damping;
  for (std::int64_t z = 0; z < n; ++z)
    for (std::int64_t y = 0; y < n; ++y)
      for (std::int64_t x = 0; x < n; ++x) {
        const std::int64_t depth =
            std::min({x, n - 1 - x, y, n - 1 - y, n - 1 - z});
        const float missing = depth < 8 ? float(8 - depth) / 8 : 0.0f;
        damping.push_back(1 - 0.25f * missing * missing);
      }
  return damping;
}

/// Red where the pressure is high, blue where it is low.
example::Pixel colourOf(float pressure) {
  const auto strength =
      static_cast<unsigned char>(std::min(255.0f, std::abs(pressure) * 10000));
  const auto rest = static_cast<unsigned char>(255 - strength);
  if (pressure > 0)
    return {255, rest, rest};
  return {rest, rest, 255};
}

bool writeFrame(Simulation &room, std::int64_t n, const std::string &prefix,
                int frame) {
  std::vector<float> values(static_cast<std::size_t>(n * n));
  if (!room.slice(&Wave::pressure, 1, n / 2, values))
    return false;
  std::vector<example::Pixel> pixels;
  for (std::int64_t z = n - 1; z >= 0; --z) // the floor is below
    for (std::int64_t x = 0; x < n; ++x)
      pixels.push_back(colourOf(values[std::size_t(z * n + x)]));
  char number[16];
  std::snprintf(number, sizeof(number), "-%03d.png", frame);
  return example::PngWriter::write(prefix + number, std::uint32_t(n), pixels);
}

int simulate(int count, char **arguments) {
  std::uint64_t size = 64, steps = 240, frames = 24;
  std::string pictures;
  example::CommandLine command("wave", "A pulse of sound in a room.");
  command.number("size", size, 24, 1024, "cells along each axis");
  command.number("steps", steps, 1, 1000000, "time steps");
  command.number("frames", frames, 1, 1000, "pictures, if any are written");
  command.word("PREFIX", pictures, "write pictures to PREFIX-000.png, ...");
  command.parse(count, arguments);

  const auto n = std::int64_t(size);
  rk::StencilOptions options;
  options.backend = command.backend;
  options.faces[4].boundary = rk::Boundary::Reflecting;
  Simulation room = Simulation::create({}, {n, n, n}, options).value();
  std::vector<float> pulse;
  for (int i = 0; i < 32; ++i)
    pulse.push_back(float(i < 16 ? i : 32 - i) / 16);
  const rk::GridPoint source = {n / 2, n / 2, n / 3};
  example::require(room.set(&Wave::damping, absorbers(n)));
  example::require(room.drive(&Wave::pressure, source, pulse));
  const std::size_t ear =
      room.probe(&Wave::pressure, {n / 2, n / 2, n / 3 + 10}).value();

  const example::StopWatch watch;
  double loudest = 0;
  bool written = true;
  for (std::uint64_t frame = 0; frame < frames; ++frame) {
    const std::uint64_t next = steps * (frame + 1) / frames;
    example::require(room.run(std::int64_t(next) - room.step()));
    loudest = std::max(loudest, room.sumOfSquares(&Wave::pressure).value());
    if (!pictures.empty())
      written = writeFrame(room, n, pictures, int(frame)) && written;
  }
  const double seconds = watch.seconds();

  const std::vector<float> heard = room.series(&Wave::pressure, ear);
  std::size_t first = 0;
  while (first < heard.size() && heard[first] == 0)
    ++first;
  example::Result result;
  result.line("wave: %llu cells along each axis, %llu steps",
              static_cast<unsigned long long>(size),
              static_cast<unsigned long long>(steps));
  result.line("heard ten cells away after step %zu", first + 1);
  result.check("the walls absorb the pulse",
               room.sumOfSquares(&Wave::pressure).value() < loudest);
  result.check("every picture was written", written);
  const int code = result.finish(command);
  std::printf("ran on %s, plan %s\ntook %.3f s, %.3g cells/s\n",
              std::string(room.device()).c_str(),
              std::string(room.plan()).c_str(), seconds,
              double(room.cells()) * double(steps) / seconds);
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("wave", [&] { return simulate(count, arguments); });
}
