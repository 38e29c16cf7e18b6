//===- Film.h - The pictures that a program makes --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Options.h"
#include "Picture.h"
#include "Viewer.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace example {

/// What the pictures of a film show.
struct FilmLook {
  Palette palette = divergingPalette();
  /// The values of the ends of the palette.
  double low = -1, high = 1;
  std::string title, lowText, highText;
};

/// Collects pictures and writes them as the command line asks for: `--png`,
/// `--animation`, `--html`.
class Film {
public:
  /// Adds the options. `pictures` is the default of `--pictures`.
  Film(Options &options, std::int64_t pictures);

  FilmLook look;
  /// Which cells are painted as walls; empty for none.
  std::vector<bool> walls;

  /// Whether any file is to be written; if not, `add` need not be called.
  [[nodiscard]] bool isWanted() const {
    return !prefix_.empty() || !animation_.empty() || !page_.empty();
  }

  /// After which step picture `index`, from 0, is due in a run of `steps`. A
  /// run that makes no film has one picture, at its end, so that nothing stops
  /// it on its way.
  [[nodiscard]] std::int64_t due(std::int64_t index, std::int64_t steps) const {
    return steps * (index + 1) / count();
  }
  [[nodiscard]] std::int64_t count() const {
    return isWanted() ? pictures_ : 1;
  }

  template <class T>
  void add(const std::vector<T> &values, std::uint32_t width) {
    addPicture(
        pictureOf(std::span<const T>(values), width, look.low, look.high));
  }

  /// Writes the files and says which.
  ///
  /// Errors    throws `Failure`.
  void finish(std::int64_t steps) const;

private:
  void addPicture(Picture picture);

  std::string prefix_, animation_, page_;
  std::int64_t pictures_, zoom_ = 1;
  std::vector<Picture> made_;
};

} // namespace example
