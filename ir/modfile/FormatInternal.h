//===- FormatInternal.h - The bytes of a module file -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The records of a module file as they lie in it. `docs/module-format.md` is
/// the description; this file, the reader and the writer follow it.
///
/// All numbers are little-endian and unaligned: a record is copied out of the
/// file before it is read.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstddef>
#include <cstdint>

namespace rk::modfile::format {

/// An unsigned number of `Bytes` bytes, the lowest first.
template <class Value, std::size_t Bytes> struct Little {
  unsigned char byte[Bytes] = {};

  constexpr Little() = default;
  constexpr Little(Value value) {
    for (std::size_t i = 0; i < Bytes; ++i)
      byte[i] = static_cast<unsigned char>(value >> (8 * i));
  }
  constexpr operator Value() const {
    Value value = 0;
    for (std::size_t i = 0; i < Bytes; ++i)
      value |= static_cast<Value>(static_cast<Value>(byte[i]) << (8 * i));
    return value;
  }
};
using U16 = Little<std::uint16_t, 2>;
using U32 = Little<std::uint32_t, 4>;
using U64 = Little<std::uint64_t, 8>;

/// The first bytes of a file. `name` and `producer` are string numbers.
struct Header {
  unsigned char magic[8] = {};
  U16 major;
  U16 minor;
  U32 headerBytes;
  U64 fileBytes;
  U64 hash;
  U32 sectionCount;
  U32 runtimeVersion;
  U32 name;
  U32 producer;
  U64 reserved[2];
};
static_assert(sizeof(Header) == 64 && alignof(Header) == 1);
static_assert(offsetof(Header, fileBytes) == 16 &&
              offsetof(Header, hash) == 24 &&
              offsetof(Header, sectionCount) == 32);

/// What a section holds. A file has one of each, in this order; those that a
/// newer minor version adds come behind.
enum class SectionKind : std::uint32_t {
  Strings = 1,
  Text = 2,
  Messages = 3,
  Actors = 4,
  Fields = 5,
  Handlers = 6,
  Images = 7,
  Payload = 8,
  Stencils = 9, ///< only in a module with stencils
};
inline constexpr std::uint32_t SectionKindCount = 9;
/// The sections that every file has: the first ones.
inline constexpr std::uint32_t RequiredSectionCount = 8;

/// A row of the section table, which follows the header.
struct Section {
  U32 kind;
  U32 recordBytes;
  U64 offset;
  U64 bytes;
};
static_assert(sizeof(Section) == 24 && alignof(Section) == 1);

/// A string: `bytes` bytes at `offset` in the text section, and a zero byte.
struct String {
  U32 offset;
  U32 bytes;
};
static_assert(sizeof(String) == 8);

struct Message {
  U64 hash;
  U32 name;
  U32 size;
  U32 align;
  U32 flags;
};
static_assert(sizeof(Message) == 24);
/// Of `Message::flags`; a file of version 0.2 or older has none.
inline constexpr std::uint32_t BulkMessage = 1;

struct Actor {
  U64 hash;
  U32 name;
  U32 size;
  U32 align;
  U32 file;
  U32 line;
  U32 firstField;
  U32 fieldCount;
  U32 flags; ///< the policy of full mailboxes, and `ResidentActor`
};
static_assert(sizeof(Actor) == 40);
/// Of `Actor::flags`; a file of version 1.1 or older has none.
inline constexpr std::uint32_t WhenFullMask = 0xff, ResidentActor = 1u << 8;

struct Field {
  U32 name;
  U32 offset;
  U32 size;
  U32 reserved;
};
static_assert(sizeof(Field) == 16);

struct Handler {
  U32 actor;
  U32 message;
  U32 reply;
  U32 lanes;
  U32 file;
  U32 line;
  U32 column;
  U32 reserved;
};
static_assert(sizeof(Handler) == 32);

struct Image {
  U64 offset;
  U64 bytes;
  U32 kind;
  U32 target;
  U32 entry;
  U32 registers;
  U32 stackBytes;
  U32 spillBytes;
  U32 sharedBytes;
  U32 reserved;
};
static_assert(sizeof(Image) == 48 && alignof(Image) == 1);

/// What a row of the stencil table is. The rows of a stencil follow each other:
/// itself, then its arrays, its plans, its boundary and its reductions.
enum class StencilRowKind : std::uint32_t {
  Stencil = 1,
  Array = 2,
  Plan = 3,
  Boundary = 4,
  Reduction = 5,
};

struct StencilRow {
  U32 kind;
  U32 name;
  U64 hash; ///< of a stencil or reduction; else 0
  U32 numbers[12];
};
static_assert(sizeof(StencilRow) == 64 && alignof(StencilRow) == 1);

/// The places in `StencilRow::numbers`.
namespace stencilrow {
enum Stencil {
  Size,
  Align,
  Dimensions,
  Radius,
  File,
  Line,
  Operations,
  Neighbours, ///< a StencilNeighbours
};
enum Array {
  Offset,
  ElementBytes,
  Levels,
  Entries,
  Flags, ///< 1 float, 2 coefficient, 4 written, 8 bf16
  Halo,  ///< three numbers
  Part = Halo + 3,
};
enum Plan {
  Entry,
  Block, ///< three numbers
  Tile = Block + 3,
  Steps = Tile + 3,
  SharedBytes,
};
enum Boundary { BoundaryEntry, Sets, FilledLevels, ReadsStep, Reach };
enum Reduction { CellsEntry, FoldEntry, ResultSize, ResultAlign };
} // namespace stencilrow

/// The size of one record of each kind, in this version; text and payload are
/// counted in bytes.
inline constexpr std::uint32_t RecordBytes[SectionKindCount] = {
    sizeof(String),    1,
    sizeof(Message),   sizeof(Actor),
    sizeof(Field),     sizeof(Handler),
    sizeof(Image),     1,
    sizeof(StencilRow)};

/// Sections start at multiples of this, payloads and their section at
/// multiples of the second number.
inline constexpr std::uint64_t SectionAlignment = 8;
inline constexpr std::uint64_t PayloadAlignment = 64;

constexpr std::uint64_t alignUp(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

} // namespace rk::modfile::format
