// The air of the acoustics example.
#include "air.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <utility>

namespace acoustics {
namespace {

// ISO 9613-2:1996, table 2, in decibels a kilometre; its bands have the middles
// 10^2.7, 10^3, 10^3.3 and 10^3.6 Hz.
TEST(Air, AbsorbsAsTheStandardSays) {
  const std::pair<Air, std::array<double, 4>> table[] = {
      {{20, 70}, {2.8, 5.0, 9.0, 22.9}},
      {{10, 70}, {1.9, 3.7, 9.7, 32.8}},
      {{15, 50}, {2.2, 4.2, 10.8, 36.2}}};
  for (const auto &[air, expected] : table)
    for (std::size_t band = 0; band < 4; ++band) {
      const double frequency = std::pow(10, 2.7 + 0.3 * double(band));
      EXPECT_NEAR(1000 * air.absorption(frequency), expected[band], 0.06);
    }
}

TEST(Air, CarriesSoundFasterWhenItIsWarm) {
  EXPECT_NEAR((Air{20, 0}.speedOfSound()), 343.2, 0.1);
  EXPECT_NEAR((Air{0, 0}.speedOfSound()), 331.3, 0.1);
}

} // namespace
} // namespace acoustics
