//===- FairActors.h - A busy actor and its neighbour ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// An actor that keeps messages to itself under way without a pause, and
/// counts how many of them are handled before a neighbour has answered.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>
#include <rk/group.h>

#include <cstdint>

namespace fair {

struct Turn {};
/// How many turns had been handled when it was sent.
struct Call {
  std::uint64_t handled;
};
struct Echo {
  std::uint64_t handled;
};
struct GetWaits {};
struct Waits {
  std::uint64_t handled; ///< turns
  std::uint64_t worst;   ///< turns between a call and its echo
  std::uint64_t echoes;
};

/// Keeps `turns` messages to itself under way until the neighbour has answered
/// `calls` calls, one after the other.
template <class Neighbour> struct Spin {
  rk::ActorRef<Neighbour> neighbour;
  std::uint32_t turns;
  std::uint32_t calls;
};
inline constexpr std::uint32_t ForEver = ~0u;

/// The handlers of `Derived`; `Size` lanes handle a turn.
template <class Derived, class Neighbour, rk::Lanes Size> class Spinner {
public:
  [[rk::handler]] void on(Spin<Neighbour> spin, rk::Context &context) {
    spin_ = spin;
    for (std::uint32_t i = 0; i < spin.turns; ++i)
      context.send(self(context), Turn{});
    call(context);
  }
  [[rk::handler(Size)]] void on(Turn, rk::Context &context) {
    if (Size != rk::Lanes::One && rk::Group().rank() != 0)
      return;
    ++waits_.handled;
    if (waits_.echoes < spin_.calls)
      context.send(self(context), Turn{});
  }
  [[rk::handler]] void on(Echo echo, rk::Context &context) {
    const std::uint64_t turns = waits_.handled - echo.handled;
    waits_.worst = turns > waits_.worst ? turns : waits_.worst;
    if (++waits_.echoes < spin_.calls)
      call(context);
  }
  [[rk::handler]] Waits on(GetWaits) { return waits_; }

private:
  rk::ActorRef<Derived> self(rk::Context &context) {
    return context.self(static_cast<const Derived *>(this));
  }
  void call(rk::Context &context) {
    context.request(static_cast<const Derived *>(this), spin_.neighbour,
                    Call{waits_.handled});
  }

  Spin<Neighbour> spin_{};
  Waits waits_{};
};

class [[rk::actor]] Neighbour {
public:
  [[rk::handler]] Echo on(Call call) { return {call.handled}; }
};

class [[rk::actor]] Busy : public Spinner<Busy, Neighbour, rk::Lanes::One> {};

} // namespace fair
