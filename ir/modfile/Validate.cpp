//===- Validate.cpp - The rules of a module's content --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ValidateInternal.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <numeric>
#include <span>

namespace rk::modfile {
namespace {

using format::SectionKind;
using Fault = std::optional<Violation>;

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string hex(std::uint64_t value) {
  static constexpr char Digits[] = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 60; shift >= 0; shift -= 4)
    text += Digits[value >> shift & 15];
  return text;
}

/// Strings of one file that are equal lie at one place: no need to look.
bool sameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.data() == b.data() || a == b);
}

bool textLess(std::string_view a, std::string_view b) {
  return !sameText(a, b) && a < b;
}

/// Finds two records that are alike: the later one of the first such pair in
/// the order of `less`, and the earlier one.
template <class Less>
std::optional<std::pair<std::size_t, std::size_t>> findTwins(std::size_t count,
                                                             Less less) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return less(a, b) || (!less(b, a) && a < b);
  });
  for (std::size_t i = 1; i < count; ++i)
    if (!less(order[i - 1], order[i]))
      return std::pair<std::size_t, std::size_t>(order[i], order[i - 1]);
  return std::nullopt;
}

/// What message types and actor types have in common.
struct TypeRules {
  SectionKind section;
  const char *noun; ///< "message type"
  std::size_t maxCount;
  std::uint32_t maxSize;
  std::size_t nameField, sizeField, alignField;
};

Fault checkBulk(const MessageTypeView &type, std::size_t at) {
  if (!type.isBulk || (type.size >= sizeof(abi::BulkReference) &&
                       type.size <= abi::MaxBulkMessageBytes))
    return std::nullopt;
  return Violation{
      SectionKind::Messages, at, offsetof(format::Message, size),
      "message type " + quoted(type.name) + " carries a bulk payload and has " +
          number(type.size) + " bytes; " + number(sizeof(abi::BulkReference)) +
          " to " + number(abi::MaxBulkMessageBytes) + " are allowed"};
}

template <class Type>
Fault checkType(const Type &type, std::size_t at, const TypeRules &rules) {
  const std::string who = std::string(rules.noun) + " " + quoted(type.name);
  auto fault = [&](std::size_t field, std::string message) {
    return Violation{rules.section, at, field, std::move(message)};
  };
  if (type.name.empty())
    return fault(rules.nameField,
                 std::string(rules.noun) + " " + number(at) + " has no name");
  if (type.index != at)
    return fault(0, who + " has the index " + number(type.index) +
                        " at place " + number(at) +
                        "; indices are 0 to n-1, each once");
  if (type.size == 0 || type.size > rules.maxSize)
    return fault(rules.sizeField, who + " has " + number(type.size) +
                                      " bytes; 1 to " + number(rules.maxSize) +
                                      " are allowed");
  if (!std::has_single_bit(type.align) || type.size % type.align)
    return fault(rules.alignField,
                 who + " has the alignment " + number(type.align) +
                     ", which is no power of two that divides its size " +
                     number(type.size));
  return std::nullopt;
}

template <class Type>
Fault checkTypes(const std::vector<Type> &types, const TypeRules &rules) {
  const std::string noun = rules.noun;
  auto fault = [&](std::size_t at, std::size_t field, std::string message) {
    return Violation{rules.section, at, field, std::move(message)};
  };
  if (types.size() > rules.maxCount)
    return fault(rules.maxCount, 0,
                 number(types.size()) + " " + noun + "s; at most " +
                     number(rules.maxCount) + " are allowed");
  for (std::size_t i = 0; i < types.size(); ++i)
    if (Fault broken = checkType(types[i], i, rules))
      return broken;
  auto byName = [&](std::size_t a, std::size_t b) {
    return textLess(types[a].name, types[b].name);
  };
  if (auto twins = findTwins(types.size(), byName))
    return fault(twins->first, rules.nameField,
                 noun + "s " + number(twins->second) + " and " +
                     number(twins->first) + " have the same name " +
                     quoted(types[twins->first].name));
  auto byHash = [&](std::size_t a, std::size_t b) {
    return types[a].hash < types[b].hash;
  };
  if (auto twins = findTwins(types.size(), byHash))
    return fault(twins->first, 0,
                 noun + "s " + quoted(types[twins->second].name) + " and " +
                     quoted(types[twins->first].name) + " have the same hash " +
                     hex(types[twins->first].hash) + "; rename one");
  return std::nullopt;
}

Fault checkWhenFull(const std::vector<ActorTypeView> &actors) {
  for (std::size_t at = 0; at < actors.size(); ++at)
    if (const auto value = std::uint32_t(actors[at].whenFull);
        value >= abi::WhenFullCount)
      return Violation{SectionKind::Actors, at, offsetof(format::Actor, flags),
                       "actor type " + quoted(actors[at].name) + " says " +
                           number(value) +
                           " of messages to its full mailbox; 0 to " +
                           number(abi::WhenFullCount - 1) + " are allowed"};
  return std::nullopt;
}

