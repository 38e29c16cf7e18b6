//===- Atomics.h - Scoped atomics on a GPU ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Loads, stores, read-modify-writes and fences with order and scope as
/// template arguments, written as PTX: LLVM 22 drops order and scope of
/// `atomicrmw` on NVPTX, so no C++ atomic may be used here.
///
/// Source    PTX ISA 9.0, sections 8 (memory model), 9.7.9 (ld, st),
///           9.7.13 (atom, red, fence). All of it needs sm_70.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Order.h"

#include <stdint.h>

/// Asks what rkc compiles for; `NVVMReflect` puts the answer in its place.
/// (Clang 22's builtin of this name claims not to return.)
extern "C" int rk_reflect(const char *) __asm__("__nvvm_reflect");

namespace rk::device {

/// The orders by which memory that has been read goes to who writes it next.
/// Relaxed on a GPU: before an agent gives memory up, the values of its loads
/// from there have returned (the agent has branched on them), and a store that
/// another agent issues afterwards cannot reach into the past. An acquire here
/// would empty the L1 cache, a release wait for all stores under way.
inline constexpr Order GiveForReuse = Order::Relaxed;
inline constexpr Order TakeForReuse = Order::Relaxed;

#define RK_GLOBAL(pointer)                                                     \
  ((const __attribute__((address_space(1))) void *)(const void *)(pointer))

/// The same address, which the compiler then knows to be one of device memory
/// and a multiple of 16: handlers' accesses there need not ask which memory it
/// is, nor their copies how it is aligned.
inline void *inDeviceMemory(void *generic) {
  // By way of a number: a cast there and back is dropped.
  return __builtin_assume_aligned(
      (void *)(__attribute__((address_space(1))) void *)uint64_t(generic), 16);
}

#define RK_DEFINE_LOAD(order, scope, type, width, constraint)                  \
  template <> inline type load<Order::order, Scope::scope>(const type *from) { \
    type value;                                                                \
    asm volatile("ld." RK_PTX_##order "." RK_PTX_##scope ".global." width      \
                                                         " %0, [%1];"          \
                 : "=" constraint(value)                                       \
                 : "l"(RK_GLOBAL(from))                                        \
                 : "memory");                                                  \
    return value;                                                              \
  }
#define RK_DEFINE_STORE(order, scope, type, width, constraint)                 \
  template <>                                                                  \
  inline void store<Order::order, Scope::scope>(type * to, type value) {       \
    asm volatile("st." RK_PTX_##order "." RK_PTX_##scope ".global." width      \
                                                         " [%0], %1;"          \
                 :                                                             \
                 : "l"(RK_GLOBAL(to)), constraint(value)                       \
                 : "memory");                                                  \
  }
#define RK_DEFINE_MODIFY(name, instruction, order, scope, type, width,         \
                         constraint)                                           \
  template <>                                                                  \
  inline type name<Order::order, Scope::scope>(type * at, type operand) {      \
    type old;                                                                  \
    asm volatile("atom." RK_PTX_##order "." RK_PTX_##scope                     \
                 ".global." instruction "." width " %0, [%1], %2;"             \
                 : "=" constraint(old)                                         \
                 : "l"(RK_GLOBAL(at)), constraint(operand)                     \
                 : "memory");                                                  \
    return old;                                                                \
  }
#define RK_DEFINE_ADD(order, scope, type, width, constraint)                   \
  template <>                                                                  \
  inline void add<Order::order, Scope::scope>(type * at, type operand) {       \
    asm volatile("red." RK_PTX_##order "." RK_PTX_##scope ".global.add." width \
                                                          " [%0], %1;"         \
                 :                                                             \
                 : "l"(RK_GLOBAL(at)), constraint(operand)                     \
                 : "memory");                                                  \
  }
#define RK_DEFINE_EXCHANGE(order, scope, type, width, constraint)              \
  template <>                                                                  \
  inline type compareExchange<Order::order, Scope::scope>(                     \
      type * at, type expected, type desired) {                                \
    type found;                                                                \
    asm volatile("atom." RK_PTX_##order "." RK_PTX_##scope                     \
                 ".global.cas." width " %0, [%1], %2, %3;"                     \
                 : "=" constraint(found)                                       \
                 : "l"(RK_GLOBAL(at)), constraint(expected),                   \
                   constraint(desired)                                         \
                 : "memory");                                                  \
    return found;                                                              \
  }
#define RK_PTX_Relaxed "relaxed"
#define RK_PTX_Acquire "acquire"
#define RK_PTX_Release "release"
#define RK_PTX_AcquireRelease "acq_rel"
#define RK_PTX_Device "gpu"
#define RK_PTX_System "sys"

#define RK_DEFINE_WIDTHS(order, scope, define)                                 \
  define(order, scope, uint32_t, "b32", "r")                                   \
      define(order, scope, uint64_t, "b64", "l")

RK_DEFINE_WIDTHS(Relaxed, Device, RK_DEFINE_LOAD)
RK_DEFINE_WIDTHS(Acquire, Device, RK_DEFINE_LOAD)
RK_DEFINE_WIDTHS(Relaxed, System, RK_DEFINE_LOAD)
RK_DEFINE_WIDTHS(Acquire, System, RK_DEFINE_LOAD)
RK_DEFINE_WIDTHS(Relaxed, Device, RK_DEFINE_STORE)
RK_DEFINE_WIDTHS(Release, Device, RK_DEFINE_STORE)
RK_DEFINE_WIDTHS(Relaxed, System, RK_DEFINE_STORE)
RK_DEFINE_WIDTHS(Release, System, RK_DEFINE_STORE)

