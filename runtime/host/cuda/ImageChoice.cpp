//===- ImageChoice.cpp - Ranking images -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/ImageChoice.h"

#include <charconv>
#include <string>

namespace rk::runtime::cuda {

namespace {

/// Whether code for `target` runs on a GPU of `major`.`minor`.
bool runsOn(modfile::ImageKind kind, const GpuTarget &target,
            std::uint32_t major, std::uint32_t minor) {
  const bool sameMajor = target.major == major;
  switch (target.variant) {
  case 'a':
    return sameMajor && target.minor == minor;
  case 'f':
    return sameMajor && target.minor <= minor;
  default:
    break;
  }
  if (kind == modfile::ImageKind::Cubin)
    return sameMajor && target.minor <= minor;
  return target.major < major || (sameMajor && target.minor <= minor);
}

/// More is better: machine code before PTX, near before far, special before
/// general.
std::uint32_t rank(modfile::ImageKind kind, const GpuTarget &target) {
  const std::uint32_t special = target.variant == 'a'   ? 2
                                : target.variant == 'f' ? 1
                                                        : 0;
  const std::uint32_t machine = kind == modfile::ImageKind::Cubin ? 1 : 0;
  return machine << 30 | target.major << 16 | target.minor << 4 | special;
}

Status noImage(const modfile::ModuleView &module, std::uint32_t major,
               std::uint32_t minor) {
  std::string has;
  for (const auto &image : module.images)
    has += (has.empty() ? "" : ", ") +
           std::string(modfile::imageKindName(image.kind)) + " " +
           std::string(image.target);
  const std::string gpu = "sm_" + std::to_string(major) + std::to_string(minor);
  return Status(StatusCode::NoImage, "this GPU is " + gpu + ", and module '" +
                                         std::string(module.name) + "' has " +
                                         (has.empty() ? "no image" : has) +
                                         "; add --arch=" + gpu);
}

} // namespace

std::optional<GpuTarget> parseGpuTarget(std::string_view text) {
  const auto underscore = text.find('_');
  if (underscore == std::string_view::npos ||
      (text.substr(0, underscore) != "sm" &&
       text.substr(0, underscore) != "compute"))
    return std::nullopt;
  const char *begin = text.data() + underscore + 1;
  const char *end = text.data() + text.size();
  std::uint32_t number = 0;
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || number < 10 || number > 9999)
    return std::nullopt;
  GpuTarget target{number / 10, number % 10, 0};
  if (rest == end)
    return target;
  if (rest + 1 != end || (*rest != 'a' && *rest != 'f'))
    return std::nullopt;
  target.variant = *rest;
  return target;
}

Result<const modfile::ImageView *>
chooseImage(const modfile::ModuleView &module, std::uint32_t major,
            std::uint32_t minor) {
  const modfile::ImageView *best = nullptr;
  std::uint32_t bestRank = 0;
  for (const auto &image : module.images) {
    if (image.kind == modfile::ImageKind::HostObject)
      continue;
    const auto target = parseGpuTarget(image.target);
    if (!target || !runsOn(image.kind, *target, major, minor))
      continue;
    const std::uint32_t itsRank = rank(image.kind, *target);
    if (!best || itsRank > bestRank) {
      best = &image;
      bestRank = itsRank;
    }
  }
  if (!best)
    return noImage(module, major, minor);
  return best;
}

} // namespace rk::runtime::cuda
