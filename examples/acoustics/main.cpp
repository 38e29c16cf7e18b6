// acoustics: a sound, or the file of one, as it is heard in a room; how much
// faster than real time that is computed; and checks against mirror images.
#include "../common/Wav.h"
#include "hall.h"

#include <cmath>

namespace {

using acoustics::Hall;
using acoustics::Position;

/// A click: the second derivative of a Gaussian hill, 1 in its middle. It
/// leaves neither pressure nor motion behind.
std::vector<float> click(double width) {
  std::vector<float> signal;
  for (int step = 0; step <= int(8 * width); ++step) {
    const double from = (step - 4 * width) / width;
    signal.push_back(float((1 - from * from) * std::exp(-from * from / 2)));
  }
  return signal;
}

example::Film noFilm() {
  example::Options none("acoustics", "");
  return example::Film(none, 1);
}

/// In a box of hard walls the microphone hears what mirrors would show.
void checkMirrors(const rk::StencilOptions &options, example::Result &result) {
  Hall box({2.6, 2.1, 1.7}, {1, 1, 1, 1, 1, 1}, {20, 0}, 12000);
  const rk::GridPoint source = box.cellAt({0.7, 0.6, 0.5}, "the source");
  const rk::GridPoint microphone =
      box.cellAt({1.9, 1.5, 1.1}, "the microphone");
  constexpr std::int64_t Steps = 300;
  const std::vector<float> signal = click(8);
  example::Film film = noFilm();
  const auto heard =
      box.play(signal, source, {microphone}, Steps, options, film)[0];
  const auto expected =
      acoustics::heardByMirrors(box, signal, source, microphone, Steps);
  double error = 0, all = 0;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    error += std::pow(double(heard[i]) - expected[i], 2);
    all += std::pow(expected[i], 2);
  }
  result.line("hard walls: %.1f %% from what mirror images give",
              100 * std::sqrt(error / all));
  result.check("the box sounds as its geometry says", error < 0.01 * all);
}

/// The click comes straight, and then from the floor, at the right times, and
/// upside down if the floor is soft.
void checkFloor(double reflection, const rk::StencilOptions &options,
                example::Result &result) {
  constexpr double Width = 5;
  Hall room({7, 7, 4}, {0, 0, 0, 0, reflection, 0}, {20, 0}, 8000);
  const rk::GridPoint source = room.cellAt({3.5, 3.5, 1.1}, "the source");
  const rk::GridPoint microphone =
      room.cellAt({3.5, 3.5, 3.3}, "the microphone");
  example::Film film = noFilm();
  const auto heard =
      room.play(click(Width), source, {microphone}, 150, options, film)[0];

  const double low = room.middleOf(source).z;
  const double high = room.middleOf(microphone).z;
  const auto expected = [&](double metres) {
    return 4 * Width + metres * room.rate() / room.air().speedOfSound();
  };
  const auto strongest = [&](double around) {
    const auto begin = heard.begin() + std::int64_t(around - 2 * Width);
    return std::max_element(begin, begin + std::int64_t(4 * Width),
                            [](float left, float right) {
                              return std::abs(left) < std::abs(right);
                            });
  };
  const auto straight = strongest(expected(high - low));
  const auto echo = strongest(expected(high + low));
  const double ratio =
      double(*echo) / double(*straight) * (high + low) / (high - low);
  result.line("a floor of reflection %4.1f: straight after %d steps (%.1f), "
              "from the floor after %d (%.1f), as by %.2f",
              reflection, int(straight - heard.begin()), expected(high - low),
              int(echo - heard.begin()), expected(high + low), ratio);
  result.check(
      "times and sign of the echo",
      std::abs(double(straight - heard.begin()) - expected(high - low)) < 1.5 &&
          std::abs(double(echo - heard.begin()) - expected(high + low)) < 1.5 &&
          std::abs(ratio - reflection) < 0.15);
}

struct Settings {
  std::string input, output, size = "4,3,2.5", source = "1,1,1.2",
                             microphones = "3,2,1.6:3,2.2,1.6";
  double rate = 8000, reflection = 0.9, floor = 0.6, tail = 0.4;
  acoustics::Air air;