Fault checkFields(const std::vector<ActorTypeView> &actors) {
  std::size_t record = 0;
  for (const ActorTypeView &actor : actors)
    for (const FieldView &field : actor.fields) {
      if (std::uint64_t(field.offset) + field.size > actor.size)
        return Violation{SectionKind::Fields, record,
                         offsetof(format::Field, offset),
                         "field " + quoted(field.name) + " of actor type " +
                             quoted(actor.name) + " ends at byte " +
                             number(std::uint64_t(field.offset) + field.size) +
                             "; the state has " + number(actor.size)};
      ++record;
    }
  return std::nullopt;
}

Fault checkHandler(const ModuleView &module, std::size_t at) {
  const HandlerView &handler = module.handlers[at];
  auto fault = [&](std::size_t field, const std::string &message) {
    return Violation{SectionKind::Handlers, at, field,
                     "handler " + number(at) + " " + message};
  };
  const std::size_t messages = module.messages.size();
  if (handler.actor >= module.actors.size())
    return fault(offsetof(format::Handler, actor),
                 "names actor type " + number(handler.actor) +
                     "; the module has " + number(module.actors.size()));
  if (handler.message >= messages)
    return fault(offsetof(format::Handler, message),
                 "names message type " + number(handler.message) +
                     "; the module has " + number(messages));
  if (handler.reply >= messages && handler.reply != abi::NoMessage)
    return fault(offsetof(format::Handler, reply),
                 "replies with message type " + number(handler.reply) +
                     "; the module has " + number(messages));
  if (std::find(std::begin(abi::LanesOf), std::end(abi::LanesOf),
                handler.lanes) == std::end(abi::LanesOf))
    return fault(offsetof(format::Handler, lanes),
                 "runs on " + number(handler.lanes) +
                     " lanes; 1, 32, 256, 2048 and 1048576 are allowed");
  return std::nullopt;
}

Fault checkHandlers(const ModuleView &module) {
  const auto &handlers = module.handlers;
  for (std::size_t i = 0; i < handlers.size(); ++i) {
    if (Fault broken = checkHandler(module, i))
      return broken;
    if (i == 0)
      continue;
    const HandlerView &last = handlers[i - 1], &next = handlers[i];
    if (last.actor == next.actor && last.message == next.message)
      return Violation{SectionKind::Handlers, i, 0,
                       "actor type " + quoted(module.actors[next.actor].name) +
                           " has two handlers for message type " +
                           quoted(module.messages[next.message].name)};
    if (last.actor > next.actor ||
        (last.actor == next.actor && last.message > next.message))
      return Violation{SectionKind::Handlers, i, 0,
                       "handlers " + number(i - 1) + " and " + number(i) +
                           " are not in the order of actor and message"};
  }
  return std::nullopt;
}

Fault checkImage(const ImageView &image, std::size_t at) {
  auto fault = [&](std::size_t field, const std::string &message) {
    return Violation{SectionKind::Images, at, field,
                     "image " + number(at) + " " + message};
  };
  if (imageKindName(image.kind) == "unknown")
    return fault(offsetof(format::Image, kind),
                 "has the unknown kind " +
                     number(static_cast<std::uint32_t>(image.kind)));
  if (image.target.empty())
    return fault(offsetof(format::Image, target), "has no target");
  if (image.payload.empty())
    return fault(offsetof(format::Image, bytes),
                 "for " + quoted(image.target) + " is empty");
  return std::nullopt;
}

Fault checkImages(const std::vector<ImageView> &images) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (Fault broken = checkImage(images[i], i))
      return broken;
    if (i == 0)
      continue;
    const ImageView &last = images[i - 1], &next = images[i];
    if (last.kind == next.kind && sameText(last.target, next.target))
      return Violation{SectionKind::Images, i, offsetof(format::Image, target),
                       "two images of kind " +
                           std::string(imageKindName(next.kind)) +
                           " for target " + quoted(next.target)};
    if (last.kind > next.kind ||
        (last.kind == next.kind && !textLess(last.target, next.target)))
      return Violation{SectionKind::Images, i, offsetof(format::Image, kind),
                       "images " + number(i - 1) + " and " + number(i) +
                           " are not in the order of kind and target"};
  }
  return std::nullopt;
}

/// What is wrong with a stencil's boundary; empty: nothing.
std::string boundaryFault(const StencilView &stencil) {
  const StencilBoundaryView &boundary = stencil.boundary;
  if (boundary.entry.empty())
    return boundary == StencilBoundaryView()
               ? ""
               : "has a boundary without an entry";
  if (boundary.sets == 0 ||
      std::uint64_t(boundary.sets) >> stencil.arrays.size() != 0 ||
      boundary.levels == 0)
    return "has a boundary that sets arrays which it has not";
  if (boundary.reach > abi::MaxStencilRadius + 1)
    return "has a boundary that reads " + number(boundary.reach - 1) +
           " cells inside of faces";
  return "";
}

