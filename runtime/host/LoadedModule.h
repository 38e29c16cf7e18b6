//===- LoadedModule.h - A module and what is looked up in it ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A module that was read, with the look-ups that the runtime makes: types by
/// hash, handlers by dispatch key.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"
#include "rk/detail/TypeKey.h"
#include "rk/modfile/Module.h"
#include "rk/status.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace rk::runtime {

/// Threads   constant once made; any thread may read it.
struct LoadedModule {
  /// Where it came from, for messages.
  std::string origin;
  /// Holds the bytes unless they stay where they are by themselves.
  std::vector<std::byte> storage;
  modfile::ModuleView view;
  std::unordered_map<std::uint64_t, std::uint32_t> messages;
  std::unordered_map<std::uint64_t, std::uint32_t> actors;
  /// By dispatch key: actor index << 12 | message index.
  std::unordered_map<std::uint32_t, const modfile::HandlerView *> handlers;

  LoadedModule() = default;
  LoadedModule(const LoadedModule &) = delete;
  LoadedModule &operator=(const LoadedModule &) = delete;

  /// Fills the look-ups from `view`.
  void buildIndex();
  /// Reads `bytes`, which outlive this, into `view` and builds the index.
  Status read(std::span<const std::byte> bytes);

  /// Errors    `NotFound`, `LayoutMismatch`.
  Status findMessage(const detail::TypeKey &key, std::uint32_t &index) const;
  Status findActor(const detail::TypeKey &key, std::uint32_t &index) const;

  static constexpr std::uint32_t dispatchKey(std::uint32_t actor,
                                             std::uint32_t message) {
    return actor << abi::MessageBits | message;
  }
  /// Returns "Account::on(Deposit)" for the handler of a dispatch key.
  std::string handlerName(std::uint32_t key) const;
};

} // namespace rk::runtime
