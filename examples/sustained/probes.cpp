#include "probes.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <unistd.h>

double residentMiB() {
  std::uint64_t pages = 0, resident = 0;
  if (!(std::ifstream("/proc/self/statm") >> pages >> resident))
    return 0;
  return double(resident) * double(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

namespace {

/// Returns the first line that `command` prints; empty if it fails.
std::string firstLine(const std::string &command) {
  FILE *pipe = popen(command.c_str(), "r");
  if (!pipe)
    return {};
  char line[200] = "";
  const bool said = std::fgets(line, sizeof(line), pipe) != nullptr;
  const bool worked = pclose(pipe) == 0;
  std::string text = said && worked ? line : "";
  if (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

} // namespace

GpuProbe::GpuProbe(bool enabled, int device) : device_(device) {
  if (enabled)
    thread_ = std::thread([this] { run(); });
}

GpuProbe::~GpuProbe() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

GpuProbe::Sample GpuProbe::latest() const {
  const std::lock_guard lock(mutex_);
  return latest_;
}

void GpuProbe::run() {
  const std::string command =
      "nvidia-smi --id=" + std::to_string(device_) +
      " --query-gpu=temperature.gpu,clocks.sm,power.draw,memory.used"
      " --format=csv,noheader 2> /dev/null";
  for (;;) {
    Sample sample{firstLine(command), 0};
    sample.celsius = std::strtod(sample.text.c_str(), nullptr);
    std::unique_lock lock(mutex_);
    latest_ = std::move(sample);
    if (changed_.wait_for(lock, std::chrono::seconds(1),
                          [this] { return ending_; }))
      return;
  }
}
