//===- Processor.cpp - Features, name and memory of this machine ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cpu/Processor.h"

#include <fstream>
#include <thread>

#include <unistd.h>

namespace rk::runtime {

namespace {

#if defined(__x86_64__)
/// Returns the features of x86-64-v3 that this processor lacks.
std::string missingFeatures() {
  std::string missing;
  const auto require = [&missing](bool present, const char *name) {
    if (!present)
      missing += (missing.empty() ? "" : ", ") + std::string(name);
  };
  __builtin_cpu_init();
  require(__builtin_cpu_supports("avx2"), "AVX2");
  require(__builtin_cpu_supports("fma"), "FMA");
  require(__builtin_cpu_supports("bmi"), "BMI1");
  require(__builtin_cpu_supports("bmi2"), "BMI2");
  return missing;
}
#endif

/// Returns the value of the first line of `path` that begins with `key`.
std::string lineValue(const char *path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(key, 0) != 0)
      continue;
    const auto start = line.find_first_not_of(" \t", line.find(':') + 1);
    return start == std::string::npos ? std::string() : line.substr(start);
  }
  return {};
}

} // namespace

Status checkProcessor(std::string_view target) {
#if defined(__x86_64__)
  if (target.rfind("x86_64", 0) != 0 && target.rfind("x86-64", 0) != 0)
    return Status(StatusCode::NoImage, "the module's host image is for " +
                                           std::string(target) +
                                           ", this processor is x86-64");
  const std::string missing = missingFeatures();
  if (target.find("v3") != std::string_view::npos && !missing.empty())
    return Status(StatusCode::NoImage,
                  "the module's host image is for " + std::string(target) +
                      ", this processor has no " + missing);
  return {};
#else
  return Status(StatusCode::NoImage,
                "the module's host image is for " + std::string(target) +
                    ", the CPU back end runs on x86-64 alone");
#endif
}

std::string processorName() {
  const std::string name = lineValue("/proc/cpuinfo", "model name");
  return (name.empty() ? std::string("CPU") : name) + ", " +
         std::to_string(std::thread::hardware_concurrency()) +
         " hardware threads";
}

std::uint64_t availableMemory() {
  const std::string text = lineValue("/proc/meminfo", "MemAvailable");
  if (!text.empty())
    return std::strtoull(text.c_str(), nullptr, 10) * 1024;
  return std::uint64_t(sysconf(_SC_PHYS_PAGES)) *
         std::uint64_t(sysconf(_SC_PAGESIZE)) / 2;
}

} // namespace rk::runtime
