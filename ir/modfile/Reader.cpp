//===- Reader.cpp - From the bytes of a file to a module -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/Reader.h"

#include "FormatInternal.h"
#include "HashInternal.h"
#include "StencilRowsInternal.h"
#include "ValidateInternal.h"

#include "rk/modfile/Version.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace rk::modfile {
namespace {

using abi::StatusCode;
using format::SectionKind;
using Bytes = std::span<const std::byte>;

std::string number(std::uint64_t value) { return std::to_string(value); }

constexpr const char *SectionNames[format::SectionKindCount] = {
    "string table",     "text",        "message type table",
    "actor type table", "field table", "handler table",
    "image table",      "payload",     "stencil table"};

/// Copies a record out of the file; `offset` is known to be inside.
template <class Record> Record load(Bytes bytes, std::uint64_t offset) {
  Record record;
  std::memcpy(&record, bytes.data() + offset, sizeof record);
  return record;
}

Error corrupt(std::uint64_t offset, std::string message) {
  return {StatusCode::CorruptModule, offset, std::move(message)};
}

/// Checks what says which version of the format a file has, and its length.
std::optional<Error> checkStart(Bytes bytes) {
  const std::size_t shared = std::min(bytes.size(), sizeof Magic);
  if (bytes.empty() || std::memcmp(bytes.data(), Magic, shared) != 0)
    return corrupt(0, "this is no module file: it does not start with the "
                      "magic number");
  if (bytes.size() < sizeof(format::Header))
    return corrupt(bytes.size(), "the file ends inside the header of 64 bytes");
  const auto header = load<format::Header>(bytes, 0);
  if (header.major != MajorVersion)
    return Error{StatusCode::UnsupportedVersion,
                 offsetof(format::Header, major),
                 "the file has format version " + number(header.major) + "." +
                     number(header.minor) + "; this reader knows " +
                     number(MajorVersion) + ".x"};
  if (header.headerBytes != sizeof(format::Header))
    return corrupt(offsetof(format::Header, headerBytes),
                   "the header says that it has " + number(header.headerBytes) +
                       " bytes instead of 64");
  if (header.fileBytes < sizeof(format::Header))
    return corrupt(offsetof(format::Header, fileBytes),
                   "the header says that the file has " +
                       number(header.fileBytes) + " bytes");
  return std::nullopt;
}

/// One section: where it lies, and how far apart its records are.
struct SectionView {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint32_t recordBytes = 1;

  std::uint64_t count() const { return bytes / recordBytes; }
  std::uint64_t end() const { return offset + bytes; }
  std::uint64_t at(std::uint64_t record) const {
    return offset + record * recordBytes;
  }
};

/// Reads one file. Each step returns false after it has set `error_`, and
/// relies on the steps before it.
class FileReader {
public:
  explicit FileReader(Bytes bytes) : bytes_(bytes) {}

  Result<ModuleView> read() {
    if (readHeader() && readSections() && readStrings() && readNames() &&
        readMessages() && readActors() && readHandlers() && readImages() &&
        readStencils() && checkRules())
      return std::move(module_);
    return std::move(error_);
  }

private:
  bool readHeader();
  bool readSections();
  bool readSection(std::uint32_t row, std::uint64_t &lastEnd,
                   std::uint32_t &lastKind);
  bool checkRow(const format::Section &row, std::uint64_t at,
                std::uint64_t lastEnd);
  bool checkKnownRow(const format::Section &row, std::uint64_t at);
  bool readStrings();
  bool readString(std::uint64_t record, std::uint64_t &end);
  bool readNames();
  bool readMessages();
  bool readActors();
  bool readFields(const format::Actor &record, std::uint64_t at,
                  ActorTypeView &actor);
  bool readHandlers();
  bool readImages();
  bool checkPayload(const format::Image &record, std::uint64_t at,
                    std::uint64_t expected);
  bool readStencils();
  bool readStencilRow(const format::StencilRow &row, std::uint64_t at);
  bool checkRules();

