//===- Handlers.h - Which messages an actor handles ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds an actor's handlers with nothing but the language, so that the host
/// compiler, for which `[[rk::handler]]` means nothing, checks sends too.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"
#include "rk/bulk.h"

#include <new>
#include <type_traits>

namespace rk {
class Context;
}

namespace rk::detail {

/// Its address names the type T in marker calls.
template <class T> inline constexpr char typeTag = 0;

// One overload of `on` must take exactly M: deduction picks it by the parameter
// type, so conversions do not count.
template <class M, class C, class R> R replyOf(R (C::*)(M));
template <class M, class C, class R> R replyOf(R (C::*)(M) const);
template <class M, class C, class R> R replyOf(R (C::*)(M, Context &));
template <class M, class C, class R> R replyOf(R (C::*)(M, Context &) const);

template <class A, class M>
concept HandlesAs = requires { replyOf<M>(&A::on); };

/// Satisfied if A has a public handler for exactly M, taken by value or by
/// reference to const.
template <class A, class M>
concept Handles = HandlesAs<A, M> || HandlesAs<A, const M &>;

template <class A, class M> struct ReplyOfHandler;
template <class A, class M>
  requires HandlesAs<A, M>
struct ReplyOfHandler<A, M> {
  using Type = decltype(replyOf<M>(&A::on));
};
template <class A, class M>
  requires(!HandlesAs<A, M> && HandlesAs<A, const M &>)
struct ReplyOfHandler<A, M> {
  using Type = decltype(replyOf<const M &>(&A::on));
};
template <class A, class M> using ReplyOf = typename ReplyOfHandler<A, M>::Type;

template <class M> constexpr void requireMessage() {
  static_assert(std::is_trivially_copyable_v<M>,
                "a message must be trivially copyable: it travels as bytes");
  static_assert(sizeof(M) <= abi::MaxMessageBytes,
                "a message is at most 4096 bytes; send larger data in parts, "
                "or as a payload (rk/bulk.h)");
  static_assert(!CarriesBulk<M> || sizeof(M) <= abi::MaxBulkMessageBytes,
                "a message with a bulk payload is at most 32 bytes; put the "
                "rest into the payload");
}

/// Fails to compile, naming actor and message, if A has no handler for M.
template <class A, class M> constexpr void requireHandler() {
  requireMessage<M>();
  static_assert(Handles<A, M>,
                "the receiving actor has no handler for this message: add "
                "'[[rk::handler]] void on(Message)' to it, or send another "
                "message");
}

template <class A> constexpr void requireActorState() {
  static_assert(std::is_trivially_copyable_v<A>,
                "an actor must be trivially copyable: its state is moved as "
                "bytes between host and device");
  static_assert(sizeof(A) <= abi::MaxStateBytes,
                "an actor's state is at most 65536 bytes");
}

#if defined(__RKC__)
/// What the device calls for one handler; rkc instantiates it for each.
template <class A, class M>
[[gnu::used]] void handlerThunk(void *state, const void *message, void *reply,
                                Context &context) {
  A &actor = *static_cast<A *>(state);
  const M &received = *static_cast<const M *>(message);
  using Reply = ReplyOf<A, M>;
  static_assert(!CarriesBulk<M> || HandlesAs<A, const M &>,
                "a handler takes a message with a bulk payload by reference "
                "to const: what frees the payload looks at the message itself");
  BulkReceipt<M> receipt(context, received);
  auto call = [&]() -> Reply {
    if constexpr (requires { actor.on(received, context); })
      return actor.on(received, context);
    else
      return actor.on(received);
  };
  if constexpr (std::is_void_v<Reply>)
    call();
  else
    BulkAnswer<Reply>::check(context, *::new (reply) Reply(call()));
}
#endif

} // namespace rk::detail
