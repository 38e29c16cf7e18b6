//===- Wav.h - Sound files -------------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads and writes WAV files: a RIFF file of form WAVE with uncompressed
/// samples.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace example {

/// Samples between -1 and 1, for each channel the same number of them.
struct Sound {
  std::uint32_t rate = 0; // samples in a second
  std::vector<std::vector<float>> channels;
};

/// Takes whole numbers of 8, 16, 24 and 32 bits, and floats of 32.
///
/// Errors    throws `Failure`: what of the bytes is no WAV file, or is of a
///           kind that is not taken. `name` stands in the text.
Sound decodeWav(std::string_view bytes, const std::string &name);
Sound readWav(const std::string &path);

/// Writes numbers of 16 bits; what is beyond -1 and 1 is cut.
std::string encodeWav(const Sound &sound);
void writeWav(const std::string &path, const Sound &sound);

/// One channel at another rate: a windowed sinc, which also removes what the
/// lower of the two rates cannot hold.
std::vector<float> resampled(const std::vector<float> &samples, double fromRate,
                             double toRate);

} // namespace example
