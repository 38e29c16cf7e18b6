//===- stencil_port.h - Where actors reach a stencil ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The actor that stands for a stencil among actors: what they send to it
/// becomes a source of the stencil. Include it where `rkc` compiles the actors
/// that send; the host connects it with `rk/stencil_link.h`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/actor.h"

#include <cstdint>

namespace rk {

/// Adds a value to the cells of a source in one step, or sets them to it.
struct [[rk::message]] Injection {
  double value = 0;
  /// The number of the step that begins with it. 0, or one that has been made
  /// when the stencil takes it: the next step.
  std::int64_t step = 0;
  /// What `StencilLink::source` returned.
  std::uint32_t source = 0;
};

namespace detail {

inline constexpr std::uint32_t PortRoom = 64;

struct [[rk::message]] CountInjections {};
struct [[rk::message]] InjectionCount {
  std::uint32_t count, refused;
};
struct [[rk::message]] TakeInjections {};
struct [[rk::message]] TakenInjections {
  std::uint32_t count, refused;
  Injection items[PortRoom];
};

} // namespace detail

/// Keeps injections until the stencil takes them at its next exchange; up to
/// 64, others are refused, which ends the stencil's run.
class [[rk::actor]] StencilPort {
public:
  [[rk::handler]] void on(const Injection &injection) {
    if (count_ == detail::PortRoom)
      ++refused_;
    else
      items_[count_++] = injection;
  }
  [[rk::handler]] detail::InjectionCount on(detail::CountInjections) {
    return {count_, refused_};
  }
  [[rk::handler]] detail::TakenInjections on(detail::TakeInjections) {
    detail::TakenInjections taken;
    taken.count = count_;
    taken.refused = refused_;
    for (std::uint32_t item = 0; item < count_; ++item)
      taken.items[item] = items_[item];
    count_ = refused_ = 0;
    return taken;
  }

private:
  std::uint32_t count_ = 0, refused_ = 0;
  Injection items_[detail::PortRoom];
};

} // namespace rk
