//===- StencilArray.h - Fields, coefficients and their words ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The members of a stencil's class that are arrays, and how the code of a cell
/// reads and writes them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stencil.h"
#include "rk/abi/StencilOutside.h"
#include "rk/detail/HostStubs.h"
#include "rk/detail/Markers.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace rk {

namespace detail {

template <class T> constexpr void requireElement() {
  static_assert(std::is_trivially_copyable_v<T> && std::is_object_v<T> &&
                    sizeof(T) <= abi::MaxStencilElementBytes,
                "the values of a field are trivially copyable and have at most "
                "64 bytes: put larger ones into several fields");
}

} // namespace detail

/// A value of T in every cell that changes from step to step. An update can
/// read the values of the last `Levels` steps.
template <class T, int Levels = 1> class Field {
public:
  using Value = T;
  static constexpr int LevelCount = Levels;
  static_assert(Levels >= 1 && Levels <= int(abi::MaxStencilLevels),
                "a field has 1 to 4 time levels");
};

/// A value of T in every cell that no step changes.
template <class T> class Coefficients {
public:
  using Value = T;
};

namespace detail {

/// The bytes of a word: a value of 1, 2, 4 or 8 bytes is one, and of others
/// each word has an array of its own.
template <class T> constexpr std::size_t wordBytes() {
  if (sizeof(T) <= 8 && std::has_single_bit(sizeof(T)))
    return sizeof(T);
  return alignof(T) < 8 ? alignof(T) : 8;
}

/// What a word of a value of T travels as.
template <class T>
using Word = std::conditional_t<
    std::is_same_v<T, float> || std::is_same_v<T, double>, T,
    std::conditional_t<
        wordBytes<T>() == 1, std::uint8_t,
        std::conditional_t<wordBytes<T>() == 2, std::uint16_t,
                           std::conditional_t<wordBytes<T>() == 4,
                                              std::uint32_t, std::uint64_t>>>>;

#if defined(__RKC__)
// Overloads tell the words apart by a value of them.
#define RK_STENCIL_WORD(name, type)                                            \
  inline type readWord(type, const void *array, std::uint32_t level,           \
                       std::int32_t x, std::int32_t y, std::int32_t z) {       \
    return __rk_stencil_read_##name(array, level, x, y, z);                    \
  }                                                                            \
  inline type insideWord(type, const void *array, std::uint32_t level,         \
                         StencilFrom from, std::int32_t distance) {            \
    return __rk_stencil_inside_##name(                                         \
        array, level, static_cast<std::uint32_t>(from), distance);             \
  }                                                                            \
  inline void writeWord(const void *array, type value) {                       \
    __rk_stencil_write_##name(array, value);                                   \
  }
using abi::StencilFrom;
RK_STENCIL_WORD(f32, float)
RK_STENCIL_WORD(f64, double)
RK_STENCIL_WORD(8, std::uint8_t)
RK_STENCIL_WORD(16, std::uint16_t)
RK_STENCIL_WORD(32, std::uint32_t)
RK_STENCIL_WORD(64, std::uint64_t)
#undef RK_STENCIL_WORD

/// Makes a value of T of its words: `read(part)` gives each.
template <class T, class Read> T readWords(const void *array, Read read) {
  constexpr std::size_t Count = sizeof(T) / wordBytes<T>();
  if constexpr (Count == 1) {
    return std::bit_cast<T>(read(array));
  } else {
    return [&]<std::size_t... Part>(std::index_sequence<Part...>) {
      const std::array<Word<T>, Count> words = {
          read(__rk_stencil_part(array, Part))...};
      return std::bit_cast<T>(words);
    }(std::make_index_sequence<Count>());
  }
}

template <class T> void writeWords(const void *array, const T &value) {
  constexpr std::size_t Count = sizeof(T) / wordBytes<T>();
  if constexpr (Count == 1) {
    writeWord(array, std::bit_cast<Word<T>>(value));
  } else {
    const auto words = std::bit_cast<std::array<Word<T>, Count>>(value);
    [&]<std::size_t... Part>(std::index_sequence<Part...>) {
      (writeWord(__rk_stencil_part(array, Part), words[Part]), ...);
    }(std::make_index_sequence<Count>());
  }
}
#endif

/// What the code of one cell, or place, can do with arrays.
struct StencilAccess {
  template <class T, int Level, int X, int Y, int Z>
  static T read(const void *array) {
    requireElement<T>();
#if defined(__RKC__)
    return readWords<T>(array, [](const void *word) {
      return readWord(Word<T>(), word, Level, X, Y, Z);
    });
#else
    (void)array;
    return NotOnHost{};
#endif
  }

  template <class T, int Level, abi::StencilFrom From, int Distance>
  static T inside(const void *array) {
    requireElement<T>();
#if defined(__RKC__)
    return readWords<T>(array, [](const void *word) {
      return insideWord(Word<T>(), word, Level, From, Distance);
    });
#else
    (void)array;
    return NotOnHost{};
#endif
  }

  template <class T> static void write(const void *array, const T &value) {
    requireElement<T>();
#if defined(__RKC__)
    writeWords(array, value);
#else
    (void)array;
    (void)value;
    (void)static_cast<int>(NotOnHost{});
#endif
  }

  /// Number 0 x, 1 y, 2 z; beyond a face also 3 its number, 4 the depth, 5 the
  /// step.
  template <std::uint32_t Number> static std::int64_t position() {
#if defined(__RKC__)
    return __rk_stencil_position(Number);
#else
    return NotOnHost{};
#endif
  }
};

} // namespace detail
} // namespace rk
