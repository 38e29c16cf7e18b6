// The pictures, films and pages that the stencil programs write.
#include "Picture.h"
#include "Failure.h"
#include "Viewer.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <limits>
#include <map>
#include <string_view>

namespace example {
namespace {

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4))
    value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

struct Chunk {
  std::string kind, data;
};

/// The chunks of a PNG file; checks its signature, and the sum of each.
std::vector<Chunk> chunksOf(std::string_view file) {
  EXPECT_EQ(file.substr(0, 8), "\x89PNG\r\n\x1a\n");
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < file.size();) {
    const std::size_t size = number(file.substr(at));
    const std::string_view body = file.substr(at + 4, size + 4);
    EXPECT_EQ(number(file.substr(at + 8 + size)),
              crc32(0, reinterpret_cast<const Bytef *>(body.data()),
                    uInt(body.size())));
    chunks.push_back(
        {std::string(body.substr(0, 4)), std::string(body.substr(4))});
    at += 12 + size;
  }
  EXPECT_EQ(chunks.back().kind, "IEND");
  return chunks;
}

/// The pixels in compressed rows, their filters undone.
std::vector<std::uint8_t> unpacked(std::string_view data, std::uint32_t width,
                                   std::uint32_t height) {
  std::vector<Bytef> raw(std::size_t(width + 1) * height);
  uLongf size = uLongf(raw.size());
  EXPECT_EQ(uncompress(raw.data(), &size,
                       reinterpret_cast<const Bytef *>(data.data()),
                       uLong(data.size())),
            Z_OK);
  EXPECT_EQ(size, raw.size());
  std::vector<std::uint8_t> pixels;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const Bytef filter = raw[y * (width + 1)];
      EXPECT_LE(filter, 2);
      std::uint8_t guess = 0;
      if (filter == 1 && x > 0)
        guess = pixels.back();
      if (filter == 2 && y > 0)
        guess = pixels[pixels.size() - width];
      pixels.push_back(std::uint8_t(raw[y * (width + 1) + 1 + x] + guess));
    }
  return pixels;
}

Picture somePicture(std::uint32_t width, std::uint32_t height, unsigned step) {
  Picture picture{width, height, {}};
  for (std::uint32_t i = 0; i < width * height; ++i)
    picture.pixels.push_back(std::uint8_t(i * step + i / width));
  return picture;
}

TEST(Picture, IsReadBackAsItWas) {
  // Steps for which each filter is the best at times.
  for (const unsigned step : {0u, 1u, 7u, 101u}) {
    const Picture picture = somePicture(37, 11, step);
    const Palette palette = sequentialPalette();
    const auto chunks = chunksOf(encodePng(picture, &palette));
    ASSERT_EQ(chunks.size(), 4u);
    EXPECT_EQ(number(chunks[0].data), 37u);
    EXPECT_EQ(number(chunks[0].data.substr(4)), 11u);
    EXPECT_EQ(chunks[0].data[9], 3); // indexed
    EXPECT_EQ(chunks[1].kind, "PLTE");
    EXPECT_EQ(chunks[1].data.size(), 768u);
    EXPECT_EQ(unpacked(chunks[2].data, 37, 11), picture.pixels);
  }
}

TEST(Picture, IsGreyWithoutPalette) {
  const Picture picture = somePicture(5, 3, 9);
  const auto chunks = chunksOf(encodePng(picture, nullptr));
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0].data[9], 0);
  EXPECT_EQ(unpacked(chunks[1].data, 5, 3), picture.pixels);
}

TEST(Picture, WithoutPixelsIsRefused) {
  EXPECT_THROW(encodePng(Picture{}, nullptr), Failure);
}

TEST(Picture, TakesValuesBeyondItsEndsAndNone) {
  const std::vector<float> values = {
      -2, -1, 0, 1, 2, std::numeric_limits<float>::quiet_NaN()};
  const Picture picture =
      pictureOf(std::span<const float>(values), 3, -1.0, 1.0);
  // The first row of values is the lowest of the picture.
  EXPECT_EQ(picture.pixels,
            (std::vector<std::uint8_t>{255, 255, 0, 0, 0, 128}));
}

TEST(Picture, IsEnlarged) {
  const Picture picture{2, 1, {7, 9}};
  const Picture large = picture.enlarged(2);
  EXPECT_EQ(large.width, 4u);
  EXPECT_EQ(large.height, 2u);
  EXPECT_EQ(large.pixels, (std::vector<std::uint8_t>{7, 7, 9, 9, 7, 7, 9, 9}));
}

TEST(Animation, CountsItsPartsAndKeepsItsPictures) {
  const std::vector<Picture> pictures = {
      somePicture(8, 4, 1), somePicture(8, 4, 3), somePicture(8, 4, 5)};
  const auto chunks = chunksOf(encodeAnimation(pictures, binaryPalette(), 50));
  std::uint32_t sequence = 0;
  std::size_t seen = 0;
  for (const Chunk &chunk : chunks) {
    if (chunk.kind == "acTL") {
      EXPECT_EQ(number(chunk.data), 3u);
    }
    if (chunk.kind == "fcTL" || chunk.kind == "fdAT") {
      EXPECT_EQ(number(chunk.data), sequence++);
    }
    if (chunk.kind == "fcTL") {
      EXPECT_EQ(chunk.data.size(), 26u);
    }
    if (chunk.kind == "IDAT" || chunk.kind == "fdAT") {
      const std::string data =
          chunk.kind == "IDAT" ? chunk.data : chunk.data.substr(4);
      EXPECT_EQ(unpacked(data, 8, 4), pictures[seen++].pixels);
    }
  }
  EXPECT_EQ(seen, 3u);
  EXPECT_EQ(sequence, 5u);
}

TEST(Viewer, IsCompleteAndNeedsNoNetwork) {
  const std::vector<Picture> pictures = {somePicture(8, 4, 1),
                                         somePicture(8, 4, 3)};
  const std::string page = encodeViewer(pictures, divergingPalette(),
                                        {"a <b> & @LOW@", "cold", "hot", 40});
  for (const Picture &picture : pictures)
    EXPECT_NE(page.find("'" + base64(encodePng(picture, nullptr)) + "'"),
              std::string::npos);
  EXPECT_NE(page.find("<title>a &lt;b&gt; &amp; @LOW@</title>"),
            std::string::npos);
  EXPECT_NE(page.find("const steps = 40;"), std::string::npos);
  EXPECT_EQ(page.find("://"), std::string::npos);
  EXPECT_EQ(page.find("@PICTURES@"), std::string::npos);
  EXPECT_EQ(page.find("@PALETTES@"), std::string::npos);
}

TEST(Base64, IsThatOfTheStandard) {
  const std::map<std::string, std::string> known = {{"", ""},
                                                    {"f", "Zg=="},
                                                    {"fo", "Zm8="},
                                                    {"foo", "Zm9v"},
                                                    {"foob", "Zm9vYg=="},
                                                    {"fooba", "Zm9vYmE="},
                                                    {"foobar", "Zm9vYmFy"},
                                                    {"\xff\xfe\xfd", "//79"}};
  for (const auto &[bytes, text] : known)
    EXPECT_EQ(base64(bytes), text);
}

TEST(File, ThatCannotBeWrittenIsNamed) {
  try {
    writeFile("no-such-folder/picture.png", "bytes");
    FAIL();
  } catch (const Failure &failure) {
    EXPECT_STREQ(failure.what(), "cannot write 'no-such-folder/picture.png': "
                                 "No such file or directory");
  }
}

} // namespace
} // namespace example
