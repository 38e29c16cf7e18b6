//===- Wav.cpp - Sound files ----------------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Wav.h"

#include "Failure.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace example {

namespace {

constexpr std::uint32_t WholeNumbers = 1, Floats = 3, Extensible = 0xfffe;

/// A part of the file; numbers are little-endian.
class Part {
public:
  Part(std::string_view bytes, const std::string &name)
      : bytes_(bytes), name_(name) {}

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::string_view bytes(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at)
      throw Failure("'" + name_ + "' ends in the middle of its header");
    return bytes_.substr(at, size);
  }
  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t size) const {
    std::uint32_t value = 0;
    for (const char byte : bytes(at, size))
      value = value >> 8 | std::uint32_t(static_cast<unsigned char>(byte))
                               << 24;
    return value >> 8 * (4 - size);
  }

private:
  std::string_view bytes_;
  const std::string &name_;
};

struct Format {
  std::uint32_t code = 0, channels = 0, rate = 0, bits = 0;
};

Format readFormat(const Part &part, const std::string &name) {
  Format format{part.number(0, 2), part.number(2, 2), part.number(4, 4),
                part.number(14, 2)};
  if (format.code == Extensible)
    format.code = part.number(24, 2);
  const bool isTaken = (format.code == WholeNumbers && format.bits % 8 == 0 &&
                        format.bits >= 8 && format.bits <= 32) ||
                       (format.code == Floats && format.bits == 32);
  if (!isTaken)
    throw Failure("'" + name + "' holds samples of format " +
                  std::to_string(format.code) + " with " +
                  std::to_string(format.bits) +
                  " bits; convert it to 16-bit PCM");
  if (format.channels == 0 || format.rate == 0)
    throw Failure("'" + name + "' says that it has " +
                  std::to_string(format.channels) + " channels and " +
                  std::to_string(format.rate) + " samples a second");
  return format;
}

float sampleAt(const Part &data, std::size_t at, const Format &format) {
  const std::uint32_t bits = data.number(at, format.bits / 8);
  if (format.code == Floats) {
    const float value = std::bit_cast<float>(bits);
    return std::isfinite(value) ? value : 0.0f;
  }
  if (format.bits == 8) // the only ones without a sign
    return (float(bits) - 128) / 128;
  return float(double(std::int32_t(bits << (32 - format.bits))) / 2147483648.0);
}

Sound readSamples(const Part &data, const Format &format,
                  const std::string &name) {
  const std::size_t bytes = format.bits / 8;
  const std::size_t count = data.size() / bytes / format.channels;
  if (count == 0)
    throw Failure("'" + name + "' holds no samples");
  Sound sound{format.rate,
              std::vector(format.channels, std::vector<float>(count))};
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t channel = 0; channel < format.channels; ++channel)
      sound.channels[channel][i] =
          sampleAt(data, (i * format.channels + channel) * bytes, format);
  return sound;
}

std::string bytesOf(std::uint32_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i)
    bytes += char(value >> 8 * i);
  return bytes;
}

} // namespace

Sound decodeWav(std::string_view bytes, const std::string &name) {
  if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" ||
      bytes.substr(8, 4) != "WAVE")
    throw Failure("'" + name + "' is no WAV file");
  const Part file(bytes, name);
  Format format;
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const std::string_view kind = file.bytes(at, 4);
    const std::size_t size = file.number(at + 4, 4);
    // A program that was ended may have left the size open.
    const std::string_view body = bytes.substr(at + 8, size);
    if (kind == "fmt ")
      format = readFormat(Part(body, name), name);
    if (kind == "data") {
      if (format.code == 0)
        throw Failure("'" + name + "' has samples before their format");
      return readSamples(Part(body, name), format, name);
    }
    at += 8 + size + size % 2;
  }
  throw Failure("'" + name + "' holds no samples");
}

Sound readWav(const std::string &path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  for (char block[65536]; file.read(block, sizeof(block)) || file.gcount() > 0;)
    bytes.append(block, std::size_t(file.gcount()));
  if (!file.is_open() || file.bad())
    throw Failure("cannot read '" + path + "': " + std::strerror(errno));
  return decodeWav(bytes, path);
}

std::string encodeWav(const Sound &sound) {
  const auto channels = std::uint32_t(sound.channels.size());
  std::string data;
  for (std::size_t i = 0; channels > 0 && i < sound.channels[0].size(); ++i)
    for (const std::vector<float> &channel : sound.channels) {
      const float value = std::clamp(channel[i], -1.0f, 1.0f);
      data += bytesOf(std::uint32_t(std::lround(value * 32767)), 2);
    }
  const std::string format = bytesOf(WholeNumbers, 2) + bytesOf(channels, 2) +
                             bytesOf(sound.rate, 4) +
                             bytesOf(sound.rate * channels * 2, 4) +
                             bytesOf(channels * 2, 2) + bytesOf(16, 2);
  const std::string body =
      "WAVEfmt " + bytesOf(std::uint32_t(format.size()), 4) + format + "data" +
      bytesOf(std::uint32_t(data.size()), 4) + data;
  return "RIFF" + bytesOf(std::uint32_t(body.size()), 4) + body;
}

void writeWav(const std::string &path, const Sound &sound) {
  writeFile(path, encodeWav(sound));
}

std::vector<float> resampled(const std::vector<float> &samples, double fromRate,
                             double toRate) {
  if (fromRate == toRate)
    return samples;
  constexpr int Lobes = 16; // of the sinc, to each side
  const double band = std::min(1.0, toRate / fromRate);
  const double reach = Lobes / band;
  std::vector<float> result(
      std::size_t(std::ceil(double(samples.size()) * toRate / fromRate)));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double centre = double(i) * fromRate / toRate;
    const auto first = std::int64_t(std::max(0.0, std::ceil(centre - reach)));
    const auto last = std::min(std::int64_t(samples.size()) - 1,
                               std::int64_t(std::floor(centre + reach)));
    double sum = 0;
    for (std::int64_t k = first; k <= last; ++k) {
      const double phase = std::numbers::pi * band * (centre - double(k));
      const double sinc = phase == 0 ? 1 : std::sin(phase) / phase;
      const double window = std::cos(phase / (2 * Lobes));
      sum += double(samples[std::size_t(k)]) * sinc * window * window * band;
    }
    result[i] = float(sum);
  }
  return result;
}

} // namespace example
