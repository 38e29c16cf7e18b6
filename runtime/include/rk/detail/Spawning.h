//===- Spawning.h - Making many actors --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The members of `rk::System` that make many actors. The last part of
/// `rk/system.h`, which includes it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/system.h"

namespace rk {

template <class Actor>
detail::PendingReply System::beginSpawn(const Actor &state, std::uint32_t count,
                                        Placement placement) {
  detail::requireActorState<Actor>();
  std::uint32_t index = 0;
  Status status = findActor(detail::typeKey<Actor>(), index);
  if (!status.isOk())
    return detail::PendingReply(std::move(status));
  return spawnBytes(index, &state, sizeof(Actor), count, placement);
}

template <class Actor, class... Arguments>
Result<ActorRef<Actor>> System::trySpawnAt(Placement placement,
                                           Arguments &&...arguments) {
  return finishSpawn<Actor>(beginSpawn<Actor>(
      Actor(std::forward<Arguments>(arguments)...), 1, placement));
}

template <class Actor, class... Arguments>
Result<ActorRange<Actor>> System::trySpawn_n(std::uint64_t count,
                                             Arguments &&...arguments) {
  if (count == 0)
    return ActorRange<Actor>();
  if (count > abi::MaxSlots)
    return Status(StatusCode::ActorTableFull);
  Result<ActorRef<Actor>> first = finishSpawn<Actor>(beginSpawn<Actor>(
      Actor(std::forward<Arguments>(arguments)...), std::uint32_t(count)));
  if (!first.isOk())
    return first.status();
  return ActorRange<Actor>(*first, std::uint32_t(count));
}

template <class Actor, class Make>
Result<std::vector<ActorRef<Actor>>> System::spawnMany(std::size_t count,
                                                       Make &&make) {
  constexpr std::size_t InFlight = 256;
  std::vector<ActorRef<Actor>> actors;
  actors.reserve(count);
  std::vector<detail::PendingReply> pending(count < InFlight ? count
                                                             : InFlight);
  Status failure;
  for (std::size_t i = 0; i < count + pending.size(); ++i) {
    detail::PendingReply &place = pending[i % pending.size()];
    if (i >= pending.size() && i - pending.size() < count) {
      Result<ActorRef<Actor>> actor = finishSpawn<Actor>(std::move(place));
      if (actor.isOk())
        actors.push_back(*actor);
      else if (failure.isOk())
        failure = actor.status();
    }
    if (i < count && failure.isOk())
      place = beginSpawn<Actor>(make(i));
    else if (!failure.isOk())
      place = detail::PendingReply(failure);
  }
  if (!failure.isOk())
    return failure;
  return actors;
}

} // namespace rk
