// Sound files: what is read and written, and what is refused.
#include "Wav.h"
#include "Failure.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace example {
namespace {

std::string number(std::uint32_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i)
    bytes += char(value >> 8 * i);
  return bytes;
}

std::string chunk(const std::string &kind, const std::string &data) {
  return kind + number(std::uint32_t(data.size()), 4) + data +
         std::string(data.size() % 2, '\0');
}

std::string format(std::uint32_t code, std::uint32_t channels,
                   std::uint32_t bits, std::uint32_t rate = 8000) {
  return chunk("fmt ", number(code, 2) + number(channels, 2) + number(rate, 4) +
                           number(rate * channels * bits / 8, 4) +
                           number(channels * bits / 8, 2) + number(bits, 2));
}

std::string file(const std::string &chunks) {
  return "RIFF" + number(std::uint32_t(chunks.size() + 4), 4) + "WAVE" + chunks;
}

void expectRefusal(const std::string &bytes, const std::string &message) {
  try {
    decodeWav(bytes, "x.wav");
    FAIL() << "no refusal: " << message;
  } catch (const Failure &failure) {
    EXPECT_EQ(failure.what(), message);
  }
}

TEST(Wav, IsReadBackAsItWas) {
  Sound sound{44100, {{0, 0.5f, -0.5f, 1, -1}, {1, 0, 0.25f, 2, -3}}};
  const Sound back = decodeWav(encodeWav(sound), "x.wav");
  EXPECT_EQ(back.rate, 44100u);
  ASSERT_EQ(back.channels.size(), 2u);
  for (std::size_t channel = 0; channel < 2; ++channel)
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_NEAR(back.channels[channel][i],
                  std::clamp(sound.channels[channel][i], -1.0f, 1.0f), 1e-4);
}

TEST(Wav, HasSamplesOfSeveralFormats) {
  const float half = 0.5f;
  std::uint32_t halfBits;
  std::memcpy(&halfBits, &half, 4);
  const std::pair<std::string, std::string> cases[] = {
      {format(1, 1, 8), number(192, 1) + number(64, 1)},
      {format(1, 1, 16), number(0x4000, 2) + number(0xc000, 2)},
      {format(1, 1, 24), number(0x400000, 3) + number(0xc00000, 3)},
      {format(1, 1, 32), number(0x40000000, 4) + number(0xc0000000, 4)},
      {format(3, 1, 32), number(halfBits, 4) + number(halfBits | 1u << 31, 4)}};
  for (const auto &[description, data] : cases) {
    const Sound sound = decodeWav(
        file(description + chunk("LIST", "odd") + chunk("data", data)), "x");
    EXPECT_EQ(sound.channels[0], (std::vector<float>{0.5f, -0.5f}));
  }
}

TEST(Wav, IsReadAsFarAsItGoes) {
  // A recorder that was ended has left the size of its samples open.
  std::string bytes = file(format(1, 1, 16)) + "data" + number(0xffffffff, 4) +
                      number(0x4000, 2);
  EXPECT_EQ(decodeWav(bytes, "x").channels[0], std::vector<float>{0.5f});
}

TEST(Wav, IsRefusedIfItIsNone) {
  expectRefusal("", "'x.wav' is no WAV file");
  expectRefusal("hello, this is text, not sound", "'x.wav' is no WAV file");
  expectRefusal(file(""), "'x.wav' holds no samples");
  expectRefusal(file(format(1, 1, 16)), "'x.wav' holds no samples");
  expectRefusal(file(format(1, 1, 16) + chunk("data", "")),
                "'x.wav' holds no samples");
  expectRefusal(file(format(1, 2, 16) + chunk("data", "ab")),
                "'x.wav' holds no samples");
  expectRefusal(file(chunk("data", "abcd")),
                "'x.wav' has samples before their format");
  expectRefusal(file(format(85, 2, 0) + chunk("data", "abcd")),
                "'x.wav' holds samples of format 85 with 0 bits; convert it to "
                "16-bit PCM");
  expectRefusal(
      file(format(1, 0, 16) + chunk("data", "abcd")),
      "'x.wav' says that it has 0 channels and 8000 samples a second");
  expectRefusal(file(chunk("fmt ", "abcd") + chunk("data", "abcd")),
                "'x.wav' ends in the middle of its header");
}

TEST(Wav, ThatCannotBeOpenedIsNamed) {
  try {
    readWav("no-such-file.wav");
    FAIL();
  } catch (const Failure &failure) {
    EXPECT_STREQ(failure.what(),
                 "cannot read 'no-such-file.wav': No such file or directory");
  }
  try {
    readWav("."); // a folder
    FAIL();
  } catch (const Failure &failure) {
    EXPECT_STREQ(failure.what(), "cannot read '.': Is a directory");
  }
  EXPECT_THROW(writeWav("no-such-folder/a.wav", {8000, {{0}}}), Failure);
}

TEST(Wav, OfAnyBytesIsReadOrRefused) {
  const std::string whole = encodeWav({8000, {{0, 1, 2, 3}, {4, 5, 6, 7}}});
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int byte : {0, 1, 0x7f, 0xff}) {
      std::string bytes = whole;
      bytes[at] = char(byte);
      for (const std::size_t size : {whole.size(), at}) {
        try {
          const Sound sound = decodeWav(bytes.substr(0, size), "x");
          EXPECT_FALSE(sound.channels.empty());
        } catch (const Failure &) {
        }
      }
    }
}

TEST(Resampling, KeepsATone) {
  std::vector<float> tone;
  for (int i = 0; i < 4410; ++i)
    tone.push_back(float(std::sin(2 * std::numbers::pi * 440 * i / 44100.0)));
  const std::vector<float> slower = resampled(tone, 44100, 8000);
  ASSERT_EQ(slower.size(), 800u);
  for (std::size_t i = 100; i < 700; ++i)
    EXPECT_NEAR(slower[i],
                std::sin(2 * std::numbers::pi * 440 * double(i) / 8000), 0.01);
  EXPECT_EQ(resampled(tone, 44100, 44100), tone);
}

TEST(Resampling, RemovesWhatTheLowerRateCannotHold) {
  std::vector<float> tone;
  for (int i = 0; i < 4410; ++i)
    tone.push_back(float(std::sin(2 * std::numbers::pi * 6000 * i / 44100.0)));
  const std::vector<float> slower = resampled(tone, 44100, 8000);
  for (std::size_t i = 100; i < 700; ++i)
    EXPECT_NEAR(slower[i], 0, 0.01);
}

} // namespace
} // namespace example
