//===- Png.h - Pictures without a library ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes PNG files (ISO/IEC 15948) whose pixels are stored, not compressed.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace example {

using Pixel = std::array<unsigned char, 3>;

/// The bytes of one picture: red, green and blue, row by row.
class PngWriter {
public:
  /// Returns whether the file could be written.
  static bool write(const std::string &path, std::uint32_t width,
                    const std::vector<Pixel> &pixels) {
    const auto height = std::uint32_t(pixels.size() / width);
    std::string raw;
    for (std::uint32_t y = 0; y < height; ++y) {
      raw += '\0'; // this row is not filtered
      for (std::uint32_t x = 0; x < width; ++x)
        for (const unsigned char part : pixels[y * width + x])
          raw += char(part);
    }
    std::string header = number(width) + number(height);
    header += std::string("\x08\x02\x00\x00\x00", 5); // 8 bits, three colours
    std::ofstream file(path, std::ios::binary);
    file << "\x89PNG\r\n\x1a\n"
         << chunk("IHDR", header) << chunk("IDAT", stored(raw))
         << chunk("IEND", "");
    file.close();
    return bool(file);
  }

private:
  static std::string number(std::uint32_t value) {
    return {char(value >> 24), char(value >> 16), char(value >> 8),
            char(value)};
  }

  static std::uint32_t crc(std::string_view bytes) {
    std::uint32_t remainder = ~0u;
    for (const char byte : bytes) {
      remainder ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; ++bit)
        remainder = remainder >> 1 ^ (remainder & 1 ? 0xedb88320u : 0u);
    }
    return ~remainder;
  }

  static std::string chunk(const std::string &type, const std::string &data) {
    const std::string body = type + data;
    return number(std::uint32_t(data.size())) + body + number(crc(body));
  }

  /// A zlib stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4).
  static std::string stored(const std::string &raw) {
    constexpr std::size_t Most = 65535;
    std::string stream = "\x78\x01";
    for (std::size_t at = 0; at < raw.size(); at += Most) {
      const std::size_t size = std::min(Most, raw.size() - at);
      const bool isLast = at + size == raw.size();
      for (const std::size_t part : {std::size_t(isLast), size & 255, size >> 8,
                                     ~size & 255, ~size >> 8 & 255})
        stream += char(part);
      stream += raw.substr(at, size);
    }
    std::uint32_t low = 1, high = 0;
    for (const char byte : raw) {
      low = (low + static_cast<unsigned char>(byte)) % 65521;
      high = (high + low) % 65521;
    }
    return stream + number(high << 16 | low);
  }
};

} // namespace example
