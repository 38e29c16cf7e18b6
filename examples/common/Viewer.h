//===- Viewer.h - Films in one HTML file -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Picture.h"

#include <span>
#include <string>

namespace example {

/// What a page says about its film.
struct ViewerText {
  std::string title;
  /// What the lowest and the highest value of a pixel mean.
  std::string low, high;
  /// Of the whole film, over which the pictures are spread evenly.
  std::int64_t steps = 1;
  /// Whether pixels of the value 0 are walls, grey in every palette.
  bool hasWalls = false;
};

/// A page that plays the pictures: it needs no network, and no other file.
/// Pictures are in it as grey PNGs, which the page colours; `palette` is the
/// first of those that can be chosen.
std::string encodeViewer(std::span<const Picture> pictures,
                         const Palette &palette, const ViewerText &text);

/// RFC 4648, section 4.
std::string base64(const std::string &bytes);

} // namespace example
