//===- Picture.h - Pictures of 256 colours ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Pictures, and films of them, in the format PNG (ISO/IEC 15948, third
/// edition, which has the animations), compressed by zlib.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace example {

/// Red, green and blue of each value of a pixel.
using Colour = std::array<unsigned char, 3>;
using Palette = std::array<Colour, 256>;

constexpr Colour WallColour = {70, 70, 70};

/// White in the middle, red above and blue below.
Palette divergingPalette();
/// Dark blue over violet and orange to light yellow.
Palette sequentialPalette();
/// White for 0, dark for all others.
Palette binaryPalette();

/// One picture, row by row from the top; each pixel is a place in a palette.
struct Picture {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;

  /// The same picture with each pixel `factor` times as wide and high.
  [[nodiscard]] Picture enlarged(std::uint32_t factor) const;
};

/// Values as pixels: `low` becomes 0, `high` 255, and what is beyond or is no
/// number as the nearest of them, or 0. The first row of values is the lowest
/// of the picture, as y grows upwards.
template <class T>
Picture pictureOf(std::span<const T> values, std::uint32_t width, double low,
                  double high) {
  Picture picture{width, std::uint32_t(values.size() / width), {}};
  picture.pixels.resize(values.size());
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const double share =
          (double(values[std::size_t(picture.height - 1 - y) * width + x]) -
           low) /
          (high - low);
      picture.pixels[std::size_t(y) * width + x] =
          !(share > 0) ? 0
                       : std::uint8_t(share < 1 ? share * 255 + 0.5 : 255.0);
    }
  return picture;
}

/// The bytes of a PNG file. Without a palette a pixel's value is its grey.
std::string encodePng(const Picture &picture, const Palette *palette);

/// The bytes of an animated PNG, repeated for ever; programs that know no
/// animations show its first picture. All pictures have one size; there is at
/// least one.
std::string encodeAnimation(std::span<const Picture> pictures,
                            const Palette &palette, unsigned milliseconds);

} // namespace example
