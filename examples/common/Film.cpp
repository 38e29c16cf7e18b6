//===- Film.cpp - The pictures that a program makes -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Film.h"

#include "Failure.h"

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

void Film::finish(std::int64_t steps) const {
  if (!isWanted())
    return;
  std::size_t index = 0;
  for (const Picture &picture : made_) {
    if (prefix_.empty())
      break;
    char number[32];
    std::snprintf(number, sizeof(number), "-%03zu.png", index++);
    writeFile(prefix_ + number, encodePng(picture, &palette));
  }
  if (!prefix_.empty())
    std::printf("wrote %zu pictures, the last %s-%03zu.png\n", made_.size(),
                prefix_.c_str(), made_.size() - 1);
  if (!animation_.empty()) {
    writeFile(animation_,
              encodeAnimation(made_, palette, MillisecondsPerPicture));
    std::printf("wrote %s\n", animation_.c_str());
  }
  if (!page_.empty()) {
    const ViewerText text{title, lowText, highText, steps};
    writeFile(page_, encodeViewer(made_, palette, text));
    std::printf("wrote %s; open it in a browser\n", page_.c_str());
  }
}

} // namespace example
