//===- Program.cpp - Merging and printing program records ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/ProgramInternal.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace rkc::frontend {

std::vector<const StencilMethodRecord *> StencilRecord::methods() const {
  std::vector<const StencilMethodRecord *> all;
  for (const StencilMethodRecord *method : {&update, &boundary})
    if (!method->thunk.empty())
      all.push_back(method);
  for (const StencilReductionRecord &reduction : reductions)
    all.push_back(&reduction.term);
  return all;
}

std::vector<std::string> StencilRecord::functions() const {
  std::vector<std::string> all;
  for (const StencilMethodRecord *method : methods())
    all.push_back(method->thunk);
  for (const StencilReductionRecord &reduction : reductions) {
    all.push_back(reduction.combine);
    all.push_back(reduction.fold);
  }
  return all;
}

template <class Record>
static std::string mergeRecords(std::vector<Record> &into,
                                std::vector<Record> &&from) {
  for (Record &record : from) {
    auto same = llvm::find_if(
        into, [&](const Record &other) { return other.name == record.name; });
    if (same == into.end()) {
      into.push_back(std::move(record));
      continue;
    }
    // Types of two anonymous namespaces differ even if they look alike.
    bool isLocal =
        llvm::StringRef(record.name).contains("(anonymous namespace)");
    if (isLocal || same->size != record.size || same->align != record.align ||
        same->hash != record.hash)
      return record.name;
  }
  llvm::sort(into, [](const Record &left, const Record &right) {
    return left.name < right.name;
  });
  return "";
}

std::string mergeProgram(Program &into, Program &&from) {
  std::string clash = mergeRecords(into.messages, std::move(from.messages));
  if (!clash.empty())
    return clash;
  clash = mergeRecords(into.actors, std::move(from.actors));
  if (!clash.empty())
    return clash;
  return mergeRecords(into.stencils, std::move(from.stencils));
}

static void printType(llvm::raw_ostream &out, const char *kind,
                      const TypeRecord &type) {
  out << kind << " " << type.name << "  size " << type.size << " align "
      << type.align << (type.isBulk ? " bulk" : "") << " hash "
      << llvm::format_hex(type.hash, 18) << "  (" << type.where.file << ":"
      << type.where.line << ")\n";
}

std::string describeProgram(const Program &program) {
  std::string text;
  llvm::raw_string_ostream out(text);
  for (const TypeRecord &message : program.messages)
    printType(out, "message", message);
  for (const ActorRecord &actor : program.actors) {
    printType(out, actor.isResident ? "resident actor" : "actor", actor);
    if (actor.whenFull == rk::abi::WhenFull::DeadLetter)
      out << "  when full: dead letter\n";
    else if (actor.whenFull == rk::abi::WhenFull::DropOldest)
      out << "  when full: drop oldest\n";
    for (const FieldRecord &field : actor.fields)
      out << "  state " << field.name << " : " << field.type << "  offset "
          << field.offset << " size " << field.size << "\n";
    for (const HandlerRecord &handler : actor.handlers) {
      out << "  handler " << handler.message;
      if (!handler.reply.empty())
        out << " -> " << handler.reply;
      static constexpr const char *LanesNames[] = {"one", "warp", "block",
                                                   "cluster", "grid"};
      out << "  lanes " << LanesNames[unsigned(handler.lanes)] << "  ("
          << handler.where.file << ":" << handler.where.line << ")\n";
    }
  }
  for (const StencilRecord &stencil : program.stencils) {
    printType(out, "stencil", stencil);
    out << "  " << stencil.dimensions << "-D radius " << stencil.radius
        << (stencil.isStar ? " star" : " box")
        << (stencil.boundary.thunk.empty() ? "\n" : " with a boundary\n");
    for (const StencilArrayRecord &array : stencil.arrays)
      out << (array.isCoefficient ? "  coefficients " : "  field ")
          << array.name << "  offset " << array.offset << " bytes "
          << array.bytes << " levels " << array.levels << "\n";
    for (const StencilReductionRecord &reduction : stencil.reductions)
      out << "  reduction " << reduction.term.name << "  bytes "
          << reduction.size << "\n";
  }
  return text;
}

} // namespace rkc::frontend