RK_DEFINE_MODIFY(fetchAdd, "add", Relaxed, Device, uint32_t, "u32", "r")
RK_DEFINE_MODIFY(fetchAdd, "add", Relaxed, Device, uint64_t, "u64", "l")
RK_DEFINE_ADD(Relaxed, Device, uint32_t, "u32", "r")
RK_DEFINE_ADD(Relaxed, Device, uint64_t, "u64", "l")
RK_DEFINE_MODIFY(fetchAdd, "add", Release, Device, uint32_t, "u32", "r")
RK_DEFINE_MODIFY(fetchAdd, "add", Release, Device, uint64_t, "u64", "l")
RK_DEFINE_MODIFY(fetchAdd, "add", AcquireRelease, Device, uint64_t, "u64", "l")
RK_DEFINE_MODIFY(fetchOr, "or", AcquireRelease, Device, uint64_t, "b64", "l")
RK_DEFINE_MODIFY(fetchAnd, "and", AcquireRelease, Device, uint64_t, "b64", "l")

template <>
inline void loadPair<Scope::Device>(const uint64_t *from, uint64_t &first,
                                    uint64_t &second) {
  asm volatile("ld.relaxed.gpu.global.v2.b64 {%0, %1}, [%2];"
               : "=l"(first), "=l"(second)
               : "l"(RK_GLOBAL(from))
               : "memory");
}

template <>
inline void storePair<Scope::Device>(uint64_t *to, uint64_t first,
                                     uint64_t second) {
  asm volatile("st.relaxed.gpu.global.v2.b64 [%0], {%1, %2};"
               :
               : "l"(RK_GLOBAL(to)), "l"(first), "l"(second)
               : "memory");
}

template <>
inline void loadCachedPair(const uint64_t *from, uint64_t &first,
                           uint64_t &second) {
  using Words = uint64_t __attribute__((vector_size(16), may_alias));
  const Words words = *reinterpret_cast<const Words *>(from);
  first = words[0];
  second = words[1];
}

RK_DEFINE_EXCHANGE(AcquireRelease, Device, uint64_t, "b64", "l")
RK_DEFINE_EXCHANGE(Relaxed, Device, uint32_t, "b32", "r")
RK_DEFINE_EXCHANGE(Relaxed, System, uint32_t, "b32", "r")

/// Lane `leader`'s value, for the lanes of `here`, which all call it.
inline uint64_t shareAmong(uint32_t here, uint64_t value, int leader) {
  const auto low = uint32_t(
      __nvvm_shfl_sync_idx_i32(here, int(uint32_t(value)), leader, 0x1f));
  const auto high = uint32_t(
      __nvvm_shfl_sync_idx_i32(here, int(uint32_t(value >> 32)), leader, 0x1f));
  return uint64_t(high) << 32 | low;
}

/// Relaxed `fetchAdd` at device scope by all lanes that are here now, as if one
/// after the other: they share one access if they add the same to the same.
///
/// Threads   any lane, in divergent code.
/// Source    PTX ISA 9.0, 9.7.9.26 (activemask): lanes that it names run
///           together, and stay together up to the shuffles behind it.
inline uint64_t fetchAddTogether(uint64_t *at, uint64_t operand) {
  const uint32_t here = uint32_t(__nvvm_activemask());
  if ((here & (here - 1)) == 0)
    return fetchAdd<Order::Relaxed, Scope::Device>(at, operand);
  const int leader = __builtin_ctz(here);
  const auto share = [&](uint64_t value) {
    return shareAmong(here, value, leader);
  };
  const auto address = reinterpret_cast<uint64_t>(at);
  const uint32_t alike = __nvvm_vote_ballot_sync(
      here, share(operand) == operand && share(address) == address);
  const auto lane = uint32_t(__nvvm_read_ptx_sreg_laneid());
  const bool shares = alike >> lane & 1;
  uint64_t before = 0;
  if (!shares || int(lane) == leader)
    before = fetchAdd<Order::Relaxed, Scope::Device>(
        at, operand * (shares ? uint32_t(__builtin_popcount(alike)) : 1));
  const uint64_t first = share(before);
  const auto rank = uint32_t(__builtin_popcount(alike & ((1u << lane) - 1)));
  return shares ? first + operand * rank : before;
}

/// Lowers a count on the desk, for this lane alone; returns what is left, below
/// zero if there was nothing.
inline int32_t takeFromDesk(int32_t *count) {
  int32_t before;
  asm volatile("atom.relaxed.cta.add.s32 %0, [%1], -1;"
               : "=r"(before)
               : "l"(count)
               : "memory");
  return before - 1;
}

/// Halves of `fence<Scope::Device>`: a release waits for the stores before it,
/// an acquire empties the L1 cache of the multiprocessor, and neither does the
/// other's part.
///
/// Source    PTX ISA 9.0, 9.7.13.4 (fence.acquire, fence.release: sm_90).
inline void acquireFence() {
  if (rk_reflect("__CUDA_ARCH") >= 900)
    asm volatile("fence.acquire.gpu;" ::: "memory");
  else
    asm volatile("fence.acq_rel.gpu;" ::: "memory");
}
inline void releaseFence() {
  if (rk_reflect("__CUDA_ARCH") >= 900)
    asm volatile("fence.release.gpu;" ::: "memory");
  else
    asm volatile("fence.acq_rel.gpu;" ::: "memory");
}

template <> inline void fence<Scope::Device>() {
  asm volatile("fence.acq_rel.gpu;" ::: "memory");
}
template <> inline void fence<Scope::System>() {
  asm volatile("fence.acq_rel.sys;" ::: "memory");
}

} // namespace rk::device