/// Checks what the runtime relies on when it lays the arrays out.
Fault checkStencil(const StencilView &stencil, std::size_t row) {
  auto fault = [&](std::size_t at, const std::string &message) {
    return Violation{SectionKind::Stencils, at, 0,
                     "stencil " + quoted(stencil.name) + " " + message};
  };
  if (stencil.dimensions < 1 || stencil.dimensions > 3 || stencil.radius < 1 ||
      stencil.radius > abi::MaxStencilRadius)
    return fault(row, "has " + number(stencil.dimensions) +
                          " dimensions and a radius of " +
                          number(stencil.radius));
  if (stencil.size == 0 || stencil.size > abi::MaxStencilParameterBytes)
    return fault(row, "has parameters of " + number(stencil.size) + " bytes");
  if (stencil.neighbours > abi::StencilNeighbours::Other)
    return fault(row, "has neighbours of the unknown kind " +
                          number(std::uint32_t(stencil.neighbours)));
  std::uint64_t entries = 0;
  for (const StencilArrayView &array : stencil.arrays) {
    ++row;
    entries += array.entries;
    bool valid =
        array.elementBytes <= 8 && std::has_single_bit(array.elementBytes) &&
        array.levels >= 1 && array.levels <= abi::MaxStencilLevels &&
        (array.entries == array.levels || array.entries == array.levels + 1) &&
        array.offset < stencil.size;
    for (std::uint32_t halo : array.halo)
      valid &= halo <= stencil.radius;
    if (!valid)
      return fault(row, "has the array " + quoted(array.name) +
                            ", which is not a valid one");
  }
  if (entries > abi::MaxStencilEntries)
    return fault(row, "has arrays of " + number(entries) + " entries");
  for (const StencilPlanView &plan : stencil.plans) {
    ++row;
    std::uint64_t threads = 1;
    for (std::uint32_t count : plan.block)
      threads *= std::min(count, 2048u);
    if (threads == 0 || threads > 1024 || plan.steps == 0 || plan.entry.empty())
      return fault(row, "has the plan " + quoted(plan.name) +
                            ", which cannot be launched");
  }
  if (const std::string broken = boundaryFault(stencil); !broken.empty())
    return fault(row, broken);
  row += stencil.boundary.entry.empty() ? 0 : 1;
  for (const StencilReductionView &reduction : stencil.reductions) {
    ++row;
    if (reduction.entry.empty() || reduction.foldEntry.empty() ||
        reduction.size == 0 || reduction.size > abi::MaxStencilResultBytes ||
        !std::has_single_bit(reduction.align) || reduction.align > 16 ||
        reduction.size % reduction.align != 0)
      return fault(row, "has the reduction " + quoted(reduction.name) +
                            ", which is not a valid one");
  }
  return std::nullopt;
}

Fault checkStencils(const std::vector<StencilView> &stencils) {
  std::size_t row = 0;
  for (std::size_t i = 0; i < stencils.size(); ++i) {
    const StencilView &stencil = stencils[i];
    if (i != 0 && !textLess(stencils[i - 1].name, stencil.name))
      return Violation{SectionKind::Stencils, row, 0,
                       "stencil " + quoted(stencil.name) +
                           " is not in the order of names"};
    if (Fault broken = checkStencil(stencil, row))
      return broken;
    row += 1 + stencil.arrays.size() + stencil.plans.size() +
           stencil.reductions.size() + (stencil.boundary.entry.empty() ? 0 : 1);
  }
  return std::nullopt;
}

constexpr TypeRules MessageRules = {SectionKind::Messages,
                                    "message type",
                                    MaxMessageTypes,
                                    abi::MaxMessageBytes,
                                    offsetof(format::Message, name),
                                    offsetof(format::Message, size),
                                    offsetof(format::Message, align)};

constexpr TypeRules ActorRules = {SectionKind::Actors,
                                  "actor type",
                                  MaxActorTypes,
                                  abi::MaxStateBytes,
                                  offsetof(format::Actor, name),
                                  offsetof(format::Actor, size),
                                  offsetof(format::Actor, align)};

} // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t Longest = 100;
  static constexpr char Digits[] = "0123456789abcdef";
  std::string result = "'";
  for (char character : text.substr(0, Longest)) {
    const auto code = static_cast<unsigned char>(character);
    if (code >= 0x20 && code < 0x7f)
      result += character;
    else
      (((result += "\\x") += Digits[code >> 4]) += Digits[code & 15]);
  }
  return result + (text.size() > Longest ? "...'" : "'");
}

std::optional<Violation> validate(const ModuleView &module) {
  if (Fault broken = checkTypes(module.messages, MessageRules))
    return broken;
  for (std::size_t i = 0; i < module.messages.size(); ++i)
    if (Fault broken = checkBulk(module.messages[i], i))
      return broken;
  if (Fault broken = checkTypes(module.actors, ActorRules))
    return broken;
  if (Fault broken = checkWhenFull(module.actors))
    return broken;
  if (Fault broken = checkFields(module.actors))
    return broken;
  if (Fault broken = checkHandlers(module))
    return broken;
  if (Fault broken = checkImages(module.images))
    return broken;
  return checkStencils(module.stencils);
}

} // namespace rk::modfile
