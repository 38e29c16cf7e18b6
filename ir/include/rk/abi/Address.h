//===- Address.h - What names one actor ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The 64-bit address of an actor: node, device, slot and generation.
///
/// A slot is a row of the actor table of one device. It is used again after
/// its actor stopped, with the next generation, so an old address never
/// reaches a new actor. A slot whose generations are used up is retired.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::abi {

inline constexpr uint32_t SlotBits = 28;
inline constexpr uint32_t GenerationBits = 20;
inline constexpr uint32_t DeviceBits = 8;
inline constexpr uint32_t NodeBits = 8;
static_assert(SlotBits + GenerationBits + DeviceBits + NodeBits == 64);

/// The largest number of actors that one device can hold at a time.
inline constexpr uint32_t MaxSlots = (1u << SlotBits) - 1;
/// The first generation of a slot. 0 is never issued, so the all-zero address
/// is no actor's.
inline constexpr uint32_t FirstGeneration = 1;
inline constexpr uint32_t LastGeneration = (1u << GenerationBits) - 1;

struct Address {
  uint64_t bits = 0;

  static constexpr Address make(uint32_t slot, uint32_t generation,
                                uint32_t device = 0, uint32_t node = 0) {
    return {uint64_t(slot & MaxSlots) |
            uint64_t(generation & LastGeneration) << SlotBits |
            uint64_t(device & 0xff) << (SlotBits + GenerationBits) |
            uint64_t(node & 0xff) << (SlotBits + GenerationBits + DeviceBits)};
  }
  constexpr uint32_t slot() const { return uint32_t(bits) & MaxSlots; }
  constexpr uint32_t generation() const {
    return uint32_t(bits >> SlotBits) & LastGeneration;
  }
  constexpr uint32_t device() const {
    return uint32_t(bits >> (SlotBits + GenerationBits)) & 0xff;
  }
  constexpr uint32_t node() const { return uint32_t(bits >> 56); }
  constexpr bool isNull() const { return bits == 0; }
  constexpr bool operator==(const Address &) const = default;
};
static_assert(sizeof(Address) == 8);

} // namespace rk::abi
