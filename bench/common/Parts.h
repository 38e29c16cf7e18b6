//===- Parts.h - Choosing what a program measures ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A program of the benchmarks is a list of parts, of which its arguments name
/// some. Knows nothing of the project, so that other systems' programs use it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Rows.h"

#include <charconv>
#include <cstring>
#include <exception>
#include <string_view>

namespace rkbench {

template <class Settings> struct Part {
  const char *name;
  const char *what;
  void (*run)(const Settings &);
};

template <class Settings, std::size_t Count>
const Part<Settings> *find(const Part<Settings> (&parts)[Count],
                           const char *name) {
  for (const Part<Settings> &part : parts)
    if (!std::strcmp(part.name, name))
      return &part;
  return nullptr;
}

/// Returns false if `text` is no number, or none from `least` to `most`.
template <class Number>
bool acceptNumber(std::string_view text, Number &value, Number least,
                  Number most) {
  Number number{};
  const char *const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number < least || number > most)
    return false;
  value = number;
  return true;
}

/// Runs the chosen parts, or all if none is chosen; returns whether all worked.
/// A failure is a row of its own, named `prefix` and the part's name.
template <class Settings, std::size_t Count>
bool runParts(const Part<Settings> (&parts)[Count],
              std::vector<const Part<Settings> *> chosen,
              const Settings &settings, const char *prefix = "") {
  if (chosen.empty())
    for (const Part<Settings> &part : parts)
      chosen.push_back(&part);
  bool good = true;
  for (const Part<Settings> *part : chosen)
    try {
      part->run(settings);
    } catch (const std::exception &failure) {
      printFailure(std::string(prefix) + part->name, failure.what());
      good = false;
    }
  return good;
}

} // namespace rkbench
