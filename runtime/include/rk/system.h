//===- system.h - Running actors from the host -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The host's side of a running actor system: start it, make actors, send,
/// ask, stop, and see what it does.
///
/// Functions named `try...` and those that return `Status` or `Result` never
/// throw. The others are conveniences that throw `rk::StatusError` from this
/// header, in the caller's own code; without exceptions they end the program
/// with the same text.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/actor.h"
#include "rk/detail/AskReply.h"
#include "rk/detail/PayloadWords.h"
#include "rk/detail/TypeKey.h"
#include "rk/future.h"
#include "rk/module.h"
#include "rk/options.h"
#include "rk/placement.h"
#include "rk/report.h"
#include "rk/status.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <ranges>
#include <span>
#include <utility>
#include <vector>

namespace rk {

namespace runtime {
struct SystemAccess;
} // namespace runtime

/// One running actor system: one persistent kernel on one GPU, or the worker
/// threads of the CPU back end. A process runs at most one on GPUs at a time,
/// since the driver cannot load or free while a persistent kernel runs; any
/// number on the CPU.
///
/// Threads   every member function may be called from any thread at any time,
///           but for moving and destroying the system itself.
/// Lifetime  futures and references outlive it safely: they give
///           `ShuttingDown`.
class System {
public:
  /// Starts with default options; throws `StatusError` if it cannot.
  System() : System(SystemOptions{}) {}
  explicit System(const SystemOptions &options)
      : System(create(options).value()) {}
  /// Starts a system, or says why it cannot.
  static Result<System> create(const SystemOptions &options = {});
  System(System &&) noexcept;
  System &operator=(System &&) noexcept;
  /// Shuts down as `shutdown()` does.
  ~System();

  /// Makes an actor whose state is `Actor(arguments...)`. The constructor runs
  /// here; the state travels as bytes.
  ///
  /// Errors    `ActorTableFull`, `StatePoolExhausted`; `MailboxFull`: no room
  ///           towards the device in time; `NotFound`, `LayoutMismatch`: the
  ///           module has no such actor.
  /// Cost      one round trip to the device.
  template <class Actor, class... Arguments>
  Result<ActorRef<Actor>> trySpawn(Arguments &&...arguments) {
    return finishSpawn<Actor>(
        beginSpawn<Actor>(Actor(std::forward<Arguments>(arguments)...)));
  }
  template <class Actor, class... Arguments>
  ActorRef<Actor> spawn(Arguments &&...arguments) {
    return trySpawn<Actor>(std::forward<Arguments>(arguments)...).value();
  }
  /// The same where `placement` says, for resident actors alone.
  ///
  /// Errors    also `InvalidArgument`: the actor, or what it is to be near, is
  ///           not resident with a warp; `InvalidAddress`: that is gone.
  template <class Actor, class... Arguments>
  Result<ActorRef<Actor>> trySpawnAt(Placement placement,
                                     Arguments &&...arguments);
  template <class Actor, class... Arguments>
  ActorRef<Actor> spawnAt(Placement placement, Arguments &&...arguments) {
    return trySpawnAt<Actor>(placement, std::forward<Arguments>(arguments)...)
        .value();
  }
  /// Makes `count` actors, all of the state `Actor(arguments...)`, in slots
  /// that follow each other; all, or none. They can find their places in the
  /// range with `ActorRange::indexOf`, if a message brings it to them.
  ///
  /// Errors    as for `trySpawn`. Unless `count` is 1, slots of actors that
  ///           have stopped are not used: `ActorTableFull` and
  ///           `StatePoolExhausted` may come while `trySpawn` still finds room.
  /// Cost      one round trip to the device, which writes all states there.
  ///           What this thread sends to other actors may wait meanwhile.
  template <class Actor, class... Arguments>
  Result<ActorRange<Actor>> trySpawn_n(std::uint64_t count,
                                       Arguments &&...arguments);
  template <class Actor, class... Arguments>
  ActorRange<Actor> spawn_n(std::uint64_t count, Arguments &&...arguments) {
    return trySpawn_n<Actor>(count, std::forward<Arguments>(arguments)...)
        .value();
  }
  /// Makes `count` actors from `make(i)`, several in flight at a time. On an
  /// error, those made before live on.
  template <class Actor, class Make>
  Result<std::vector<ActorRef<Actor>>> spawnMany(std::size_t count,
                                                 Make &&make);

