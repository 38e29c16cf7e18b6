//===- Module.cpp - Views and copies of a module -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/Module.h"
#include "rk/modfile/Result.h"

namespace rk::modfile {
namespace {

/// Converts the text and bytes of `From` structures to those of `To`.
template <class To, class From> struct Convert {
  template <class Text> static typename To::Text text(const Text &from) {
    return typename To::Text(from);
  }

  static BasicMessageType<To> message(const BasicMessageType<From> &from) {
    return {text(from.name), from.hash,  from.size,
            from.align,      from.index, from.isBulk};
  }

  static BasicActorType<To> actor(const BasicActorType<From> &from) {
    BasicActorType<To> to{
        text(from.name), from.hash, from.size, from.align,    from.index,
        text(from.file), from.line, {},        from.whenFull, from.isResident};
    to.fields.reserve(from.fields.size());
    for (const auto &field : from.fields)
      to.fields.push_back({text(field.name), field.offset, field.size});
    return to;
  }

  static BasicHandler<To> handler(const BasicHandler<From> &from) {
    return {from.actor,      from.message, from.reply, from.lanes,
            text(from.file), from.line,    from.column};
  }

  static BasicImage<To> image(const BasicImage<From> &from) {
    return {from.kind,
            text(from.target),
            text(from.entry),
            from.registers,
            from.stackBytes,
            from.spillBytes,
            from.sharedBytes,
            typename To::Bytes(from.payload.begin(), from.payload.end())};
  }

  static BasicStencil<To> stencil(const BasicStencil<From> &from) {
    BasicStencil<To> to{text(from.name),
                        from.hash,
                        from.size,
                        from.align,
                        from.dimensions,
                        from.radius,
                        text(from.file),
                        from.line,
                        {},
                        {},
                        from.operations,
                        from.neighbours,
                        {text(from.boundary.entry), from.boundary.sets,
                         from.boundary.levels, from.boundary.readsStep,
                         from.boundary.reach},
                        {}};
    for (const auto &array : from.arrays)
      to.arrays.push_back({text(array.name),
                           array.offset,
                           array.elementBytes,
                           array.isFloat,
                           array.isBrain,
                           array.levels,
                           array.entries,
                           array.isCoefficient,
                           array.isWritten,
                           {array.halo[0], array.halo[1], array.halo[2]},
                           array.part});
    for (const auto &plan : from.plans)
      to.plans.push_back({text(plan.name),
                          text(plan.entry),
                          {plan.block[0], plan.block[1], plan.block[2]},
                          {plan.tile[0], plan.tile[1], plan.tile[2]},
                          plan.steps,
                          plan.sharedBytes});
    for (const auto &reduction : from.reductions)
      to.reductions.push_back({text(reduction.name), reduction.hash,
                               text(reduction.entry), text(reduction.foldEntry),
                               reduction.size, reduction.align});
    return to;
  }

  static BasicModule<To> all(const BasicModule<From> &from) {
    BasicModule<To> to;
    to.name = text(from.name);
    to.producer = text(from.producer);
    to.runtimeVersion = from.runtimeVersion;
    to.messages.reserve(from.messages.size());
    for (const auto &item : from.messages)
      to.messages.push_back(message(item));
    to.actors.reserve(from.actors.size());
    for (const auto &item : from.actors)
      to.actors.push_back(actor(item));
    to.handlers.reserve(from.handlers.size());
    for (const auto &item : from.handlers)
      to.handlers.push_back(handler(item));
    to.images.reserve(from.images.size());
    for (const auto &item : from.images)
      to.images.push_back(image(item));
    for (const auto &item : from.stencils)
      to.stencils.push_back(stencil(item));
    return to;
  }
};

} // namespace

ModuleView viewOf(const Module &module) {
  return Convert<Viewed, Owned>::all(module);
}

Module ownedCopy(const ModuleView &module) {
  return Convert<Owned, Viewed>::all(module);
}

std::string Error::text() const {
  if (offset == NoOffset)
    return message;
  static constexpr char Digits[] = "0123456789abcdef";
  std::string digits;
  std::uint64_t rest = offset;
  do {
    digits.insert(digits.begin(), Digits[rest & 15]);
    rest >>= 4;
  } while (rest);
  return "offset 0x" + digits + ": " + message;
}

} // namespace rk::modfile
