//===- Film.cpp - The pictures that a program makes -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Film.h"

#include "Failure.h"

#include <algorithm>
#include <cstdio>

namespace example {

constexpr unsigned MillisecondsPerPicture = 50;

Film::Film(Options &options, std::int64_t pictures) : pictures_(pictures) {
  options.text("--html", page_, "write a page that plays the film");
  options.text("--animation", animation_, "write the film as an animated PNG");
  options.text("--png", prefix_, "write each picture: PREFIX-000.png, ...");
  options.number("--pictures", pictures_, 1, 10000,
                 "how many pictures the film has");
  options.number("--zoom", zoom_, 1, 64, "pixels along each side of a cell");
}

/// Walls have the first colour of the palette to themselves.
void Film::addPicture(Picture picture) {
  if (!walls.empty())
    for (std::size_t y = 0; y < picture.height; ++y)
      for (std::size_t x = 0; x < picture.width; ++x) {
        std::uint8_t &pixel = picture.pixels[y * picture.width + x];
        const bool isWall = walls[(picture.height - 1 - y) * picture.width + x];
        pixel = isWall ? 0 : std::max<std::uint8_t>(1, pixel);
      }
  made_.push_back(picture.enlarged(std::uint32_t(zoom_)));
}

void Film::finish(std::int64_t steps) const {
  if (!isWanted())
    return;
  Palette colours = look.palette;
  if (!walls.empty())
    colours[0] = WallColour;
  std::size_t index = 0;
  for (const Picture &picture : made_) {
    if (prefix_.empty())
      break;
    char number[32];
    std::snprintf(number, sizeof(number), "-%03zu.png", index++);
    writeFile(prefix_ + number, encodePng(picture, &colours));
  }
  if (!prefix_.empty())
    std::printf("wrote %zu pictures, the last %s-%03zu.png\n", made_.size(),
                prefix_.c_str(), made_.size() - 1);
  if (!animation_.empty()) {
    writeFile(animation_,
              encodeAnimation(made_, colours, MillisecondsPerPicture));
    std::printf("wrote %s\n", animation_.c_str());
  }
  if (!page_.empty()) {
    const ViewerText text{look.title, look.lowText, look.highText, steps,
                          !walls.empty()};
    writeFile(page_, encodeViewer(made_, colours, text));
    std::printf("wrote %s; open it in a browser\n", page_.c_str());
  }
}

} // namespace example