  bool fail(std::uint64_t offset, std::string message) {
    error_ = corrupt(offset, std::move(message));
    return false;
  }
  const SectionView &section(SectionKind kind) const {
    return sections_[static_cast<std::uint32_t>(kind) - 1];
  }
  /// Resolves the string number that stands at `offset`.
  bool text(std::uint32_t string, std::uint64_t offset, std::string_view &out) {
    if (string >= strings_.size())
      return fail(offset, "string number " + number(string) +
                              " is beyond the string table of " +
                              number(strings_.size()));
    out = strings_[string];
    return true;
  }
  /// Checks a word that must be zero, unless the file is of a newer version.
  bool spare(std::uint64_t value, std::uint64_t offset) {
    return value == 0 || newer_ ||
           fail(offset,
                "a reserved word holds " + number(value) + " instead of 0");
  }
  bool zeros(std::uint64_t from, std::uint64_t to) {
    for (; from < to; ++from)
      if (bytes_[from] != std::byte(0))
        return fail(from, "a padding byte is not zero");
    return true;
  }

  Bytes bytes_;
  format::Header header_;
  /// The file was written by a later minor version.
  bool newer_ = false;
  std::array<SectionView, format::SectionKindCount> sections_;
  std::vector<std::string_view> strings_;
  ModuleView module_;
  /// The record of each image in `module_`.
  std::vector<std::uint64_t> imageRecords_;
  Error error_;
};

bool FileReader::readHeader() {
  if (auto error = checkStart(bytes_)) {
    error_ = std::move(*error);
    return false;
  }
  header_ = load<format::Header>(bytes_, 0);
  newer_ = header_.minor > MinorVersion;
  if (header_.fileBytes != bytes_.size())
    return fail(offsetof(format::Header, fileBytes),
                "the header says that the file has " +
                    number(header_.fileBytes) + " bytes; it has " +
                    number(bytes_.size()));
  if (header_.hash != contentHash(bytes_))
    return fail(offsetof(format::Header, hash),
                "the content does not have the hash that the header says");
  return spare(header_.reserved[0], offsetof(format::Header, reserved)) &&
         spare(header_.reserved[1], offsetof(format::Header, reserved) + 8);
}

bool FileReader::readSections() {
  const std::uint32_t count = header_.sectionCount;
  const bool countIsRight = count >= format::RequiredSectionCount &&
                            (newer_ || count <= format::SectionKindCount);
  if (!countIsRight)
    return fail(offsetof(format::Header, sectionCount),
                "the header says that there are " + number(count) +
                    " sections; this version has " +
                    number(format::RequiredSectionCount) + ", and " +
                    number(format::SectionKindCount) + " with stencils");
  const std::uint64_t tableEnd =
      sizeof(format::Header) + std::uint64_t(count) * sizeof(format::Section);
  if (tableEnd > bytes_.size())
    return fail(offsetof(format::Header, sectionCount),
                "the section table ends behind the end of the file");
  std::uint64_t lastEnd = tableEnd;
  std::uint32_t lastKind = 0;
  for (std::uint32_t row = 0; row < count; ++row)
    if (!readSection(row, lastEnd, lastKind))
      return false;
  return lastEnd == bytes_.size() ||
         fail(lastEnd, "bytes follow the last section");
}

bool FileReader::readSection(std::uint32_t row, std::uint64_t &lastEnd,
                             std::uint32_t &lastKind) {
  const std::uint64_t at =
      sizeof(format::Header) + std::uint64_t(row) * sizeof(format::Section);
  const auto entry = load<format::Section>(bytes_, at);
  const bool isKnown = entry.kind <= format::SectionKindCount;
  if (row < format::RequiredSectionCount
          ? entry.kind != row + 1
          : entry.kind <= lastKind || !(isKnown || newer_))
    return fail(at, "section " + number(row) + " has the kind " +
                        number(entry.kind) +
                        ", which does not belong at this place");
  if (!checkRow(entry, at, lastEnd))
    return false;
  if (isKnown) {
    if (!checkKnownRow(entry, at))
      return false;
    sections_[entry.kind - 1] = {entry.offset, entry.bytes, entry.recordBytes};
  }
  lastEnd = entry.offset + entry.bytes;
  lastKind = entry.kind;
  return true;
}

/// Checks what holds for sections of every kind.
bool FileReader::checkRow(const format::Section &row, std::uint64_t at,
                          std::uint64_t lastEnd) {
  const std::uint64_t offsetAt = at + offsetof(format::Section, offset);
  const std::string who = "section " + number(row.kind);
  if (row.offset % format::SectionAlignment)
    return fail(offsetAt, who + " starts at " + number(row.offset) +
                              ", which is no multiple of 8");
  if (row.offset < lastEnd || row.offset - lastEnd >= format::PayloadAlignment)
    return fail(offsetAt, who + " starts at " + number(row.offset) +
                              "; what is before it ends at " + number(lastEnd));
  if (row.offset > bytes_.size() || row.bytes > bytes_.size() - row.offset)
    return fail(at + offsetof(format::Section, bytes),
                who + " ends behind the end of the file");
  return zeros(lastEnd, row.offset);
}

/// Checks what holds for the sections of this version.
bool FileReader::checkKnownRow(const format::Section &row, std::uint64_t at) {
  const std::uint32_t index = row.kind - 1;
  const std::uint32_t expected = format::RecordBytes[index];
  const std::string who = std::string("the ") + SectionNames[index];
  const std::uint64_t recordBytesAt =
      at + offsetof(format::Section, recordBytes);
  const bool mayGrow = newer_ && expected != 1;
  if (mayGrow ? row.recordBytes < expected : row.recordBytes != expected)
    return fail(recordBytesAt, who + " has records of " +
                                   number(row.recordBytes) +
                                   " bytes instead of " + number(expected));
  if (row.bytes % row.recordBytes)
    return fail(at + offsetof(format::Section, bytes),
                who + " ends inside a record");
  const bool isPayload = row.kind == std::uint32_t(SectionKind::Payload);
  if (isPayload && row.offset % format::PayloadAlignment)
    return fail(at + offsetof(format::Section, offset),
                who + " starts at " + number(row.offset) +
                    ", which is no multiple of 64");
  return true;
}

bool FileReader::readStrings() {
  const SectionView &table = section(SectionKind::Strings);
  const SectionView &text = section(SectionKind::Text);
  strings_.reserve(table.count());
  std::uint64_t end = 0;
  for (std::uint64_t i = 0; i < table.count(); ++i)
    if (!readString(i, end))
      return false;
  return end == text.bytes ||
         fail(text.offset + end, "text follows the last string");
}

/// Reads the string that must start at `end` in the text section, and moves
/// `end` behind it.
bool FileReader::readString(std::uint64_t record, std::uint64_t &end) {
  const SectionView &text = section(SectionKind::Text);
  const std::uint64_t at = section(SectionKind::Strings).at(record);
  const auto entry = load<format::String>(bytes_, at);
  const std::string who = "string " + number(record);
  if (entry.offset != end)
    return fail(at, who + " starts at " + number(entry.offset) +
                        " in the text; the one before it ends at " +
                        number(end));
  if (end >= text.bytes || entry.bytes >= text.bytes - end)
    return fail(at + offsetof(format::String, bytes),
                who + " ends behind the end of the text");
  const char *start =
      reinterpret_cast<const char *>(bytes_.data() + text.offset + end);
  const std::string_view string(start, entry.bytes);
  const std::uint64_t stop = text.offset + end + entry.bytes;
  if (bytes_[stop] != std::byte(0))
    return fail(stop, who + " is not terminated by a zero byte");
  if (auto zero = string.find('\0'); zero != string.npos)
    return fail(text.offset + end + zero, who + " contains a zero byte");
  if (!strings_.empty() && strings_.back() >= string)
    return fail(at, who + " does not come behind the one before it in the "
                          "order of bytes");
  strings_.push_back(string);
  end += std::uint64_t(entry.bytes) + 1;
  return true;
}

bool FileReader::readNames() {
  module_.runtimeVersion = header_.runtimeVersion;
  return text(header_.name, offsetof(format::Header, name), module_.name) &&
         text(header_.producer, offsetof(format::Header, producer),
              module_.producer);
}

bool FileReader::readMessages() {
  const SectionView &table = section(SectionKind::Messages);
  module_.messages.reserve(table.count());
  for (std::uint64_t i = 0; i < table.count(); ++i) {
    const std::uint64_t at = table.at(i);
    const auto record = load<format::Message>(bytes_, at);
    MessageTypeView message;
    if (!text(record.name, at + offsetof(format::Message, name),
              message.name) ||
        !spare(record.flags & ~format::BulkMessage,
               at + offsetof(format::Message, flags)))
      return false;
    message.isBulk = (record.flags & format::BulkMessage) != 0;
    message.hash = record.hash;
    message.size = record.size;
    message.align = record.align;
    message.index = static_cast<std::uint32_t>(i);
    module_.messages.push_back(message);
  }
  return true;
}

bool FileReader::readActors() {
  const SectionView &table = section(SectionKind::Actors);
  module_.actors.reserve(table.count());
  std::uint64_t fields = 0;
  for (std::uint64_t i = 0; i < table.count(); ++i) {
    const std::uint64_t at = table.at(i);
    const auto record = load<format::Actor>(bytes_, at);
    ActorTypeView actor;
    if (!text(record.name, at + offsetof(format::Actor, name), actor.name) ||
        !text(record.file, at + offsetof(format::Actor, file), actor.file) ||
        !spare(record.flags & ~(format::WhenFullMask | format::ResidentActor),
               at + offsetof(format::Actor, flags)))
      return false;
    actor.isResident = (record.flags & format::ResidentActor) != 0;
    actor.hash = record.hash;
    actor.size = record.size;
    actor.align = record.align;
    actor.index = static_cast<std::uint32_t>(i);
    actor.line = record.line;
    // One that a later version may add is as if it were left out.
    const std::uint32_t whenFull = record.flags & format::WhenFullMask;
    if (whenFull < abi::WhenFullCount || !newer_)
      actor.whenFull = abi::WhenFull(whenFull);
    if (record.firstField != fields)
      return fail(at + offsetof(format::Actor, firstField),
                  "the fields of actor type " + number(i) + " start at field " +
                      number(record.firstField) + " instead of " +
                      number(fields));
    if (!readFields(record, at, actor))
      return false;
    fields += record.fieldCount;
    module_.actors.push_back(std::move(actor));
  }
  const SectionView &fieldTable = section(SectionKind::Fields);
  return fields == fieldTable.count() ||
         fail(fieldTable.at(fields),
              "field " + number(fields) + " belongs to no actor type");
}

bool FileReader::readFields(const format::Actor &record, std::uint64_t at,
                            ActorTypeView &actor) {
  const SectionView &table = section(SectionKind::Fields);
  if (record.fieldCount > table.count() - record.firstField)
    return fail(at + offsetof(format::Actor, fieldCount),
                "actor type " + quoted(actor.name) + " has " +
                    number(record.fieldCount) + " fields; " +
                    number(table.count() - record.firstField) + " are left");
  actor.fields.reserve(record.fieldCount);
  for (std::uint32_t i = 0; i < record.fieldCount; ++i) {
    const std::uint64_t fieldAt =
        table.at(std::uint64_t(record.firstField) + i);
    const auto entry = load<format::Field>(bytes_, fieldAt);
    FieldView field;
    if (!text(entry.name, fieldAt + offsetof(format::Field, name),
              field.name) ||
        !spare(entry.reserved, fieldAt + offsetof(format::Field, reserved)))
      return false;
    field.offset = entry.offset;
    field.size = entry.size;
    actor.fields.push_back(field);
  }
  return true;
}

bool FileReader::readHandlers() {
  const SectionView &table = section(SectionKind::Handlers);
  module_.handlers.reserve(table.count());
  for (std::uint64_t i = 0; i < table.count(); ++i) {
    const std::uint64_t at = table.at(i);
    const auto record = load<format::Handler>(bytes_, at);
    HandlerView handler;
    if (!text(record.file, at + offsetof(format::Handler, file),
              handler.file) ||
        !spare(record.reserved, at + offsetof(format::Handler, reserved)))
      return false;
    handler.actor = record.actor;
    handler.message = record.message;
    handler.reply = record.reply;
    handler.lanes = record.lanes;
    handler.line = record.line;
    handler.column = record.column;
    module_.handlers.push_back(handler);
  }
  return true;
}

bool FileReader::readImages() {
  const SectionView &table = section(SectionKind::Images);
  const SectionView &payload = section(SectionKind::Payload);
  module_.images.reserve(table.count());
  std::uint64_t next = payload.offset;
  for (std::uint64_t i = 0; i < table.count(); ++i) {
    const std::uint64_t at = table.at(i);
    const auto record = load<format::Image>(bytes_, at);
    ImageView image;
    if (!text(record.target, at + offsetof(format::Image, target),
              image.target) ||
        !text(record.entry, at + offsetof(format::Image, entry), image.entry) ||
        !spare(record.reserved, at + offsetof(format::Image, reserved)) ||
        !checkPayload(record, at, next))
      return false;
    next = format::alignUp(record.offset + record.bytes + 1,
                           format::PayloadAlignment);
    image.kind = ImageKind(std::uint32_t(record.kind));
    image.registers = record.registers;
    image.stackBytes = record.stackBytes;
    image.spillBytes = record.spillBytes;
    image.sharedBytes = record.sharedBytes;
    image.payload = bytes_.subspan(record.offset, record.bytes);
    if (newer_ && image.kind > ImageKind::HostObject)
      continue; // a kind that this reader does not know
    module_.images.push_back(image);
    imageRecords_.push_back(i);
  }
  return next == payload.end() ||
         fail(next, "payload that belongs to no image");
}

/// Checks that a payload starts at `expected` and ends, with a zero byte and
/// padding, in the payload section.
bool FileReader::checkPayload(const format::Image &record, std::uint64_t at,
                              std::uint64_t expected) {
  const SectionView &payload = section(SectionKind::Payload);
  if (record.offset != expected)
    return fail(at + offsetof(format::Image, offset),
                "a payload starts at " + number(record.offset) +
                    " instead of " + number(expected));
  const std::uint64_t left = payload.end() - expected;
  if (record.bytes >= left)
    return fail(at + offsetof(format::Image, bytes),
                "a payload of " + number(record.bytes) +
                    " bytes ends behind the payload section");
  const std::uint64_t end = expected + record.bytes;
  const std::uint64_t padded =
      format::alignUp(end + 1, format::PayloadAlignment);
  if (padded > payload.end())
    return fail(at + offsetof(format::Image, bytes),
                "the padding of a payload ends behind the payload section");
  return zeros(end, padded);
}

bool FileReader::readStencils() {
  const SectionView &table = section(SectionKind::Stencils);
  for (std::uint64_t i = 0; i < table.count(); ++i)
    if (!readStencilRow(load<format::StencilRow>(bytes_, table.at(i)),
                        table.at(i)))
      return false;
  return true;
}

bool FileReader::readStencilRow(const format::StencilRow &row,
                                std::uint64_t at) {
  namespace field = format::stencilrow;
  using Kind = format::StencilRowKind;
  std::string_view name;
  auto textAt = [&](unsigned place, std::string_view &out) {
    return text(row.numbers[place],
                at + offsetof(format::StencilRow, numbers) + 4 * place, out);
  };
  if (!text(row.name, at + offsetof(format::StencilRow, name), name))
    return false;
  auto &all = module_.stencils;
  const auto kind = Kind(std::uint32_t(row.kind));
  if (kind != Kind::Stencil && all.empty())
    return fail(at, "the stencil table does not start with a stencil");
  switch (kind) {
  case Kind::Stencil:
    all.push_back(stencilOf(row, name));
    return textAt(field::File, all.back().file);
  case Kind::Array:
    all.back().arrays.push_back(arrayOf(row, name));
    return true;
  case Kind::Plan:
    all.back().plans.push_back(planOf(row, name));
    return textAt(field::Entry, all.back().plans.back().entry);
  case Kind::Boundary:
    all.back().boundary = boundaryOf(row);
    return textAt(field::BoundaryEntry, all.back().boundary.entry);
  case Kind::Reduction: {
    all.back().reductions.push_back(reductionOf(row, name));
    StencilReductionView &reduction = all.back().reductions.back();
    return textAt(field::CellsEntry, reduction.entry) &&
           textAt(field::FoldEntry, reduction.foldEntry);
  }
  }
  return newer_ || fail(at, "a row of the stencil table has the unknown kind " +
                                number(row.kind));
}

/// Checks what holds between records.
bool FileReader::checkRules() {
  auto broken = validate(module_);
  if (!broken)
    return true;
  const std::uint64_t record = broken->section == SectionKind::Images
                                   ? imageRecords_[broken->record]
                                   : broken->record;
  return fail(section(broken->section).at(record) + broken->field,
              std::move(broken->message));
}

} // namespace

Result<ModuleView> readModule(std::span<const std::byte> bytes) {
  return FileReader(bytes).read();
}

Result<FileInfo> readFileInfo(std::span<const std::byte> bytes) {
  if (auto error = checkStart(bytes))
    return std::move(*error);
  const auto header = load<format::Header>(bytes, 0);
  return FileInfo{header.major, header.minor, header.fileBytes, header.hash};
}

std::uint64_t hashOf(std::span<const std::byte> bytes) {
  return xxh64(bytes, 0);
}

} // namespace rk::modfile
