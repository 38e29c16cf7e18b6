//===- Fiber.cpp - Stacks and switches ------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cpu/Fiber.h"

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <sys/mman.h>

#if defined(__SANITIZE_THREAD__)
#define RK_FIBERS_FOR_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RK_FIBERS_FOR_TSAN 1
#endif
#endif

// The thread sanitizer must hear of every switch.
#if defined(RK_FIBERS_FOR_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace rk::runtime {

namespace {

/// Below each stack, so that one that is too small ends in a fault and not in
/// somebody's memory.
constexpr std::size_t GuardBytes = 64 << 10;

[[noreturn]] void fail(const char *call) {
  throw std::system_error(errno, std::generic_category(), call);
}

} // namespace

Fiber::Fiber(std::function<void()> body, std::size_t stackBytes)
    : body_(std::move(body)), bytes_(stackBytes + GuardBytes) {
  stack_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stack_ == MAP_FAILED)
    fail("mmap of a fiber's stack");
  mprotect(stack_, GuardBytes, PROT_NONE);
  getcontext(&inside_);
  inside_.uc_stack.ss_sp = static_cast<char *>(stack_) + GuardBytes;
  inside_.uc_stack.ss_size = stackBytes;
  inside_.uc_link = nullptr;
  // makecontext passes integers alone.
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&inside_, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
              unsigned(std::uint64_t(self) >> 32), unsigned(self));
#if defined(RK_FIBERS_FOR_TSAN)
  insideForSanitizer_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#if defined(RK_FIBERS_FOR_TSAN)
  __tsan_destroy_fiber(insideForSanitizer_);
#endif
  munmap(stack_, bytes_);
}

void Fiber::enter(unsigned high, unsigned low) {
  auto *fiber = reinterpret_cast<Fiber *>(
      std::uintptr_t(std::uint64_t(high) << 32 | low));
  fiber->body_();
  fiber->done_ = true;
  fiber->suspend(); // for good
}

void Fiber::switchTo(ucontext_t &from, ucontext_t &to,
                     [[maybe_unused]] void *sanitizer) {
#if defined(RK_FIBERS_FOR_TSAN)
  __tsan_switch_to_fiber(sanitizer, 0);
#endif
  swapcontext(&from, &to);
}

void Fiber::resume() {
#if defined(RK_FIBERS_FOR_TSAN)
  outsideForSanitizer_ = __tsan_get_current_fiber();
#endif
  switchTo(outside_, inside_, insideForSanitizer_);
}

void Fiber::suspend() { switchTo(inside_, outside_, outsideForSanitizer_); }

} // namespace rk::runtime
