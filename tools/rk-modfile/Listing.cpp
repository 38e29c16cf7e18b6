//===- Listing.cpp - A module as lines of text ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Listing.h"

#include "rk/abi/Capabilities.h"

#include <algorithm>
#include <cstdio>
#include <map>

namespace rk::tools {
namespace {

using namespace rk::modfile;

std::string number(std::uint64_t value) { return std::to_string(value); }

/// Fills `text` up with blanks.
std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string rightAligned(std::uint64_t value, std::size_t width) {
  const std::string digits = number(value);
  return std::string(width - std::min(width, digits.size()), ' ') + digits;
}

std::string place(std::string_view file, std::uint32_t line,
                  std::uint32_t column) {
  if (file.empty())
    return "-";
  std::string text = printable(file) + ":" + number(line);
  return column ? text + ":" + number(column) : text;
}

template <class Items> std::size_t longestName(const Items &items) {
  std::size_t longest = 0;
  for (const auto &item : items)
    longest = std::max(longest, printable(item.name).size());
  return longest;
}

template <class Type>
std::string typeText(const Type &type, std::size_t nameWidth) {
  return "#" + padded(number(type.index), 4) + " " +
         padded(printable(type.name), nameWidth) + "  " +
         rightAligned(type.size, 5) + " bytes  align " +
         padded(number(type.align), 2) + "  " + hexWord(type.hash);
}

Group listFile(const Found &module) {
  const ModuleView &content = module.content;
  Group group{"module " + printable(content.name), {}};
  auto add = [&](const char *key, const std::string &text) {
    group.lines.push_back({key, padded(key, 12) + text});
  };
  add("format", number(module.info.major) + "." + number(module.info.minor));
  add("producer", printable(content.producer));
  add("runtime", "layout " + number(content.runtimeVersion));
  add("size", number(module.info.bytes) + " bytes");
  add("hash", hexWord(module.info.hash));
  return group;
}

Group listMessages(const ModuleView &module) {
  Group group{"messages: " + number(module.messages.size()), {}};
  const std::size_t width = longestName(module.messages);
  for (const MessageTypeView &message : module.messages)
    group.lines.push_back(
        {"message " + std::string(message.name),
         typeText(message, width) + (message.isBulk ? "  bulk" : "")});
  return group;
}

Group listActors(const ModuleView &module) {
  Group group{"actors: " + number(module.actors.size()), {}};
  const std::size_t width = longestName(module.actors);
  for (const ActorTypeView &actor : module.actors) {
    const std::string key = "actor " + std::string(actor.name);
    group.lines.push_back({key, typeText(actor, width) + "  " +
                                    place(actor.file, actor.line, 0) +
                                    (actor.isResident ? "  resident" : "")});
    if (actor.whenFull != abi::WhenFull::Fail)
      group.lines.push_back(
          {key + " when full",
           "      when full: " + std::string(whenFullName(actor.whenFull))});
    std::size_t index = 0;
    for (const FieldView &field : actor.fields)
      group.lines.push_back({key + " field " + number(index++),
                             "      +" + padded(number(field.offset), 5) +
                                 rightAligned(field.size, 5) + " bytes  " +
                                 printable(actor.name) +
                                 "::" + printable(field.name)});
  }
  return group;
}

std::string handlerText(const ModuleView &module, const HandlerView &handler) {
  std::string text = printable(module.actors[handler.actor].name) + " on " +
                     printable(module.messages[handler.message].name);
  if (handler.reply != abi::NoMessage)
    text += " replies " + printable(module.messages[handler.reply].name);
  return text;
}

Group listHandlers(const ModuleView &module) {
  Group group{"handlers: " + number(module.handlers.size()), {}};
  std::size_t width = 0;
  for (const HandlerView &handler : module.handlers)
    width = std::max(width, handlerText(module, handler).size());
  for (const HandlerView &handler : module.handlers)
    group.lines.push_back(
        {"handler " + std::string(module.actors[handler.actor].name) + " on " +
             std::string(module.messages[handler.message].name),
         padded(handlerText(module, handler), width) +
             (handler.lanes == 1 ? "  one lane " : "  32 lanes ") + " " +
             place(handler.file, handler.line, handler.column)});
  return group;
}

Group listImages(const ModuleView &module) {
  Group group{"images: " + number(module.images.size()), {}};
  for (const ImageView &image : module.images) {
    std::string text = padded(std::string(imageKindName(image.kind)), 11) +
                       "  " + padded(printable(image.target), 10) + "  " +
                       rightAligned(image.payload.size(), 8) + " bytes  " +
                       hexWord(hashOf(image.payload)) + "  " +
                       (image.entry.empty() ? "-" : printable(image.entry));
    if (image.kind == ImageKind::Cubin)
      text += "  registers " + number(image.registers) + "  stack " +
              number(image.stackBytes) + "  spills " +
              number(image.spillBytes) + "  shared " +
              number(image.sharedBytes);
    group.lines.push_back({"image " + std::string(imageKindName(image.kind)) +
                               " " + std::string(image.target),
                           text});
    const Tiers tiers = tiersOf(module, image);
    if (!tiers.block.empty())
      group.lines.push_back({"tiers " + std::string(imageKindName(image.kind)) +
                                 " " + std::string(image.target),
                             padded("", 13) + "between residents of a block: " +
                                 std::string(tiers.block) + "; of a cluster: " +
                                 std::string(tiers.cluster) +
                                 "; others: " + std::string(tiers.device)});
    if (const std::string_view copies = teamCopiesOf(module, image);
        !copies.empty())
      group.lines.push_back(
          {"copies " + std::string(imageKindName(image.kind)) + " " +
               std::string(image.target),
           padded("", 13) + "copies by blocks: " + std::string(copies)});
  }
  return group;
}

std::map<std::string, std::string> byKey(const Group &group) {
  std::map<std::string, std::string> lines;
  for (const Line &line : group.lines)
    lines[line.key] = line.text;
  return lines;
}

/// Prints the lines of `group` that `other` has not or has otherwise.
bool printOnlyIn(const Group &group, const Group &other, char sign) {
  const auto others = byKey(other);
  bool differs = false;
  for (const Line &line : group.lines) {
    auto found = others.find(line.key);
    if (found != others.end() && found->second == line.text)
      continue;
    std::printf("%c %s\n", sign, line.text.c_str());
    differs = true;
  }
  return differs;
}

} // namespace

std::vector<Group> listModule(const Found &module) {
  return {listFile(module), listMessages(module.content),
          listActors(module.content), listHandlers(module.content),
          listImages(module.content)};
}

void printListing(const std::vector<Group> &groups) {
  for (const Group &group : groups) {
    std::printf("%s\n", group.heading.c_str());
    for (const Line &line : group.lines)
      std::printf("  %s\n", line.text.c_str());
  }
}

bool printDifferences(const std::vector<Group> &a,
                      const std::vector<Group> &b) {
  bool differs = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].heading != b[i].heading) {
      std::printf("- %s\n+ %s\n", a[i].heading.c_str(), b[i].heading.c_str());
      differs = true;
    }
    differs |= printOnlyIn(a[i], b[i], '-');
    differs |= printOnlyIn(b[i], a[i], '+');
  }
  return differs;
}

