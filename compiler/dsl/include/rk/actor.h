//===- actor.h - Writing actors --------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What an actor's source includes: references, the context of a handler, and
/// the rules that both compilers check.
///
/// A handler is a public member function named `on`, marked `[[rk::handler]]`,
/// that takes one message and, if it likes, a `rk::Context &`. Its return value
/// is the reply. Messages and actors are trivially copyable.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Address.h"
#include "rk/abi/Packet.h"
#include "rk/abi/Status.h"
#include "rk/bulk.h"
#include "rk/detail/Handlers.h"
#include "rk/detail/HostStubs.h"
#include "rk/detail/Markers.h"
#include "rk/placement.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace rk {

using StatusCode = abi::StatusCode;

/// What becomes of a message to an actor whose mailbox is full: the argument of
/// `[[rk::actor(...)]]`. `Fail`, unless it is given.
using WhenFull = abi::WhenFull;

class Context;

/// How many lanes run one handler call: the argument of `[[rk::handler(...)]]`.
enum class Lanes : std::uint32_t {
  One = 0,  ///< one lane; up to 32 messages are handled side by side (default)
  Warp = 1, ///< a whole warp handles one message (`rk::Group`)
  // Only in resident actors, which then have all of it to themselves:
  Block = 2,   ///< 256 lanes of one multiprocessor
  Cluster = 3, ///< 2048 lanes of eight multiprocessors
  Grid = 4,    ///< all multiprocessors that are not otherwise in use
};

/// A typed reference to one actor: eight bytes, trivially copyable, good in
/// messages and in state. A null reference is no actor's.
///
/// Threads   a value; copy it freely.
template <class Actor> class ActorRef {
public:
  constexpr ActorRef() = default;
  /// Makes a reference from address bits, unchecked. For transport only.
  static constexpr ActorRef fromBits(std::uint64_t bits) {
    ActorRef reference;
    reference.bits_ = bits;
    return reference;
  }
  constexpr std::uint64_t bits() const { return bits_; }
  constexpr explicit operator bool() const { return bits_ != 0; }
  constexpr bool operator==(const ActorRef &) const = default;

private:
  std::uint64_t bits_ = 0;
};

/// Actors of one type that were made together (`spawn_n`): their slots follow
/// each other, so 16 bytes name all of them. Trivially copyable, good in
/// messages and in state. It says nothing about which of them still live.
///
/// Threads   a value; copy it freely.
template <class Actor> class ActorRange {
public:
  class Iterator {
  public:
    using value_type = ActorRef<Actor>;
    using difference_type = std::ptrdiff_t;

    constexpr Iterator() = default;
    constexpr ActorRef<Actor> operator*() const {
      return ActorRef<Actor>::fromBits(bits_);
    }
    constexpr Iterator &operator++() {
      ++bits_;
      return *this;
    }
    constexpr Iterator operator++(int) { return Iterator(bits_++); }
    constexpr bool operator==(const Iterator &) const = default;

  private:
    friend ActorRange;
    constexpr explicit Iterator(std::uint64_t bits) : bits_(bits) {}
    std::uint64_t bits_ = 0;
  };

  constexpr ActorRange() = default;
  /// Names `size` actors from `first` on, unchecked. For transport only.
  constexpr ActorRange(ActorRef<Actor> first, std::uint32_t size)
      : first_(first.bits()), size_(size) {}

  constexpr std::uint32_t size() const { return std::uint32_t(size_); }
  constexpr bool empty() const { return size_ == 0; }
  /// Returns number `index`, which must be less than `size()`.
  constexpr ActorRef<Actor> operator[](std::uint32_t index) const {
    return ActorRef<Actor>::fromBits(first_ + index);
  }
  /// Returns the number of `actor`, or `size()` if it is not in the range.
  constexpr std::uint32_t indexOf(ActorRef<Actor> actor) const {
    const std::uint64_t index = actor.bits() - first_;
    return index < size_ ? std::uint32_t(index) : size();
  }
  constexpr bool contains(ActorRef<Actor> actor) const {
    return actor.bits() - first_ < size_;
  }
  constexpr Iterator begin() const { return Iterator(first_); }
  constexpr Iterator end() const { return Iterator(first_ + size_); }
  constexpr bool operator==(const ActorRange &) const = default;

private:
  std::uint64_t first_ = 0;
  std::uint64_t size_ = 0;
};

