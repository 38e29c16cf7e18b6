//===- Markers.h - Calls that rkc raises to rk operations ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions by which DSL headers speak to the compiler. None has a body:
/// `rkc` raises each call to an operation of the `rk` dialect, and refuses one
/// whose arguments marked `constant` are not compile-time constants. Host
/// compilers never see them.
///
//===----------------------------------------------------------------------===//

#pragma once

#if defined(__RKC__)

#include <stdint.h>

namespace rk {
class Context;
}

extern "C" {
// `type` is the address of rk::detail::typeTag<T>: it names the C++ type T.
// Orders and scopes are the values of rk::Order and rk::Scope (constant):
// order 0 relaxed, 1 acquire, 2 release, 3 acq_rel, 4 seq_cst;
// scope 0 block, 1 cluster, 2 device, 3 system.

// rk.send: `size` bytes (constant) at `bytes` to an actor of type `receiver`;
// `wantsReply` constant 0 or 1.
uint32_t __rk_send(rk::Context *context, uint64_t address, const void *receiver,
                   const void *type, const void *bytes, uint32_t size,
                   uint32_t wantsReply) noexcept;
// rk.reply
uint32_t __rk_reply(rk::Context *context, uint64_t token, const void *type,
                    const void *bytes, uint32_t size) noexcept;
// rk.spawn
uint64_t __rk_spawn(rk::Context *context, const void *type, const void *state,
                    uint32_t size, uint32_t *status) noexcept;
// rk.spawn with a placement
uint64_t __rk_spawn_at(rk::Context *context, const void *type,
                       const void *state, uint32_t size, uint32_t placement,
                       uint64_t neighbour, uint32_t *status) noexcept;
// rk.spawn_n: returns the address of the first.
uint64_t __rk_spawn_n(rk::Context *context, const void *type, const void *state,
                      uint32_t size, uint32_t count, uint32_t *status) noexcept;
// rk.bulk: `call` is an rk::abi::BulkCall (constant).
uint64_t __rk_bulk(rk::Context *context, uint32_t call, uint64_t handle,
                   uint64_t bytes) noexcept;
// rk.stop, rk.self, rk.sender
uint32_t __rk_stop(rk::Context *context, uint64_t address) noexcept;
uint64_t __rk_self(rk::Context *context) noexcept;
uint64_t __rk_sender(rk::Context *context) noexcept;

// rk.clock: nanoseconds (kind 0) or cycles (kind 1, constant).
uint64_t __rk_clock(uint32_t kind) noexcept;
// rk.pause
void __rk_pause(uint32_t nanoseconds) noexcept;

// rk.group.*: the lanes that run one handler call together.
[[clang::convergent]] uint32_t __rk_group_size() noexcept;
[[clang::convergent]] uint32_t __rk_group_rank() noexcept;
[[clang::convergent]] void __rk_group_sync() noexcept;
[[clang::convergent]] uint32_t __rk_group_ballot(uint32_t predicate) noexcept;
[[clang::convergent]] uint32_t __rk_group_shuffle(uint32_t value,
                                                  uint32_t source) noexcept;
// rk.group.reduce: operation constant: 0 add, 1 min, 2 max, 3 and, 4 or, 5 xor
[[clang::convergent]] uint32_t __rk_group_reduce(uint32_t value,
                                                 uint32_t operation) noexcept;

// rk.group.copy: `bytes` bytes, or none; returns how many it has copied.
[[clang::convergent]] uint64_t __rk_group_copy(void *to, const void *from,
                                               uint64_t bytes) noexcept;

// rk.atomic.*: 32 and 64 bit; order, scope, operation constant.
// operation: 0 exchange, 1 add, 2 and, 3 or, 4 xor, 5 min, 6 max (unsigned),
// 7 min, 8 max (signed)
uint32_t __rk_atomic_load_32(const void *pointer, uint32_t order,
                             uint32_t scope) noexcept;
uint64_t __rk_atomic_load_64(const void *pointer, uint32_t order,
                             uint32_t scope) noexcept;
void __rk_atomic_store_32(void *pointer, uint32_t value, uint32_t order,
                          uint32_t scope) noexcept;
void __rk_atomic_store_64(void *pointer, uint64_t value, uint32_t order,
                          uint32_t scope) noexcept;
uint32_t __rk_atomic_rmw_32(void *pointer, uint32_t value, uint32_t operation,
                            uint32_t order, uint32_t scope) noexcept;
uint64_t __rk_atomic_rmw_64(void *pointer, uint64_t value, uint32_t operation,
                            uint32_t order, uint32_t scope) noexcept;
// Returns the value found; success when it equals `expected`.
uint32_t __rk_atomic_cas_32(void *pointer, uint32_t expected, uint32_t desired,
                            uint32_t order, uint32_t scope) noexcept;
uint64_t __rk_atomic_cas_64(void *pointer, uint64_t expected, uint64_t desired,
                            uint32_t order, uint32_t scope) noexcept;
void __rk_fence(uint32_t order, uint32_t scope) noexcept;

// rk.ring.*: a bounded queue of one agent; layout {u32 head, u32 count, items}.
// `capacity`, `size` and `align` of an item are constants. 1 on success.
uint32_t __rk_ring_push(void *ring, const void *item, uint32_t capacity,
                        uint32_t size, uint32_t align) noexcept;
uint32_t __rk_ring_pop(void *ring, void *item, uint32_t capacity, uint32_t size,
                       uint32_t align) noexcept;

// rk.encode / rk.decode: format is the value of rk::FloatFormat (constant):
// 0 bf16, 1 fp8 e4m3, 2 fp8 e5m2, 3 fp6 e3m2, 4 fp6 e2m3, 5 fp4 e2m1. The bits
// are the low bits of the integer; the others are 0.
uint32_t __rk_encode(float value, uint32_t format) noexcept;
float __rk_decode(uint32_t bits, uint32_t format) noexcept;

// rk.stencil.access, .inside, .store: `array` is the address of a member of the
// object that the update was called with. Level, offsets, `from` (a value of
// abi::StencilFrom) and distance are constants. Values that are no float and no
// double travel as integers of their size.
#define RK_STENCIL_MARKERS(name, type)                                         \
  [[gnu::const]] type __rk_stencil_read_##name(const void *array,              \
                                               uint32_t level, int32_t x,      \
                                               int32_t y, int32_t z) noexcept; \
  [[gnu::const]] type __rk_stencil_inside_##name(                              \
      const void *array, uint32_t level, uint32_t from,                        \
      int32_t distance) noexcept;                                              \
  void __rk_stencil_write_##name(const void *array, type value) noexcept;
RK_STENCIL_MARKERS(f32, float)
RK_STENCIL_MARKERS(f64, double)
RK_STENCIL_MARKERS(8, uint8_t)
RK_STENCIL_MARKERS(16, uint16_t)
RK_STENCIL_MARKERS(32, uint32_t)
RK_STENCIL_MARKERS(64, uint64_t)
#undef RK_STENCIL_MARKERS
// Names word `part` (constant) of an array whose values are larger than a word,
// for the functions above.
[[gnu::const]] const void *__rk_stencil_part(const void *array,
                                             uint32_t part) noexcept;
// The cell's place along an axis (constant): 0 x, 1 y, 2 z. In a boundary also
// 3 the face, 4 the depth, 5 the step.
[[gnu::const]] int64_t __rk_stencil_position(uint32_t axis) noexcept;
}

#endif // __RKC__