Tiers tiersOf(const ModuleView &module, const ImageView &image) {
  abi::Target target;
  if (std::ranges::none_of(
          module.actors, [](const auto &actor) { return actor.isResident; }) ||
      image.kind == ImageKind::HostObject ||
      !abi::parseTarget(image.target.data(), image.target.size(), target))
    return {};
  constexpr std::string_view Shared = "shared memory", Device = "L2 cache";
  return hasFeature(target, abi::Feature::Clusters, abi::Gate::Hardware)
             ? Tiers{Shared, "distributed shared memory", Device}
             : Tiers{Shared, "L2 cache, as the target has no clusters", Device};
}

std::string_view teamCopiesOf(const ModuleView &module,
                              const ImageView &image) {
  abi::Target target;
  const auto isTeams = [](const auto &handler) {
    return handler.lanes > abi::MaxLanes;
  };
  const auto isBulk = [](const auto &message) { return message.isBulk; };
  if (std::ranges::none_of(module.handlers, isTeams) ||
      std::ranges::none_of(module.messages, isBulk) ||
      image.kind == ImageKind::HostObject ||
      !abi::parseTarget(image.target.data(), image.target.size(), target))
    return {};
  return hasFeature(target, abi::Feature::TensorMemoryAccelerator,
                    abi::Gate::Hardware)
             ? "cp.async.bulk through shared memory"
             : "the lanes' registers, as the target has no bulk copies";
}

std::string printable(std::string_view text) {
  static constexpr char Digits[] = "0123456789abcdef";
  std::string result;
  for (char character : text) {
    const auto code = static_cast<unsigned char>(character);
    if (code >= 0x20 && code != 0x7f)
      result += character;
    else
      ((result += "\\x") += Digits[code >> 4]) += Digits[code & 15];
  }
  return result;
}

std::string hexWord(std::uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%016llx",
                static_cast<unsigned long long>(value));
  return text;
}

} // namespace rk::tools