/// A pointer to memory that the device can reach, for messages and state.
/// Raw pointers are refused there, since a host pointer means nothing on a GPU;
/// writing `device_ptr` says that the pointer was made for the device.
template <class T> class device_ptr {
public:
  constexpr device_ptr() = default;
  constexpr explicit device_ptr(T *pointer) : pointer_(pointer) {}
  constexpr T *get() const { return pointer_; }
  constexpr T &operator*() const { return *pointer_; }
  constexpr T *operator->() const { return pointer_; }
  constexpr T &operator[](std::size_t index) const { return pointer_[index]; }
  constexpr explicit operator bool() const { return pointer_ != nullptr; }
  constexpr bool operator==(const device_ptr &) const = default;

private:
  T *pointer_ = nullptr;
};

/// The right to answer one request later, kept in state or passed on.
template <class Reply> class ReplyTo {
public:
  constexpr ReplyTo() = default;
  constexpr explicit ReplyTo(std::uint64_t token) : token_(token) {}
  constexpr std::uint64_t token() const { return token_; }
  constexpr explicit operator bool() const { return token_ != 0; }

private:
  std::uint64_t token_ = 0;
};

/// What a running handler can do. Given to the handler by the runtime; valid
/// until the handler returns.
///
/// Threads   the lane that runs the handler.
class Context {
public:
  /// Returns the reference of the actor that is running.
  template <class Actor> ActorRef<Actor> self(const Actor *) {
    return ActorRef<Actor>::fromBits(RK_DEVICE_ONLY(__rk_self(this)));
  }

  /// Sends `message`; never waits for the receiver. If the status is not used,
  /// the message goes once the handler has returned, with those of the other
  /// lanes, or from one lane of a resident actor to another at once, on a GPU;
  /// if it is used, at once.
  ///
  /// Ordering  messages of this actor to `receiver` are handled in the order
  ///           they were sent, whichever way each of them goes.
  /// Errors    `MailboxFull`, `PayloadPoolExhausted`: not sent, and counted as
  ///           a dead letter. (`Ok` instead of `MailboxFull` if the receiver's
  ///           `WhenFull` is another than `Fail`.) A receiver that has stopped
  ///           is found out at its end, and counted there.
  /// Cost      64 bytes written, and a round trip for its place in the inbox:
  ///           one for all lanes at the end of the handlers, or one of its own
  ///           if the status is used. A message of more than 32 bytes also
  ///           takes a block of the payload pool and one fence.
  template <class Actor, class Message>
  StatusCode send([[maybe_unused]] ActorRef<Actor> receiver,
                  [[maybe_unused]] const Message &message) {
    detail::requireHandler<Actor, Message>();
    detail::BulkSend<Message> bulk(*this, message);
    return bulk.end(StatusCode(RK_DEVICE_ONLY(
        __rk_send(this, receiver.bits(), &detail::typeTag<Actor>,
                  &detail::typeTag<Message>, &message, sizeof(Message), 0))));
  }

  /// Sends `message` and asks for its reply, which arrives as a message: `self`
  /// must have a handler for it.
  template <class Self, class Actor, class Message>
  StatusCode request(const Self *, ActorRef<Actor> receiver,
                     const Message &message);

  /// Returns the right to answer the current message later; null when its
  /// sender asked for no reply. The handler must then return void.
  template <class Reply> ReplyTo<Reply> replyLater() {
    return ReplyTo<Reply>(std::uint64_t(RK_DEVICE_ONLY(__rk_sender(this))));
  }

