//===- LoadedModule.cpp - Look-ups in a module ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LoadedModule.h"

#include "rk/modfile/Reader.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace rk::runtime {

namespace {

std::string demangled(const char *name) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(
      __cxxabiv1::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 && text ? std::string(text.get()) : std::string(name);
}

template <class Types>
Status find(const detail::TypeKey &key, const char *kind, const Types &types,
            const std::unordered_map<std::uint64_t, std::uint32_t> &byHash,
            const LoadedModule &module, std::uint32_t &index) {
  const auto found = byHash.find(key.hash);
  if (found == byHash.end())
    return Status(StatusCode::NotFound,
                  std::string("module '") + std::string(module.view.name) +
                      "' (" + module.origin + ") has no " + kind + " type " +
                      demangled(key.name));
  const auto &type = types[found->second];
  if (type.size != key.size || type.align != key.align)
    return Status(StatusCode::LayoutMismatch,
                  std::string(kind) + " type " + std::string(type.name) +
                      " has " + std::to_string(key.size) +
                      " bytes aligned to " + std::to_string(key.align) +
                      " in this program, but " + std::to_string(type.size) +
                      " aligned to " + std::to_string(type.align) +
                      " in module '" + std::string(module.view.name) + "'");
  index = type.index;
  return {};
}

} // namespace

void LoadedModule::buildIndex() {
  messages.clear();
  actors.clear();
  handlers.clear();
  for (const auto &message : view.messages)
    messages.emplace(message.hash, message.index);
  for (const auto &actor : view.actors)
    actors.emplace(actor.hash, actor.index);
  for (const auto &handler : view.handlers)
    handlers.emplace(dispatchKey(handler.actor, handler.message), &handler);
}

Status LoadedModule::read(std::span<const std::byte> bytes) {
  auto module = modfile::readModule(bytes);
  if (!module)
    return Status(module.error().code, origin + ": " + module.error().text());
  view = std::move(*module);
  buildIndex();
  return {};
}

Status LoadedModule::findMessage(const detail::TypeKey &key,
                                 std::uint32_t &index) const {
  return find(key, "message", view.messages, messages, *this, index);
}

Status LoadedModule::findActor(const detail::TypeKey &key,
                               std::uint32_t &index) const {
  return find(key, "actor", view.actors, actors, *this, index);
}

std::string LoadedModule::handlerName(std::uint32_t key) const {
  const std::uint32_t actor = key >> abi::MessageBits;
  const std::uint32_t message = key & abi::NoMessage;
  if (actor >= view.actors.size() || message >= view.messages.size())
    return "handler " + std::to_string(key);
  return std::string(view.actors[actor].name) + "::on(" +
         std::string(view.messages[message].name) + ")";
}

} // namespace rk::runtime
