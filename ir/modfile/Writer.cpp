//===- Writer.cpp - From a module to the bytes of a file -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/Writer.h"

#include "FormatInternal.h"
#include "HashInternal.h"
#include "ValidateInternal.h"

#include "rk/modfile/Version.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <tuple>

namespace rk::modfile {
namespace {

/// The name of the row of a boundary.
constexpr std::string_view BoundaryName = "boundary";

using Buffer = std::vector<std::byte>;
using format::SectionKind;

template <class Record> void append(Buffer &buffer, const Record &record) {
  const std::byte *bytes = reinterpret_cast<const std::byte *>(&record);
  buffer.insert(buffer.end(), bytes, bytes + sizeof(Record));
}

void padTo(Buffer &buffer, std::uint64_t alignment) {
  buffer.resize(format::alignUp(buffer.size(), alignment));
}

/// Puts the records of each kind in the order that the format prescribes.
ModuleView sorted(ModuleView module) {
  auto byIndex = [](const auto &a, const auto &b) { return a.index < b.index; };
  std::sort(module.messages.begin(), module.messages.end(), byIndex);
  std::sort(module.actors.begin(), module.actors.end(), byIndex);
  std::sort(module.handlers.begin(), module.handlers.end(),
            [](const HandlerView &a, const HandlerView &b) {
              return std::tie(a.actor, a.message) <
                     std::tie(b.actor, b.message);
            });
  std::sort(module.images.begin(), module.images.end(),
            [](const ImageView &a, const ImageView &b) {
              return std::tie(a.kind, a.target) < std::tie(b.kind, b.target);
            });
  std::sort(module.stencils.begin(), module.stencils.end(),
            [](const StencilView &a, const StencilView &b) {
              return a.name < b.name;
            });
  return module;
}

/// Every text of the module, once, in order.
class StringTable {
public:
  explicit StringTable(const ModuleView &module) {
    strings_ = {module.name, module.producer};
    for (const MessageTypeView &message : module.messages)
      strings_.push_back(message.name);
    for (const ActorTypeView &actor : module.actors) {
      strings_.push_back(actor.name);
      strings_.push_back(actor.file);
      for (const FieldView &field : actor.fields)
        strings_.push_back(field.name);
    }
    for (const HandlerView &handler : module.handlers)
      strings_.push_back(handler.file);
    for (const ImageView &image : module.images) {
      strings_.push_back(image.target);
      strings_.push_back(image.entry);
    }
    for (const StencilView &stencil : module.stencils) {
      strings_.push_back(stencil.name);
      strings_.push_back(stencil.file);
      for (const StencilArrayView &array : stencil.arrays)
        strings_.push_back(array.name);
      for (const StencilPlanView &plan : stencil.plans) {
        strings_.push_back(plan.name);
        strings_.push_back(plan.entry);
      }
      if (!stencil.boundary.entry.empty()) {
        strings_.push_back(BoundaryName);
        strings_.push_back(stencil.boundary.entry);
      }
      for (const StencilReductionView &reduction : stencil.reductions) {
        strings_.push_back(reduction.name);
        strings_.push_back(reduction.entry);
        strings_.push_back(reduction.foldEntry);
      }
    }
    std::sort(strings_.begin(), strings_.end());
    strings_.erase(std::unique(strings_.begin(), strings_.end()),
                   strings_.end());
  }

  std::uint32_t numberOf(std::string_view text) const {
    auto found = std::lower_bound(strings_.begin(), strings_.end(), text);
    return static_cast<std::uint32_t>(found - strings_.begin());
  }

  const std::vector<std::string_view> &all() const { return strings_; }

private:
  std::vector<std::string_view> strings_;
};

/// Says why the texts cannot be stored, if they cannot.
std::optional<std::string> checkStrings(const StringTable &strings) {
  std::uint64_t total = 0;
  for (std::string_view text : strings.all()) {
    if (text.find('\0') != text.npos)
      return "the text " + quoted(text) + " contains a zero byte";
    total += text.size() + 1;
  }
  if (total > std::numeric_limits<std::uint32_t>::max())
    return "the names and file names have " + std::to_string(total) +
           " bytes; 4294967295 are allowed";
  return std::nullopt;
}

/// Lays one module out, section after section.
class Layout {
public:
  Layout(const ModuleView &module, const StringTable &strings)
      : module_(module), strings_(strings) {}