  /// Answers a request whose `ReplyTo` was kept. Answering twice is an error
  /// that the asker does not see: the second answer is a dead letter.
  template <class Reply>
  StatusCode reply([[maybe_unused]] ReplyTo<Reply> to,
                   [[maybe_unused]] const Reply &value) {
    detail::BulkSend<Reply> bulk(*this, value);
    return bulk.end(StatusCode(RK_DEVICE_ONLY(__rk_reply(
        this, to.token(), &detail::typeTag<Reply>, &value, sizeof(Reply)))));
  }

  /// Make, and take over, a payload that travels by reference: `rk/bulk.h`.
  template <class T>
  BulkBuffer<T> makeBulk(std::uint32_t count, StatusCode *status = nullptr) {
    return BulkBuffer<T>::make(*this, count, status);
  }
  template <class T> BulkBuffer<T> take(const Bulk<T> &bulk) {
    return BulkBuffer<T>::take(*this, bulk);
  }

  /// Makes an actor, constructed from `arguments` before it is visible.
  ///
  /// Errors    a null reference; `status`, if given, says why:
  ///           `ActorTableFull`, `StatePoolExhausted`.
  /// Cost      state and 16 bytes written, and a fence; no message.
  template <class Actor, class... Arguments>
  ActorRef<Actor> spawn(Arguments &&...arguments) {
    return spawnInto<Actor>(nullptr, std::forward<Arguments>(arguments)...);
  }
  template <class Actor, class... Arguments>
  ActorRef<Actor> spawnInto(StatusCode *status, Arguments &&...arguments) {
    detail::requireActorState<Actor>();
    [[maybe_unused]] alignas(16) alignas(Actor) const Actor state(
        std::forward<Arguments>(arguments)...);
    std::uint32_t code = 0;
    const std::uint64_t bits = RK_DEVICE_ONLY(__rk_spawn(
        this, &detail::typeTag<Actor>, &state, sizeof(Actor), &code));
    if (status)
      *status = StatusCode(code);
    return ActorRef<Actor>::fromBits(bits);
  }

  /// The same where `placement` says, for resident actors alone.
  ///
  /// Errors    also `InvalidArgument`: relative to no resident actor of a warp,
  ///           and `InvalidAddress`: relative to one that is not there.
  template <class Actor, class... Arguments>
  ActorRef<Actor> spawnAt(Placement placement, Arguments &&...arguments) {
    return spawnAtInto<Actor>(nullptr, placement,
                              std::forward<Arguments>(arguments)...);
  }
  template <class Actor, class... Arguments>
  ActorRef<Actor> spawnAtInto(StatusCode *status, Placement placement,
                              Arguments &&...arguments);

  /// Makes `count` actors, all of the state `Actor(arguments...)`, in slots
  /// that follow each other; all, or none. Each can find its place in the range
  /// with `ActorRange::indexOf`, if a message brings it the range.
  ///
  /// Errors    an empty range, also if `count` is 0; `status`, if given, says
  ///           why, as for `spawnInto`. Unless `count` is 1, slots of actors
  ///           that have stopped are not used: a table that has been full once
  ///           is full for `spawn_n`, though not for `spawn`.
  /// Cost      all states written by this lane, and one fence; no message. To
  ///           make very many quickly, let several actors make some each.
  template <class Actor, class... Arguments>
  ActorRange<Actor> spawn_n(std::uint32_t count, Arguments &&...arguments) {
    return spawn_nInto<Actor>(nullptr, count,
                              std::forward<Arguments>(arguments)...);
  }
  template <class Actor, class... Arguments>
  ActorRange<Actor> spawn_nInto(StatusCode *status, std::uint32_t count,
                                Arguments &&...arguments);

  /// Stops an actor once the messages sent to it before are handled.
  template <class Actor>
  StatusCode stop([[maybe_unused]] ActorRef<Actor> actor) {
    return StatusCode(RK_DEVICE_ONLY(__rk_stop(this, actor.bits())));
  }

  Context(const Context &) = delete;
  Context &operator=(const Context &) = delete;

private:
  Context() = default;
};

} // namespace rk

#include "rk/detail/Spawns.h"
