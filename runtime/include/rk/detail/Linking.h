//===- Linking.h - How actors and stencils talk -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The bodies of `rk::StencilLink`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_link.h"

#include <cstring>
#include <string>

namespace rk {

template <class S>
Result<StencilLink<S>> StencilLink<S>::create(Stencil<S> &stencil,
                                              System &system,
                                              const LinkOptions &options) {
  auto port = system.trySpawn<StencilPort>();
  if (!port.isOk())
    return port.status();
  auto state = std::make_shared<State>(stencil, system);
  state->options = options;
  state->port = *port;
  auto number = state->stencil.addExchange(
      options.every, [weak = std::weak_ptr<State>(state)](std::int64_t step) {
        const std::shared_ptr<State> same = weak.lock();
        return same ? same->exchange(step) : Status();
      });
  if (!number.isOk()) {
    system.stop(*port);
    return number.status();
  }
  state->number = *number;
  return StencilLink(std::move(state));
}

template <class S>
StencilLink<S> &StencilLink<S>::operator=(StencilLink &&other) noexcept {
  if (this != &other) {
    end();
    state_ = std::move(other.state_);
  }
  return *this;
}

template <class S> void StencilLink<S>::end() {
  if (!state_)
    return;
  state_->stencil.dropExchange(state_->number);
  for (const Probe &probe : state_->probes)
    state_->stencil.endProbe(probe.number);
  state_->system->stop(state_->port);
  state_.reset();
}

template <class S>
template <class T, int L>
Result<std::uint32_t> StencilLink<S>::source(Field<T, L> S::*field,
                                             std::span<const GridPoint> cells,
                                             abi::StencilTransfer transfer) {
  constexpr abi::StencilScalar Scalar = detail::scalarOf<T>();
  static_assert(Scalar != abi::StencilScalar::Bytes,
                "the values of this field are no numbers: an injection has one "
                "number");
  const std::size_t member = Stencil<S>::placeOf(state_->parameters, field);
  Source source;
  source.feed = [stencil = &state_->stencil, member, transfer,
                 kept = std::vector<GridPoint>(cells.begin(), cells.end())](
                    double value, std::int64_t step) {
    const T number = detail::numberOf<T>(value);
    return stencil->feed(member, kept, {transfer, Scalar, true, step},
                         std::as_bytes(std::span(&number, 1)));
  };
  if (Status status =
          state_->stencil.checkFeed(member, cells, {transfer, Scalar, true, 0});
      !status.isOk())
    return status;
  const detail::StencilTurn turn(state_->stencil);
  if (!turn.status().isOk())
    return turn.status();
  state_->sources.push_back(std::move(source));
  return std::uint32_t(state_->sources.size() - 1);
}

template <class S>
template <class T, int L, class Actor, class Make>
Status
StencilLink<S>::probe(Field<T, L> S::*field, std::span<const GridPoint> cells,
                      std::int64_t every, ActorRef<Actor> listener, Make make) {
  auto number = state_->stencil.probe(
      Stencil<S>::placeOf(state_->parameters, field), cells, every);
  if (!number.isOk())
    return number.status();
  const std::size_t count = cells.size();
  auto send = [state = state_.get(), count, listener,
               make = std::move(make)](const detail::Record &record) {
    std::vector<T> values(count);
    const std::byte *from = record.values.data();
    for (const std::int64_t step : record.steps) {
      std::memcpy(values.data(), from, count * sizeof(T));
      from += count * sizeof(T);
      if (Status status = state->system->send(
              listener, make(step, std::span<const T>(values)));
          !status.isOk())
        return status;
      ++state->counters.messages;
    }
    return Status();
  };
  const detail::StencilTurn turn(state_->stencil);
  if (turn.status().isOk())
    state_->probes.push_back({*number, std::move(send)});
  return turn.status();
}

template <class S> LinkCounters StencilLink<S>::counters() const {
  const detail::StencilTurn turn(state_->stencil);
  return turn.status().isOk() ? state_->counters : LinkCounters();
}

template <class S> Status StencilLink<S>::State::exchange(std::int64_t step) {
  ++counters.exchanges;
  Status status = sendProbes();
  if (status.isOk() && options.pace == LinkPace::Lockstep)
    status = system->waitIdle(options.patience);
  return status.isOk() ? takeInjections(step) : status;
}

template <class S> Status StencilLink<S>::State::sendProbes() {
  for (const Probe &probe : probes) {
    const auto record = stencil.takeRecord(probe.number);
    if (!record.isOk())
      return record.status();
    if (Status status = probe.send(*record); !status.isOk())
      return status;
  }
  return {};
}

template <class S>
Status StencilLink<S>::State::takeInjections(std::int64_t step) {
  const auto count =
      system->ask(port, detail::CountInjections{}, options.patience).result();
  if (!count.isOk())
    return count.status();
  if (count->count == 0)
    return {};
  const auto taken =
      system->ask(port, detail::TakeInjections{}, options.patience).result();
  return taken.isOk() ? apply(*taken, step) : taken.status();
}

template <class S>
Status StencilLink<S>::State::apply(const detail::TakenInjections &taken,
                                    std::int64_t step) {
  if (taken.refused != 0)
    return Status(StatusCode::MailboxFull,
                  "the port of the stencil had no room for " +
                      std::to_string(taken.refused) +
                      " injections before step " + std::to_string(step + 1) +
                      "; it keeps " + std::to_string(detail::PortRoom) +
                      " between two exchanges: make LinkOptions::every less");
  for (std::uint32_t item = 0; item < taken.count; ++item) {
    const Injection &injection = taken.items[item];
    if (injection.source >= sources.size())
      return Status(
          StatusCode::InvalidArgument,
          "an injection is for source " + std::to_string(injection.source) +
              " of the stencil, which has " + std::to_string(sources.size()));
    const bool isMade = injection.step <= step;
    counters.late += isMade && injection.step != 0;
    ++counters.injections;
    if (Status status = sources[injection.source].feed(
            injection.value, isMade ? 0 : injection.step);
        !status.isOk())
      return status;
  }
  return {};
}

} // namespace rk
