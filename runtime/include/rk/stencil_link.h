//===- stencil_link.h - Actors and stencils talk ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Connects a stencil with actors of a system: what its probes record goes to
/// actors as messages, and what actors send to its port becomes a source.
///
/// Both go through the host: a stencil's thread sends with `System::send` and
/// asks the port with `System::ask`, between two steps.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_port.h"
#include "rk/stencil_run.h"
#include "rk/system.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace rk {

/// Whether a stencil waits for the actors at an exchange.
enum class LinkPace : std::uint32_t {
  /// It does, until no message is on its way in the whole system: what actors
  /// send to the port because of the probes of step n takes effect in step
  /// n + 1, every time the program runs.
  Lockstep = 0,
  /// It does not: it takes what has come to the port. In which step that takes
  /// effect depends on who is quicker.
  Free = 1,
};

struct LinkOptions {
  /// Steps between two exchanges, which are after each step whose number this
  /// divides, and before the first step of a run that begins there.
  std::int64_t every = 1;
  LinkPace pace = LinkPace::Lockstep;
  /// How long an exchange may wait for the system.
  std::chrono::nanoseconds patience = std::chrono::seconds(10);
};

/// What has passed so far.
struct LinkCounters {
  std::uint64_t exchanges = 0;
  std::uint64_t messages = 0; ///< of probes, to actors
  std::uint64_t injections = 0;
  /// Of these, the ones for a step that had been made.
  std::uint64_t late = 0;
};

/// A connection between a stencil and a system. While it lives, the steps of
/// the stencil are cut at the exchanges, whoever makes them: `run`, `runUntil`,
/// `start`. An exchange sends the messages of all probes, in the order of the
/// probes and then of the steps; waits, in lockstep; then takes the injections
/// in the order in which the port had them.
///
/// Threads   any, but for moving and destroying it.
/// Errors    what goes wrong in an exchange ends the run that makes it: those
///           of `System::send`, `ask` and `waitIdle`; `MailboxFull` if more
///           than 64 injections came between two exchanges; `InvalidArgument`
///           for a source that there is not.
/// Cost      of an exchange: a round trip to the port, another if it has
///           injections, `System::waitIdle` in lockstep, `System::send` for
///           each message; on a GPU also a wait for the stencil's steps. An
///           injection is a source of its own, as `Stencil::inject` makes it.
/// Lifetime  ends before its system. Its end leaves injections in the port.
template <class S> class StencilLink {
public:
  /// Makes the port, an actor, and connects.
  ///
  /// Errors    of `System::trySpawn`: `NotFound` if the actors were compiled
  ///           without `rk/stencil_port.h`.
  static Result<StencilLink> create(Stencil<S> &stencil, System &system,
                                    const LinkOptions &options = {});
  StencilLink(StencilLink &&) noexcept = default;
  StencilLink &operator=(StencilLink &&other) noexcept;
  ~StencilLink() { end(); }

  /// The actor to which others send an `Injection`.
  [[nodiscard]] ActorRef<StencilPort> port() const { return state_->port; }

  /// Makes a source of injections, which add to the cells or set them, and
  /// returns its number, from 0. A value is given to all its cells.
  template <class T, int L>
  Result<std::uint32_t>
  source(Field<T, L> S::*field, std::span<const GridPoint> cells,
         abi::StencilTransfer transfer = abi::StencilTransfer::Add);
  template <class T, int L>
  Result<std::uint32_t>
  source(Field<T, L> S::*field, GridPoint cell,
         abi::StencilTransfer transfer = abi::StencilTransfer::Add) {
    return source(field, std::span(&cell, 1), transfer);
  }

  /// Sends `make(step, values)` to an actor for each step whose number `every`
  /// divides. `values`, a span, has the cells' values after that step; the
  /// result is a message that the actor handles. `make` is called in the thread
  /// that makes the steps, and must not throw.
  template <class T, int L, class Actor, class Make>
  Status probe(Field<T, L> S::*field, std::span<const GridPoint> cells,
               std::int64_t every, ActorRef<Actor> listener, Make make);
  template <class T, int L, class Actor, class Make>
  Status probe(Field<T, L> S::*field, GridPoint cell, std::int64_t every,
               ActorRef<Actor> listener, Make make) {
    return probe(field, std::span(&cell, 1), every, listener, std::move(make));
  }

  [[nodiscard]] LinkCounters counters() const;

private:
  struct Probe {
    std::size_t number;
    /// Sends what was recorded.
    std::function<Status(const detail::Record &)> send;
  };
  struct Source {
    std::function<Status(double value, std::int64_t step)> feed;
  };
  /// Used by one thread at a time, which is let in by the stencil.
  struct State {
    State(Stencil<S> &of, System &with)
        : parameters(of.parameters_), stencil(of.any_.share()), system(&with) {}
    Status exchange(std::int64_t step);
    Status sendProbes();
    Status takeInjections(std::int64_t step);
    Status apply(const detail::TakenInjections &taken, std::int64_t step);

    const S parameters;
    detail::AnyStencil stencil;
    System *system;
    LinkOptions options;
    ActorRef<StencilPort> port;
    std::vector<Probe> probes;
    std::vector<Source> sources;
    LinkCounters counters;
    std::uint64_t number = 0; ///< of the exchange
  };

  explicit StencilLink(std::shared_ptr<State> state)
      : state_(std::move(state)) {}
  void end();

  std::shared_ptr<State> state_;
};

} // namespace rk

#include "rk/detail/Linking.h"