  /// Sends one message; waits at most `SystemOptions::sendTimeout` for room.
  ///
  /// There is no room when as many packets wait as the way to the device holds
  /// (up to 2048): the device does not keep up, or it holds back for a receiver
  /// that is behind (`SystemOptions::slowdown`), or a receiver's mailbox is
  /// full and its type says `rk::WhenFull::Fail`.
  ///
  /// Ordering  messages of one thread to one receiver are handled in the order
  ///           they were sent. Those of two threads have no order, even if the
  ///           second was started after the first had sent: each has its own
  ///           way to the device.
  /// Errors    `MailboxFull`: no room towards the device in time, not sent.
  ///           `InvalidAddress`: a null reference. `ShuttingDown`, or what
  ///           ended the run. `NotFound`, `LayoutMismatch`: the module and this
  ///           program disagree. A receiver that has stopped is found out on
  ///           the device, and counted there.
  /// Cost      64 bytes written, for the first `SystemOptions::lanes` - 1
  ///           threads, others also a compare-and-swap; no call into the
  ///           driver.
  template <class Actor, class Message>
  [[gnu::always_inline]] Status send(ActorRef<Actor> receiver,
                                     const Message &message) {
    return sendWithin(receiver, message, UsualPatience);
  }
  /// The same, but waits at most `patience` for room; 0: not at all.
  template <class Actor, class Message>
  Status send(ActorRef<Actor> receiver, const Message &message,
              std::chrono::nanoseconds patience) {
    return sendWithin(receiver, message,
                      std::max(patience, std::chrono::nanoseconds(0)));
  }

  /// Sends `messages[i]` to `receivers[i]`, in this order, or all to one: as
  /// `send` for each, in a quarter of the instructions. Both are ranges in one
  /// piece of memory, as vectors and spans are.
  ///
  /// Errors    of the first message that could not be sent; none behind it was,
  ///           and `sent` tells how many before it were. `InvalidArgument`: the
  ///           ranges are not of one length.
  template <std::ranges::contiguous_range Receivers,
            std::ranges::contiguous_range Messages>
  Status sendAll(const Receivers &receivers, const Messages &messages,
                 std::size_t *sent = nullptr);
  template <class Actor, std::ranges::contiguous_range Messages>
  Status sendAll(ActorRef<Actor> receiver, const Messages &messages,
                 std::size_t *sent = nullptr);

  /// Sends a message and returns the future of its reply, which fails with
  /// `DeadlineExceeded` once `deadline` has passed.
  ///
  /// A handler that returns void and answers with `context.reply` is asked with
  /// the type of its answer: `ask<Balance>(account, Query{})`.
  ///
  /// Errors    as for `send`, from the future; it waits for room as `send`.
  template <class Reply = detail::HandlersReply, class Actor, class Message>
  Future<typename detail::AskReply<Reply, Actor, Message>::Type>
  ask(ActorRef<Actor> receiver, const Message &message,
      std::chrono::nanoseconds deadline = std::chrono::seconds(10)) {
    using Answer = typename detail::AskReply<Reply, Actor, Message>::Type;
    return Future<Answer>(
        beginAsk<Actor, Message, Answer>(receiver, message, deadline));
  }

  /// Copies `values` to where actors read them, as the payload of a message:
  /// `send(receiver, Frame{*bulk, 7})` hands it over. A message that cannot be
  /// sent frees it.
  ///
  /// Errors    `BulkPoolExhausted`: no room in time (`patience`; if that is
  ///           negative, `SystemOptions::sendTimeout`); as for `send`.
  /// Cost      one round trip to the device, and a copy.
  template <std::ranges::contiguous_range Values>
  Result<Bulk<std::ranges::range_value_t<const Values>>>
  makeBulk(const Values &values,
           std::chrono::nanoseconds patience = UsualPatience);
  /// Copies a payload that a reply has brought, and frees it.
  ///
  /// Errors    `InvalidArgument`: it has been freed, or never was one.
  template <class T> Result<std::vector<T>> fetch(const Bulk<T> &bulk);
  /// Frees a payload that a reply or `makeBulk` has brought.
  template <class T> Status free(const Bulk<T> &bulk) {
    return bulk ? releaseBulk(bulk.reference().handle) : Status();
  }

  /// Stops an actor once the messages sent to it before are handled.
  ///
  /// Errors    as for `send`.
  template <class Actor> Status stop(ActorRef<Actor> actor) {
    return stopActor(actor.bits());
  }

