//===- Sending.h - From a call to a packet ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The members of `rk::System` that send. A last part of
/// `rk/system.h`, which includes it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/system.h"

#include <iterator>
#include <string>

namespace rk {

namespace detail {

template <class Range> auto asRow(const Range &range) {
  return std::span<const std::ranges::range_value_t<const Range>>(
      std::ranges::data(range), std::ranges::size(range));
}

} // namespace detail

template <class Message>
Status System::messageIndex(std::uint32_t &index) const {
  detail::CachedIndex &cached = detail::cachedIndex<Message>;
  if (cached.system != number_) [[unlikely]] {
    Status status = findMessage(detail::typeKey<Message>(), cached.index);
    if (!status.isOk())
      return status;
    cached.system = number_;
  }
  index = cached.index;
  return {};
}

template <class Actor, class Message, class Answer>
detail::PendingReply System::beginAsk(ActorRef<Actor> receiver,
                                      const Message &message,
                                      std::chrono::nanoseconds deadline) {
  detail::requireHandler<Actor, Message>();
  detail::requireMessage<Answer>();
  std::uint32_t index = 0, reply = 0;
  Status status = messageIndex<Message>(index);
  if (status.isOk())
    status = messageIndex<Answer>(reply);
  if (!status.isOk())
    return detail::PendingReply(std::move(status));
  return askBytes(receiver.bits(), index, &message, sizeof(Message), reply,
                  sizeof(Answer), deadline);
}

template <std::ranges::contiguous_range Values>
Result<Bulk<std::ranges::range_value_t<const Values>>>
System::makeBulk(const Values &values, std::chrono::nanoseconds patience) {
  const auto row = detail::asRow(values);
  using Element = std::ranges::range_value_t<const Values>;
  if (row.size() > UINT32_MAX)
    return Status(StatusCode::InvalidArgument,
                  "a payload has at most 2^32 - 1 elements");
  abi::BulkReference reference{};
  Status status =
      makeBulkBytes(row.data(), row.size_bytes(), patience, reference.handle);
  if (!status.isOk())
    return status;
  reference.count = std::uint32_t(row.size());
  return Bulk<Element>::fromReference(reference);
}

template <class T> Result<std::vector<T>> System::fetch(const Bulk<T> &bulk) {
  static_assert(!std::is_same_v<T, bool>, "std::vector<bool> has no elements");
  std::vector<T> values(bulk.size());
  const std::uint64_t handle = bulk.reference().handle;
  if (values.empty())
    return values;
  Status status = fetchBytes(handle, values.data(), values.size() * sizeof(T));
  if (status.isOk())
    status = releaseBulk(handle);
  if (!status.isOk())
    return status;
  return values;
}

template <class Actor, class Message>
[[gnu::always_inline]] inline Status
System::sendWithin(ActorRef<Actor> receiver, const Message &message,
                   std::chrono::nanoseconds patience) {
  detail::requireHandler<Actor, Message>();
  std::uint32_t index = 0;
  if (Status status = messageIndex<Message>(index); !status.isOk())
    return status;
  if constexpr (sizeof(Message) <= sizeof(detail::PayloadWords)) {
    const detail::PayloadWords words = detail::payloadOf(message);
    if (sendWords(receiver.bits(), index, words.low, words.high)) [[likely]]
      return {};
  }
  return sendBytes(receiver.bits(), index, &message, sizeof(Message), patience);
}

template <std::ranges::contiguous_range Receivers,
          std::ranges::contiguous_range Messages>
Status System::sendAll(const Receivers &receivers, const Messages &messages,
                       std::size_t *sent) {
  const auto to = detail::asRow(receivers);
  const auto what = detail::asRow(messages);
  std::size_t count = 0;
  const Status status =
      to.size() == what.size()
          ? sendRow(to, 1, what, count)
          : Status(StatusCode::InvalidArgument,
                   std::to_string(what.size()) + " messages for " +
                       std::to_string(to.size()) + " receivers");
  if (sent != nullptr)
    *sent = count;
  return status;
}

template <class Actor, std::ranges::contiguous_range Messages>
Status System::sendAll(ActorRef<Actor> receiver, const Messages &messages,
                       std::size_t *sent) {
  std::size_t count = 0;
  const Status status = sendRow(std::span<const ActorRef<Actor>>(&receiver, 1),
                                0, detail::asRow(messages), count);
  if (sent != nullptr)
    *sent = count;
  return status;
}

template <class Actor, class Message>
Status System::sendRow(std::span<const ActorRef<Actor>> receivers,
                       std::size_t step, std::span<const Message> messages,
                       std::size_t &sent) {
  static_assert(sizeof(ActorRef<Actor>) == sizeof(std::uint64_t));
  detail::requireHandler<Actor, Message>();
  std::uint32_t index = 0;
  if (Status status = messageIndex<Message>(index); !status.isOk())
    return status;
  for (sent = 0; sent < messages.size();) {
    if constexpr (sizeof(Message) <= abi::InlineBytes) {
      const std::size_t rest = messages.size() - sent;
      const auto *to =
          reinterpret_cast<const std::uint64_t *>(&receivers[sent * step]);
      if constexpr (sizeof(Message) == abi::InlineBytes) {
        sent += sendPayloads(to, step, index, &messages[sent], rest);
      } else {
        detail::PayloadWords words[32];
        const std::size_t count = std::min(rest, std::size(words));
        for (std::size_t i = 0; i < count; ++i)
          words[i] = detail::payloadOf(messages[sent + i]);
        const std::size_t went = sendPayloads(to, step, index, words, count);
        sent += went;
        if (went == count)
          continue;
      }
      if (sent == messages.size())
        break;
    }
    // It does not fit into its packet, or cannot go at once.
    if (Status status =
            sendBytes(receivers[sent * step].bits(), index, &messages[sent],
                      sizeof(Message), UsualPatience);
        !status.isOk())
      return status;
    ++sent;
  }
  return {};
}

} // namespace rk