  Buffer build() {
    buffer_.resize(sizeof(format::Header) +
                   sectionCount() * sizeof(format::Section));
    addSection(SectionKind::Strings, &Layout::putStrings);
    addSection(SectionKind::Text, &Layout::putText);
    addSection(SectionKind::Messages, &Layout::putMessages);
    addSection(SectionKind::Actors, &Layout::putActors);
    addSection(SectionKind::Fields, &Layout::putFields);
    addSection(SectionKind::Handlers, &Layout::putHandlers);
    addSection(SectionKind::Images, &Layout::putImages);
    addSection(SectionKind::Payload, &Layout::putPayload);
    if (!module_.stencils.empty())
      addSection(SectionKind::Stencils, &Layout::putStencils);
    putHeader();
    return std::move(buffer_);
  }

private:
  void addSection(SectionKind kind, void (Layout::*put)()) {
    padTo(buffer_, kind == SectionKind::Payload ? format::PayloadAlignment
                                                : format::SectionAlignment);
    const std::size_t number = static_cast<std::uint32_t>(kind) - 1;
    const std::uint64_t start = buffer_.size();
    (this->*put)();
    format::Section row;
    row.kind = static_cast<std::uint32_t>(kind);
    row.recordBytes = format::RecordBytes[number];
    row.offset = start;
    row.bytes = buffer_.size() - start;
    std::memcpy(buffer_.data() + sizeof(format::Header) + number * sizeof row,
                &row, sizeof row);
  }

  void putStrings() {
    std::uint32_t offset = 0;
    for (std::string_view text : strings_.all()) {
      const auto bytes = static_cast<std::uint32_t>(text.size());
      append(buffer_, format::String{offset, bytes});
      offset += bytes + 1;
    }
  }

  void putText() {
    for (std::string_view text : strings_.all()) {
      auto bytes = std::as_bytes(std::span(text));
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
      buffer_.push_back(std::byte(0));
    }
  }

  void putMessages() {
    for (const MessageTypeView &message : module_.messages)
      append(buffer_,
             format::Message{message.hash, strings_.numberOf(message.name),
                             message.size, message.align,
                             message.isBulk ? format::BulkMessage : 0});
  }

  void putActors() {
    std::uint32_t firstField = 0;
    for (const ActorTypeView &actor : module_.actors) {
      const auto fields = static_cast<std::uint32_t>(actor.fields.size());
      append(buffer_, format::Actor{
                          actor.hash, strings_.numberOf(actor.name), actor.size,
                          actor.align, strings_.numberOf(actor.file),
                          actor.line, firstField, fields,
                          std::uint32_t(actor.whenFull) |
                              (actor.isResident ? format::ResidentActor : 0)});
      firstField += fields;
    }
  }

  void putFields() {
    for (const ActorTypeView &actor : module_.actors)
      for (const FieldView &field : actor.fields)
        append(buffer_, format::Field{strings_.numberOf(field.name),
                                      field.offset, field.size, 0});
  }

  void putHandlers() {
    for (const HandlerView &handler : module_.handlers)
      append(buffer_,
             format::Handler{handler.actor, handler.message, handler.reply,
                             handler.lanes, strings_.numberOf(handler.file),
                             handler.line, handler.column, 0});
  }

  /// Payloads follow the image records at the next multiple of 64.
  void putImages() {
    std::uint64_t offset = format::alignUp(
        buffer_.size() + module_.images.size() * sizeof(format::Image),
        format::PayloadAlignment);
    for (const ImageView &image : module_.images) {
      append(buffer_, format::Image{offset, image.payload.size(),
                                    static_cast<std::uint32_t>(image.kind),
                                    strings_.numberOf(image.target),
                                    strings_.numberOf(image.entry),
                                    image.registers, image.stackBytes,
                                    image.spillBytes, image.sharedBytes, 0});
      offset = format::alignUp(offset + image.payload.size() + 1,
                               format::PayloadAlignment);
    }
  }

  void putPayload() {
    for (const ImageView &image : module_.images) {
      buffer_.insert(buffer_.end(), image.payload.begin(), image.payload.end());
      buffer_.push_back(std::byte(0));
      padTo(buffer_, format::PayloadAlignment);
    }
  }

  std::uint32_t sectionCount() const {
    return module_.stencils.empty() ? format::RequiredSectionCount
                                    : format::SectionKindCount;
  }

  void putStencils() {
    for (const StencilView &stencil : module_.stencils) {
      putStencil(stencil);
      for (const StencilArrayView &array : stencil.arrays)
        putStencilArray(array);
      for (const StencilPlanView &plan : stencil.plans)
        putStencilPlan(plan);
      if (!stencil.boundary.entry.empty())
        putStencilBoundary(stencil.boundary);
      for (const StencilReductionView &reduction : stencil.reductions)
        putStencilReduction(reduction);
    }
  }

  format::StencilRow rowOf(format::StencilRowKind kind,
                           std::string_view name) const {
    format::StencilRow row;
    row.kind = static_cast<std::uint32_t>(kind);
    row.name = strings_.numberOf(name);
    return row;
  }

