// What the machine does meanwhile: the memory of this process, and the GPU's
// temperature, clock and power, where there is one to ask.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

/// Returns the memory of this process that is in RAM, in MiB; 0 if unknown.
double residentMiB();

/// Asks nvidia-smi once a second, in a thread of its own, since an answer may
/// take long.
///
/// Threads   `latest` from any thread.
class GpuProbe {
public:
  /// One answer; `text` is empty if there is none, and then the rest is 0.
  struct Sample {
    std::string text; ///< "45, 1980 MHz, 312.50 W, 5123 MiB"
    double celsius = 0;
  };

  /// Asks about GPU number `device`, as nvidia-smi counts, if `enabled`.
  GpuProbe(bool enabled, int device);
  ~GpuProbe();
  GpuProbe(const GpuProbe &) = delete;
  GpuProbe &operator=(const GpuProbe &) = delete;

  [[nodiscard]] Sample latest() const;

private:
  void run();

  int device_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  Sample latest_;
  std::thread thread_;
};
