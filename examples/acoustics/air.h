#pragma once

#include <cmath>

namespace acoustics {

/// Air at the pressure of the sea level.
struct Air {
  double temperature = 20; // °C
  double humidity = 50;    // relative, in %

  /// In metres a second.
  [[nodiscard]] double speedOfSound() const {
    return 343.2 * std::sqrt((temperature + 273.15) / 293.15);
  }

  /// How much a sound of so many hertz loses, in decibels a metre, by ISO
  /// 9613-1:1993, equations 3 to 5 and B.3: by friction and heat, and by the
  /// molecules of oxygen and of nitrogen that it makes vibrate.
  [[nodiscard]] double absorption(double frequency) const {
    const double kelvin = temperature + 273.15;
    const double warmth = kelvin / 293.15;
    const double saturation =
        std::pow(10, -6.8346 * std::pow(273.16 / kelvin, 1.261) + 4.6151);
    const double water = humidity * saturation; // molar concentration, in %
    const double oxygen = 24 + 40400 * water * (0.02 + water) / (0.391 + water);
    const double nitrogen =
        std::pow(warmth, -0.5) *
        (9 + 280 * water * std::exp(-4.170 * (std::pow(warmth, -1.0 / 3) - 1)));
    const double square = frequency * frequency;
    return 8.686 * square *
           (1.84e-11 * std::sqrt(warmth) +
            std::pow(warmth, -2.5) * (0.01275 * std::exp(-2239.1 / kelvin) /
                                          (oxygen + square / oxygen) +
                                      0.1068 * std::exp(-3352.0 / kelvin) /
                                          (nitrogen + square / nitrogen)));
  }
};

} // namespace acoustics