  /// Waits until no message is waiting, on its way or being handled.
  ///
  /// Errors    `DeadlineExceeded` with what was still moving; `ShuttingDown`.
  Status waitIdle(std::chrono::nanoseconds timeout = std::chrono::seconds(60));

  /// Ends the run: no handler starts any more, what is left is counted as dead
  /// letters with reason `Shutdown`. Idempotent.
  ///
  /// Errors    `WorkerStalled` if a handler does not come back in time, with
  ///           its name and line; the memory of the system is then left to the
  ///           end of the process.
  Status shutdown(std::chrono::nanoseconds timeout = std::chrono::seconds(1));

  /// Returns what has happened so far.
  [[nodiscard]] Counters counters() const;
  /// Returns what memory the system takes, or took last before `shutdown`.
  [[nodiscard]] MemoryUse memory() const;
  /// Returns the handler calls that last beyond
  /// `SystemOptions::stallThreshold`.
  [[nodiscard]] std::vector<StallReport> stalls() const;
  /// Returns where the system runs: back end, device, driver, workers.
  [[nodiscard]] const RunDescription &description() const;
  /// Returns `Ok`, or the failure that ended the run.
  [[nodiscard]] Status status() const;

private:
  friend struct runtime::SystemAccess;
  explicit System(std::shared_ptr<runtime::Engine> engine);
  Status findMessage(const detail::TypeKey &key, std::uint32_t &index) const;
  Status findActor(const detail::TypeKey &key, std::uint32_t &index) const;
  /// Stands for `SystemOptions::sendTimeout`.
  static constexpr std::chrono::nanoseconds UsualPatience{-1};

  template <class Actor, class Message>
  [[gnu::always_inline]] Status sendWithin(ActorRef<Actor> receiver,
                                           const Message &message,
                                           std::chrono::nanoseconds patience);
  template <class Actor, class Message>
  Status sendRow(std::span<const ActorRef<Actor>> receivers, std::size_t step,
                 std::span<const Message> messages, std::size_t &sent);
  /// Sends messages of `abi::InlineBytes` each until one cannot go at once;
  /// returns how many.
  std::size_t sendPayloads(const std::uint64_t *receivers, std::size_t step,
                           std::uint32_t message, const void *payloads,
                           std::size_t count);
  Status sendBytes(std::uint64_t address, std::uint32_t message,
                   const void *bytes, std::uint32_t size,
                   std::chrono::nanoseconds patience);
  /// Sends a small message if there is room at once.
  bool sendWords(std::uint64_t address, std::uint32_t message,
                 detail::PayloadHalf low, detail::PayloadHalf high);
  detail::PendingReply askBytes(std::uint64_t address, std::uint32_t message,
                                const void *bytes, std::uint32_t size,
                                std::uint32_t reply, std::uint32_t replySize,
                                std::chrono::nanoseconds deadline);
  detail::PendingReply spawnBytes(std::uint32_t actor, const void *state,
                                  std::uint32_t size, std::uint32_t count,
                                  Placement placement);
  Status stopActor(std::uint64_t address);

  template <class Actor, class Message, class Answer>
  detail::PendingReply beginAsk(ActorRef<Actor> receiver,
                                const Message &message,
                                std::chrono::nanoseconds deadline);
  Status makeBulkBytes(const void *bytes, std::uint64_t length,
                       std::chrono::nanoseconds patience,
                       std::uint64_t &handle);
  Status fetchBytes(std::uint64_t handle, void *to, std::uint64_t length);
  Status releaseBulk(std::uint64_t handle);
  template <class Message> Status messageIndex(std::uint32_t &index) const;
  template <class Actor>
  detail::PendingReply beginSpawn(const Actor &state, std::uint32_t count = 1,
                                  Placement placement = {});
  template <class Actor>
  static Result<ActorRef<Actor>> finishSpawn(detail::PendingReply pending) {
    std::uint64_t bits = 0;
    Status status = pending.take(&bits, sizeof(bits));
    if (!status.isOk())
      return status;
    return ActorRef<Actor>::fromBits(bits);
  }

  std::shared_ptr<runtime::Engine> engine_;
  /// The same, if small messages may take the short way; else null.
  runtime::Engine *direct_ = nullptr;
  /// Names this system among all that the process has had.
  std::uint64_t number_ = 0;
};

} // namespace rk

#include "rk/detail/Sending.h"
#include "rk/detail/Spawning.h"
