//===- PacketAccess.h - Packets in memory that a device reads ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes packets that a running device reads, and reads those it writes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"
#include "rk/detail/PayloadWords.h"

#include <cstdint>
#include <cstring>

#if defined(__SANITIZE_THREAD__)
#define RK_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RK_THREAD_SANITIZER 1
#endif
#endif

#if defined(__x86_64__) && !defined(RK_THREAD_SANITIZER)
#define RK_VECTOR_PIECES 1
#include <emmintrin.h>
#endif

namespace rk::runtime {

/// The words of one packet: header, then payload.
struct PacketContent {
  abi::PacketHeader header;
  std::uint32_t payload[abi::PacketWords - abi::HeaderWords] = {};
};

/// Writes one piece with its mark.
///
/// Ordering  release: what this thread wrote before is visible to whoever sees
///           the mark. On x86-64 that takes one 16-byte store: stores become
///           visible in program order (Intel SDM volume 3, 9.2.2; AMD APM
///           volume 2, 7.2), and an aligned 16-byte SSE store is one access on
///           every processor with AVX (SDM 9.1.1; AMD APM 7.3.2), so the mark
///           cannot be seen without its words. A processor without AVX would
///           split it into two of 8 bytes, the one with the mark second.
///           Elsewhere, and for the thread sanitizer, which does not know the
///           rule, three words and then a release store of the mark.
inline void storePiece(abi::Piece *to, std::uint32_t a, std::uint32_t b,
                       std::uint32_t c, std::uint32_t mark) {
#if defined(RK_VECTOR_PIECES)
  // Keeps the compiler from moving earlier stores behind this one.
  asm volatile("" ::: "memory");
  _mm_store_si128(reinterpret_cast<__m128i *>(to),
                  _mm_set_epi32(int(mark), int(c), int(b), int(a)));
#else
  __atomic_store_n(&to->word[0], a, __ATOMIC_RELAXED);
  __atomic_store_n(&to->word[1], b, __ATOMIC_RELAXED);
  __atomic_store_n(&to->word[2], c, __ATOMIC_RELAXED);
  __atomic_store_n(&to->mark, mark, __ATOMIC_RELEASE);
#endif
}

/// A packet as four header words and the halves of its payload, in registers.
struct PlainPacket {
  std::uint32_t header[abi::HeaderWords];
  detail::PayloadHalf low, high;
};

#if defined(RK_VECTOR_PIECES)

/// Two pairs of words as one piece.
inline __m128i pieceOf(std::uint64_t first, std::uint64_t second) {
  return _mm_set_epi64x((long long)(second), (long long)(first));
}
inline void storePiece(abi::Piece *to, __m128i piece) {
  asm volatile("" ::: "memory"); // as above
  _mm_store_si128(reinterpret_cast<__m128i *>(to), piece);
}

/// Writes a packet whose pieces all carry `mark`, without memory in between: a
/// load of bytes that several stores have just written, as of a packet that is
/// put together on the stack, waits until those stores have left the processor,
/// and so have all before them, which are to lines that a device has read
/// (Intel optimization manual, store forwarding; AMD's for family 19h, 2.12).
/// From the words of `packet` a compiler would make just that.
inline void writePacket(abi::Packet *to, const PlainPacket &packet,
                        std::uint32_t mark) {
  const auto pair = [](std::uint64_t low, std::uint32_t high) {
    return low | std::uint64_t(high) << 32;
  };
  const std::uint32_t (&header)[abi::HeaderWords] = packet.header;
  const auto low = reinterpret_cast<__m128i>(packet.low);
  const auto high = reinterpret_cast<__m128i>(packet.high);
  const __m128i marks = pieceOf(0, pair(0, mark));
  const __m128i words = pieceOf(~std::uint64_t(0), 0xffffffffu);
  storePiece(&to->piece[0],
             pieceOf(pair(header[0], header[1]), pair(header[2], mark)));
  storePiece(&to->piece[1],
             _mm_or_si128(_mm_and_si128(_mm_slli_si128(low, 4), words),
                          pieceOf(header[3], pair(0, mark))));
  storePiece(
      &to->piece[2],
      _mm_or_si128(_mm_or_si128(_mm_srli_si128(low, 8),
                                _mm_srli_si128(_mm_slli_si128(high, 12), 4)),
                   marks));
  storePiece(&to->piece[3], _mm_or_si128(_mm_srli_si128(high, 4), marks));
}

#else

/// Writes a packet whose pieces all carry `mark`.
inline void writePacket(abi::Packet *to, const PlainPacket &packet,
                        std::uint32_t mark) {
  const std::uint64_t a = packet.low[0], b = packet.low[1];
  const std::uint64_t c = packet.high[0], d = packet.high[1];
  const auto low = [](std::uint64_t pair) { return std::uint32_t(pair); };
  const auto high = [](std::uint64_t pair) {
    return std::uint32_t(pair >> 32);
  };
  const std::uint32_t (&header)[abi::HeaderWords] = packet.header;
  storePiece(&to->piece[0], header[0], header[1], header[2], mark);
  storePiece(&to->piece[1], header[3], low(a), high(a), mark);
  storePiece(&to->piece[2], low(b), high(b), low(c), mark);
  storePiece(&to->piece[3], high(c), low(d), high(d), mark);
}

#endif

/// Writes a packet whose pieces all carry `mark`. A by-reference payload is
/// written before.
inline void writePacket(abi::Packet *to, const PacketContent &content,
                        std::uint32_t mark) {
  std::uint32_t header[abi::HeaderWords];
  content.header.pack(header);
  const std::uint32_t *payload = content.payload;
  storePiece(&to->piece[0], header[0], header[1], header[2], mark);
  storePiece(&to->piece[1], header[3], payload[0], payload[1], mark);
  storePiece(&to->piece[2], payload[2], payload[3], payload[4], mark);
  storePiece(&to->piece[3], payload[5], payload[6], payload[7], mark);
}

#if defined(RK_VECTOR_PIECES)

/// Writes a packet by one store of 64 bytes: `head` has the header's words,
/// `low` and `high` the payload's. Needs `canWriteWholePackets`.
///
/// Ordering  as `storePiece`: no processor with AVX-512 splits an aligned store
///           of 64 bytes into parts that cut one of its 16-byte pieces (Intel's
///           write the line at once, AMD's in halves), so each mark comes with
///           its words. That holds for write-combining memory too: a line that
///           is full leaves the processor at once and in one piece (Intel SDM
///           volume 3, 12.3.1). Were it cut all the same, its parts would come
///           in ascending order, and a mark is its piece's last word.
[[gnu::always_inline]] inline void storeWhole(abi::Packet *to, __m128i head,
                                              __m128i low, __m128i high,
                                              std::uint32_t mark) {
  // Of the payload, 0 to 7; of header and mark, 16 to 20.
  alignas(64) static constexpr std::uint32_t From[] = {
      16, 17, 18, 20, 19, 0, 1, 20, 2, 3, 4, 20, 5, 6, 7, 20};
  const __m128i marks = pieceOf(mark, 0);
  // Registers that code without AVX-512 does not have, so that none of its
  // are left with dirty upper halves.
  asm volatile("vinserti32x4 $1, %x[high], %g[low], %%zmm16\n\t"
               "vinserti32x4 $1, %x[marks], %g[head], %%zmm17\n\t"
               "vmovdqa64 %[from], %%zmm18\n\t"
               "vpermi2d %%zmm17, %%zmm16, %%zmm18\n\t"
               "vmovdqa64 %%zmm18, %[to]"
               : [to] "=m"(*to)
               : [low] "x"(low), [high] "x"(high), [head] "x"(head),
                 [marks] "x"(marks), [from] "m"(From)
               : "memory");
}

/// Whether packets can be written to device memory.
inline bool canWriteWholePackets() {
  return __builtin_cpu_supports("avx512f") != 0;
}
/// Orders stores to device memory, which combines them, before later ones.
///
/// Source    Intel SDM volume 3, 12.3.1 and volume 2, SFENCE.
inline void fenceWholePackets() { _mm_sfence(); }

inline void writeWholePacket(abi::Packet *to, const PlainPacket &packet,
                             std::uint32_t mark) {
  const auto pair = [](std::uint64_t low, std::uint64_t high) {
    return low | high << 32;
  };
  const std::uint32_t (&header)[abi::HeaderWords] = packet.header;
  storeWhole(to,
             pieceOf(pair(header[0], header[1]), pair(header[2], header[3])),
             reinterpret_cast<__m128i>(packet.low),
             reinterpret_cast<__m128i>(packet.high), mark);
}
inline void writeWholePacket(abi::Packet *to, const PacketContent &content,
                             std::uint32_t mark) {
  std::uint32_t header[abi::HeaderWords];
  content.header.pack(header);
  const auto four = [](const std::uint32_t *words) {
    return _mm_set_epi32(int(words[3]), int(words[2]), int(words[1]),
                         int(words[0]));
  };
  storeWhole(to, four(header), four(content.payload), four(content.payload + 4),
             mark);
}

#else

inline bool canWriteWholePackets() { return false; }
inline void fenceWholePackets() {}
/// Not called: see `canWriteWholePackets`.
template <class Content>
void writeWholePacket(abi::Packet *to, const Content &content,
                      std::uint32_t mark) {
  writePacket(to, content, mark);
}

#endif

/// Asks for the ownership of a packet's cache line that will be written soon:
/// the device has read it since it was written last.
inline void prefetchPacket(abi::Packet *packet) {
#if defined(__x86_64__)
  // Not `__builtin_prefetch`, which becomes a prefetch for reading on the
  // baseline. Processors that lack it take it for a no-op (Intel SDM volume 2).
  asm volatile("prefetchw %0" ::"m"(*packet));
#else
  __builtin_prefetch(packet, 1);
#endif
}

/// Reads a packet; returns false unless all its pieces carry `mark`.
///
/// Ordering  acquire for each mark, and so for what the writer wrote before it.
inline bool readPacket(const abi::Packet *from, PacketContent &content,
                       std::uint32_t mark) {
  std::uint32_t words[abi::PacketWords];
  for (std::uint32_t i = 0; i < abi::PiecesPerPacket; ++i) {
    const abi::Piece &piece = from->piece[i];
    if (__atomic_load_n(&piece.mark, __ATOMIC_ACQUIRE) != mark)
      return false;
    for (std::uint32_t j = 0; j < 3; ++j)
      words[3 * i + j] = __atomic_load_n(&piece.word[j], __ATOMIC_RELAXED);
  }
  std::uint32_t header[abi::HeaderWords];
  for (std::uint32_t i = 0; i < abi::HeaderWords; ++i)
    header[i] = words[i];
  content.header = abi::PacketHeader::unpack(header);
  for (std::uint32_t i = abi::HeaderWords; i < abi::PacketWords; ++i)
    content.payload[i - abi::HeaderWords] = words[i];
  return true;
}

/// Copies words that a device may be writing or reading at the time.
inline void copyWords(void *to, const void *from, std::uint64_t bytes) {
  auto *target = static_cast<std::uint32_t *>(to);
  auto *source = static_cast<const std::uint32_t *>(from);
  for (std::uint64_t i = 0; i < bytes / 4; ++i)
    target[i] = __atomic_load_n(&source[i], __ATOMIC_RELAXED);
}

} // namespace rk::runtime