  void putStencil(const StencilView &stencil) {
    auto row = rowOf(format::StencilRowKind::Stencil, stencil.name);
    row.hash = stencil.hash;
    row.numbers[format::stencilrow::Size] = stencil.size;
    row.numbers[format::stencilrow::Align] = stencil.align;
    row.numbers[format::stencilrow::Dimensions] = stencil.dimensions;
    row.numbers[format::stencilrow::Radius] = stencil.radius;
    row.numbers[format::stencilrow::File] = strings_.numberOf(stencil.file);
    row.numbers[format::stencilrow::Line] = stencil.line;
    row.numbers[format::stencilrow::Operations] = stencil.operations;
    row.numbers[format::stencilrow::Neighbours] =
        std::uint32_t(stencil.neighbours);
    append(buffer_, row);
  }

  void putStencilArray(const StencilArrayView &array) {
    auto row = rowOf(format::StencilRowKind::Array, array.name);
    row.numbers[format::stencilrow::Offset] = array.offset;
    row.numbers[format::stencilrow::ElementBytes] = array.elementBytes;
    row.numbers[format::stencilrow::Levels] = array.levels;
    row.numbers[format::stencilrow::Entries] = array.entries;
    row.numbers[format::stencilrow::Flags] =
        (array.isFloat ? 1u : 0u) | (array.isCoefficient ? 2u : 0u) |
        (array.isWritten ? 4u : 0u) | (array.isBrain ? 8u : 0u);
    for (std::size_t axis = 0; axis < 3; ++axis)
      row.numbers[format::stencilrow::Halo + axis] = array.halo[axis];
    row.numbers[format::stencilrow::Part] = array.part;
    append(buffer_, row);
  }

  void putStencilPlan(const StencilPlanView &plan) {
    auto row = rowOf(format::StencilRowKind::Plan, plan.name);
    row.numbers[format::stencilrow::Entry] = strings_.numberOf(plan.entry);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      row.numbers[format::stencilrow::Block + axis] = plan.block[axis];
      row.numbers[format::stencilrow::Tile + axis] = plan.tile[axis];
    }
    row.numbers[format::stencilrow::Steps] = plan.steps;
    row.numbers[format::stencilrow::SharedBytes] = plan.sharedBytes;
    append(buffer_, row);
  }

  void putStencilBoundary(const StencilBoundaryView &boundary) {
    auto row = rowOf(format::StencilRowKind::Boundary, BoundaryName);
    row.numbers[format::stencilrow::BoundaryEntry] =
        strings_.numberOf(boundary.entry);
    row.numbers[format::stencilrow::Sets] = boundary.sets;
    row.numbers[format::stencilrow::FilledLevels] = boundary.levels;
    row.numbers[format::stencilrow::ReadsStep] = boundary.readsStep;
    row.numbers[format::stencilrow::Reach] = boundary.reach;
    append(buffer_, row);
  }

  void putStencilReduction(const StencilReductionView &reduction) {
    auto row = rowOf(format::StencilRowKind::Reduction, reduction.name);
    row.hash = reduction.hash;
    row.numbers[format::stencilrow::CellsEntry] =
        strings_.numberOf(reduction.entry);
    row.numbers[format::stencilrow::FoldEntry] =
        strings_.numberOf(reduction.foldEntry);
    row.numbers[format::stencilrow::ResultSize] = reduction.size;
    row.numbers[format::stencilrow::ResultAlign] = reduction.align;
    append(buffer_, row);
  }

  void putHeader() {
    format::Header header;
    std::memcpy(header.magic, Magic, sizeof Magic);
    header.major = MajorVersion;
    header.minor = MinorVersion;
    header.headerBytes = static_cast<std::uint32_t>(sizeof header);
    header.fileBytes = buffer_.size();
    header.sectionCount = sectionCount();
    header.runtimeVersion = module_.runtimeVersion;
    header.name = strings_.numberOf(module_.name);
    header.producer = strings_.numberOf(module_.producer);
    std::memcpy(buffer_.data(), &header, sizeof header);
    header.hash = contentHash(buffer_);
    std::memcpy(buffer_.data(), &header, sizeof header);
  }

  const ModuleView &module_;
  const StringTable &strings_;
  Buffer buffer_;
};

Error refuse(std::string message) {
  return {abi::StatusCode::InvalidArgument, Error::NoOffset,
          std::move(message)};
}

} // namespace

Result<std::vector<std::byte>> writeModule(const ModuleView &module) {
  const ModuleView ordered = sorted(module);
  if (auto broken = validate(ordered))
    return refuse(std::move(broken->message));
  const StringTable strings(ordered);
  if (auto broken = checkStrings(strings))
    return refuse(std::move(*broken));
  return Layout(ordered, strings).build();
}

Result<std::vector<std::byte>> writeModule(const Module &module) {
  return writeModule(viewOf(module));
}

} // namespace rk::modfile
