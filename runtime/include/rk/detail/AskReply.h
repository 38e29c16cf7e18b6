//===- AskReply.h - What a request is answered with -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds the type of the reply that `System::ask` waits for.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/actor.h"

#include <type_traits>

namespace rk::detail {

/// Stands for "the type that the handler returns".
struct HandlersReply {};

template <class Reply, class Actor, class Message> struct AskReply {
  using Type = Reply;
};
template <class Actor, class Message>
struct AskReply<HandlersReply, Actor, Message> {
  static_assert(Handles<Actor, Message>,
                "the receiving actor has no handler for this message: add "
                "'[[rk::handler]] Reply on(Message)' to it, or ask with "
                "another message");
  using Returned = ReplyOf<Actor, Message>;
  static_assert(!std::is_void_v<Returned>,
                "the handler of this message returns no reply: use send, or, "
                "if it answers later with context.reply, ask<Reply>(...)");
  /// Not void, so that the line above is the only complaint.
  using Type =
      std::conditional_t<std::is_void_v<Returned>, HandlersReply, Returned>;
};

} // namespace rk::detail
