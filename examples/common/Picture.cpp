//===- Picture.cpp - Pictures of 256 colours ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Picture.h"

#include "Failure.h"

#include <zlib.h>

#include <cmath>

namespace example {

//===----------------------------------------------------------------------===//
// Colours
//===----------------------------------------------------------------------===//

namespace {

/// Colours between given ones, evenly spaced.
Palette between(std::span<const Colour> given) {
  Palette palette;
  for (std::size_t i = 0; i < palette.size(); ++i) {
    const double place =
        double(i) / double(palette.size() - 1) * double(given.size() - 1);
    const auto left = std::min(std::size_t(place), given.size() - 2);
    const double share = place - double(left);
    for (std::size_t part = 0; part < 3; ++part)
      palette[i][part] = static_cast<unsigned char>(std::lround(
          given[left][part] * (1 - share) + given[left + 1][part] * share));
  }
  return palette;
}

} // namespace

Palette divergingPalette() {
  constexpr Colour Given[] = {{8, 48, 107},    {33, 113, 181},  {158, 202, 225},
                              {255, 255, 255}, {252, 174, 145}, {203, 24, 29},
                              {103, 0, 13}};
  return between(Given);
}

Palette sequentialPalette() {
  constexpr Colour Given[] = {{7, 6, 36},     {66, 16, 104},  {136, 34, 106},
                              {202, 64, 75},  {242, 121, 36}, {248, 190, 56},
                              {252, 255, 190}};
  return between(Given);
}

Palette binaryPalette() {
  Palette palette;
  palette.fill({32, 64, 96});
  palette[0] = {255, 255, 255};
  return palette;
}

Picture Picture::enlarged(std::uint32_t factor) const {
  Picture large{width * factor, height * factor, {}};
  large.pixels.resize(pixels.size() * factor * factor);
  for (std::size_t y = 0; y < large.height; ++y)
    for (std::size_t x = 0; x < large.width; ++x)
      large.pixels[y * large.width + x] =
          pixels[y / factor * width + x / factor];
  return large;
}

//===----------------------------------------------------------------------===//
// The format
//===----------------------------------------------------------------------===//

namespace {

std::string number(std::uint32_t value) {
  return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

std::string chunk(const std::string &type, const std::string &data) {
  const std::string body = type + data;
  const auto check =
      crc32(0, reinterpret_cast<const Bytef *>(body.data()), uInt(body.size()));
  return number(std::uint32_t(data.size())) + body +
         number(std::uint32_t(check));
}

enum Filter : char { None = 0, Left = 1, Above = 2 };

/// The rows, each after its filter: pixels, or differences from those to the
/// left or above.
std::string filtered(const Picture &picture, Filter filter) {
  std::string raw;
  raw.reserve(picture.pixels.size() + picture.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    raw += filter;
    const std::size_t row = y * picture.width;
    for (std::size_t x = 0; x < picture.width; ++x) {
      std::uint8_t guess = 0;
      if (filter == Left && x > 0)
        guess = picture.pixels[row + x - 1];
      else if (filter == Above && y > 0)
        guess = picture.pixels[row + x - picture.width];
      raw += char(picture.pixels[row + x] - guess);
    }
  }
  return raw;
}

std::string deflated(const std::string &raw) {
  uLongf size = compressBound(uLong(raw.size()));
  std::string bytes(size, '\0');
  if (compress2(reinterpret_cast<Bytef *>(bytes.data()), &size,
                reinterpret_cast<const Bytef *>(raw.data()), uLong(raw.size()),
                Z_DEFAULT_COMPRESSION) != Z_OK)
    throw Failure("zlib cannot compress a picture: not enough memory");
  bytes.resize(size);
  return bytes;
}

/// The pixels, by the filter that makes them smallest.
std::string packed(const Picture &picture) {
  if (picture.pixels.empty())
    throw Failure("a picture without pixels cannot be written");
  std::string best;
  for (const Filter filter : {None, Left, Above})
    if (std::string bytes = deflated(filtered(picture, filter));
        best.empty() || bytes.size() < best.size())
      best = std::move(bytes);
  return best;
}

/// What comes before the pixels.
std::string head(const Picture &picture, const Palette *palette) {
  constexpr char Grey = 0, Indexed = 3;
  const char kind[] = {8, palette ? Indexed : Grey, 0, 0, 0};
  std::string bytes =
      "\x89PNG\r\n\x1a\n" +
      chunk("IHDR", number(picture.width) + number(picture.height) +
                        std::string(kind, sizeof(kind)));
  if (!palette)
    return bytes;
  std::string colours;
  for (const Colour &colour : *palette)
    colours.append(colour.begin(), colour.end());
  return bytes + chunk("PLTE", colours);
}

} // namespace

std::string encodePng(const Picture &picture, const Palette *palette) {
  return head(picture, palette) + chunk("IDAT", packed(picture)) +
         chunk("IEND", "");
}

std::string encodeAnimation(std::span<const Picture> pictures,
                            const Palette &palette, unsigned milliseconds) {
  std::string bytes =
      head(pictures[0], &palette) +
      chunk("acTL", number(std::uint32_t(pictures.size())) + number(0));
  std::uint32_t sequence = 0;
  for (const Picture &picture : pictures) {
    const bool isFirst = &picture == pictures.data();
    const std::string delay = {char(milliseconds >> 8), char(milliseconds),
                               char(1000 >> 8), char(1000 & 255)};
    bytes += chunk("fcTL", number(sequence++) + number(picture.width) +
                               number(picture.height) + number(0) + number(0) +
                               delay + std::string(2, '\0'));
    bytes += isFirst ? chunk("IDAT", packed(picture))
                     : chunk("fdAT", number(sequence++) + packed(picture));
  }
  return bytes + chunk("IEND", "");
}

} // namespace example
