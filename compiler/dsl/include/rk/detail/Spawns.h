//===- Spawns.h - Making actors and asking in a handler --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Members of `rk::Context` that make actors or ask them. The last part of
/// `rk/actor.h`, which includes it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/actor.h"

namespace rk {

template <class Self, class Actor, class Message>
StatusCode Context::request(const Self *,
                            [[maybe_unused]] ActorRef<Actor> receiver,
                            const Message &message) {
  detail::requireHandler<Actor, Message>();
  using Reply = detail::ReplyOf<Actor, Message>;
  static_assert(!std::is_void_v<Reply>,
                "the handler of this message returns no reply");
  detail::requireHandler<Self, Reply>();
  detail::BulkSend<Message> bulk(*this, message);
  return bulk.end(StatusCode(RK_DEVICE_ONLY(
      __rk_send(this, receiver.bits(), &detail::typeTag<Actor>,
                &detail::typeTag<Message>, &message, sizeof(Message), 1))));
}

template <class Actor, class... Arguments>
ActorRef<Actor> Context::spawnAtInto(StatusCode *status,
                                     [[maybe_unused]] Placement placement,
                                     Arguments &&...arguments) {
  detail::requireActorState<Actor>();
  [[maybe_unused]] const Actor state(std::forward<Arguments>(arguments)...);
  std::uint32_t code = 0;
  const std::uint64_t bits = RK_DEVICE_ONLY(__rk_spawn_at(
      this, &detail::typeTag<Actor>, &state, sizeof(Actor),
      std::uint32_t(placement.kind()), placement.neighbour(), &code));
  if (status)
    *status = StatusCode(code);
  return ActorRef<Actor>::fromBits(bits);
}

template <class Actor, class... Arguments>
ActorRange<Actor> Context::spawn_nInto(StatusCode *status,
                                       [[maybe_unused]] std::uint32_t count,
                                       Arguments &&...arguments) {
  detail::requireActorState<Actor>();
  [[maybe_unused]] const Actor state(std::forward<Arguments>(arguments)...);
  std::uint32_t code = 0;
  const std::uint64_t bits = RK_DEVICE_ONLY(__rk_spawn_n(
      this, &detail::typeTag<Actor>, &state, sizeof(Actor), count, &code));
  if (status)
    *status = StatusCode(code);
  return bits == 0 ? ActorRange<Actor>()
                   : ActorRange<Actor>(ActorRef<Actor>::fromBits(bits), count);
}

} // namespace rk