  void addTo(example::Options &options) {
    options.text("--in", input, "a WAV file to play, in place of a click");
    options.text("--out", output, "write what is heard to this WAV file");
    options.text("--size", size, "the room, in metres (4,3,2.5)");
    options.text("--source", source, "where it is played (1,1,1.2)");
    options.text("--microphones", microphones,
                 "where it is heard, a channel each (3,2,1.6:3,2.2,1.6)");
    options.number("--rate", rate, 1000.0, 96000.0,
                   "steps a second; sound above an eighth of it is removed");
    options.number("--reflection", reflection, -0.99, 1.0,
                   "what walls and ceiling give back");
    options.number("--floor", floor, -0.99, 1.0, "what the floor gives back");
    options.number("--tail", tail, 0.0, 60.0,
                   "seconds to listen after the sound");
    options.number("--temperature", air.temperature, -50.0, 60.0,
                   "of the air, in degrees Celsius");
    options.number("--humidity", air.humidity, 0.0, 100.0, "of the air, in %");
  }

  /// What is played, at the rate of the steps, without what cells are too large
  /// for. Of a file with several channels, their mean.
  [[nodiscard]] std::vector<float> signal(double &outputRate) const {
    outputRate = rate;
    if (input.empty())
      return click(4);
    const example::Sound sound = example::readWav(input);
    outputRate = sound.rate;
    std::vector<float> mono(sound.channels[0].size());
    for (const std::vector<float> &channel : sound.channels)
      for (std::size_t i = 0; i < mono.size(); ++i)
        mono[i] += channel[i] / float(sound.channels.size());
    const double carried = std::min(rate / 4, double(sound.rate));
    return example::resampled(example::resampled(mono, sound.rate, carried),
                              carried, rate);
  }
};

/// Writes what was heard as loud as a file can hold.
void writeHeard(const std::string &path,
                std::vector<std::vector<float>> channels, double rate,
                double outputRate) {
  float loudest = 0;
  for (std::vector<float> &channel : channels) {
    channel = example::resampled(channel, rate, outputRate);
    for (const float value : channel)
      loudest = std::max(loudest, std::abs(value));
  }
  for (std::vector<float> &channel : channels)
    for (float &value : channel)
      value *= loudest > 0 ? 0.9f / loudest : 0;
  example::writeWav(path, {std::uint32_t(outputRate), std::move(channels)});
  std::printf("wrote %s\n", path.c_str());
}

int simulate(int count, char **arguments) {
  Settings settings;
  example::Options options("acoustics", "A sound as it is heard in a room.");
  settings.addTo(options);
  example::Film film(options, 60);
  options.parse(count, arguments);
  film.look = {
      example::divergingPalette(),        -0.3,           0.3,
      "Sound in a room, seen from above", "low pressure", "high pressure",
  };

  double outputRate = 0;
  const std::vector<float> signal = settings.signal(outputRate);
  if (!settings.output.empty())
    example::writeFile(settings.output, ""); // fails now rather than at the end
  const double walls = settings.reflection;
  Hall hall(acoustics::parsePosition(settings.size, "--size"),
            {walls, walls, walls, walls, settings.floor, walls}, settings.air,
            settings.rate);
  const rk::GridPoint source = hall.cellAt(
      acoustics::parsePosition(settings.source, "--source"), "the source");
  std::vector<rk::GridPoint> microphones;
  for (const Position &place :
       acoustics::parsePositions(settings.microphones, "--microphones"))
    microphones.push_back(hall.cellAt(place, "a microphone"));

  example::Result result;
  checkMirrors(options.stencil(), result);
  checkFloor(0.9, options.stencil(), result);
  checkFloor(-0.5, options.stencil(), result);

  const auto steps =
      std::int64_t(signal.size()) + std::int64_t(settings.tail * settings.rate);
  const auto heard =
      hall.play(signal, source, microphones, steps, options.stencil(), film);
  double loudness = 0;
  for (const float value : heard[0])
    loudness += double(value) * double(value);
  result.line("%lld x %lld x %lld cells of %.1f mm, %lld steps, loudness %.4f",
              static_cast<long long>(hall.extent().x),
              static_cast<long long>(hall.extent().y),
              static_cast<long long>(hall.extent().z), 1000 * hall.cellSize(),
              static_cast<long long>(steps),
              std::sqrt(loudness / double(heard[0].size())));
  const int code = result.finish(options.resultFile);
  if (!settings.output.empty())
    writeHeard(settings.output, heard, settings.rate, outputRate);
  film.finish(steps);
  const rk::GridPoint extent = hall.extent();
  const double length = double(steps) / settings.rate;
  std::printf(
      "ran on %s\ntook %.3f s for %.3f s of sound: %.2f times real "
      "time, %.3g cells/s\n",
      hall.place().c_str(), hall.seconds(), length, length / hall.seconds(),
      double(extent.x * extent.y * extent.z) * double(steps) / hall.seconds());
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("acoustics",
                          [&] { return simulate(count, arguments); });
}
