//===- BulkMessages.h - Handing a payload over -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What happens to a payload where a message with one is sent and handled. The
/// last part of `rk/bulk.h`, which includes it. All of it is empty for other
/// messages.
///
/// Ordering  the sender's release fence stands between what it wrote to the
///           payload and the packet, the receiver's acquire fence between the
///           packet and what it reads.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/bulk.h"

namespace rk {

namespace detail {

/// `rk::Order` and `rk::Scope`, as markers have them.
inline constexpr std::uint32_t AcquireOrder = 1, ReleaseOrder = 2;
inline constexpr std::uint32_t DeviceScope = 2;

#if defined(__RKC__)
inline std::uint32_t groupRank() { return __rk_group_rank(); }
inline std::uint32_t groupSize() { return __rk_group_size(); }
#else
inline std::uint32_t groupRank() { return NotOnHost{}; }
inline std::uint32_t groupSize() { return NotOnHost{}; }
#endif

/// Sixteen bytes of whatever type.
using CopyPiece [[gnu::vector_size(16), gnu::may_alias]] = std::uint32_t;
inline constexpr std::uint32_t CopyDepth = 8; ///< pieces of a lane under way

/// Copies `count` pieces in the way that only a large group has, or none;
/// returns how many.
inline std::uint64_t copyByHardware([[maybe_unused]] CopyPiece *to,
                                    [[maybe_unused]] const CopyPiece *from,
                                    [[maybe_unused]] std::uint64_t count) {
#if defined(__RKC__)
  return __rk_group_copy(to, from, count * sizeof(CopyPiece)) /
         sizeof(CopyPiece);
#else
  return 0;
#endif
}

/// Copies this lane's of `count` pieces.
inline void copyPieces(CopyPiece *to, const CopyPiece *from,
                       std::uint64_t count) {
  const std::uint64_t step = groupSize();
  std::uint64_t at = copyByHardware(to, from, count) + groupRank();
  for (; at + (CopyDepth - 1) * step < count; at += CopyDepth * step) {
    CopyPiece piece[CopyDepth];
    for (std::uint32_t i = 0; i < CopyDepth; ++i)
      piece[i] = from[at + i * step];
    for (std::uint32_t i = 0; i < CopyDepth; ++i)
      to[at + i * step] = piece[i];
  }
  for (; at < count; at += step)
    to[at] = from[at];
}

/// Around the call that sends `message`.
template <class Message> struct BulkSend {
  BulkSend(Context &, const Message &) {}
  constexpr abi::StatusCode end(abi::StatusCode status) { return status; }
};
template <CarriesBulk Message> struct BulkSend<Message> {
  BulkSend([[maybe_unused]] Context &context,
           [[maybe_unused]] const Message &message) {
#if defined(__RKC__)
    context_ = &context;
    handle_ = message.reference().handle;
    __rk_fence(ReleaseOrder, DeviceScope);
#endif
  }
  /// The runtime frees the payload of what has become a packet; what has not
  /// is freed here. The message goes at once, as its status is used.
  abi::StatusCode end(abi::StatusCode status) {
#if defined(__RKC__)
    if (status != abi::StatusCode::Ok &&
        status != abi::StatusCode::MailboxFull && handle_ != 0)
      __rk_bulk(context_, std::uint32_t(abi::BulkCall::Release), handle_, 0);
#endif
    return status;
  }

#if defined(__RKC__)
private:
  Context *context_;
  std::uint64_t handle_;
#endif
};

#if defined(__RKC__)

/// Around the call of a handler.
template <class Message> struct BulkReceipt {
  BulkReceipt(Context &, const Message &) {}
};
template <CarriesBulk Message> struct BulkReceipt<Message> {
  BulkReceipt(Context &context, const Message &message)
      : context_(context), message_(message) {
    __rk_fence(AcquireOrder, DeviceScope);
  }
  /// Behind all lanes' last look at the payload.
  ~BulkReceipt() {
    __rk_group_sync();
    const abi::BulkReference &reference = message_.reference();
    if (__rk_group_rank() == 0 && reference.handle != 0 && reference.taken == 0)
      __rk_bulk(&context_, std::uint32_t(abi::BulkCall::Release),
                reference.handle, 0);
  }

private:
  Context &context_;
  const Message &message_;
};

/// Behind the handler, where its reply lies.
template <class Reply> struct BulkAnswer {
  static void check(Context &, const Reply &) {}
};
template <CarriesBulk Reply> struct BulkAnswer<Reply> {
  /// Frees the payload of a reply that nobody has asked for.
  static void check(Context &context, const Reply &reply) {
    __rk_fence(ReleaseOrder, DeviceScope);
    const bool isAsked = __rk_group_reduce(__rk_sender(&context) != 0, 4) != 0;
    if (!isAsked && __rk_group_rank() == 0 && reply.reference().handle != 0)
      __rk_bulk(&context, std::uint32_t(abi::BulkCall::Release),
                reply.reference().handle, 0);
  }
};

#endif // __RKC__

} // namespace detail

template <class T>
BulkBuffer<T> BulkBuffer<T>::make([[maybe_unused]] Context &context,
                                  std::uint32_t count,
                                  abi::StatusCode *status) {
  const std::uint64_t handle =
      RK_DEVICE_ONLY(__rk_bulk(&context, std::uint32_t(abi::BulkCall::Make), 0,
                               std::uint64_t(count) * sizeof(T)));
  if (status)
    *status = handle != 0 || count == 0 ? abi::StatusCode::Ok
                                        : abi::StatusCode::BulkPoolExhausted;
  return BulkBuffer(context, {handle, handle != 0 ? count : 0, 0}, true);
}

template <class T>
BulkBuffer<T> BulkBuffer<T>::makeTogether(Context &context, std::uint32_t count,
                                          abi::StatusCode *status) {
  abi::BulkReference reference{};
  if (detail::groupRank() == 0)
    reference = Bulk<T>(make(context, count, nullptr)).reference();
#if defined(__RKC__)
  // All lanes but the first have zeros.
  const std::uint32_t low =
      __rk_group_reduce(std::uint32_t(reference.handle), 4);
  const std::uint32_t high =
      __rk_group_reduce(std::uint32_t(reference.handle >> 32), 4);
  reference.handle = low | std::uint64_t(high) << 32;
#endif
  reference.count = reference.handle != 0 ? count : 0;
  if (status)
    *status = reference.handle != 0 || count == 0
                  ? abi::StatusCode::Ok
                  : abi::StatusCode::BulkPoolExhausted;
  return BulkBuffer(context, reference, detail::groupRank() == 0);
}

template <class T>
void copyTogether(T *to, const T *from, std::uint64_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  const auto bits = reinterpret_cast<std::uintptr_t>(to) |
                    reinterpret_cast<std::uintptr_t>(from);
  const std::uint64_t bytes = count * sizeof(T);
  std::uint64_t done = 0;
  if (bits % sizeof(detail::CopyPiece) == 0) {
    done = bytes / sizeof(detail::CopyPiece);
    detail::copyPieces(reinterpret_cast<detail::CopyPiece *>(to),
                       reinterpret_cast<const detail::CopyPiece *>(from), done);
    done *= sizeof(detail::CopyPiece);
  }
  // A whole element at a time, from the one that the last piece ends in.
  for (std::uint64_t i = done / sizeof(T) + detail::groupRank(); i < count;
       i += detail::groupSize())
    to[i] = from[i];
}

/// The first lane notes in the message, which is this handler call's own, that
/// its end is not to free the payload.
template <class T>
BulkBuffer<T> BulkBuffer<T>::take(Context &context, const Bulk<T> &bulk) {
  abi::BulkReference reference = bulk.reference();
  const bool isFirst = detail::groupRank() == 0;
  if (isFirst && reference.taken != 0)
    return {};
  if (isFirst)
    const_cast<Bulk<T> &>(bulk).reference_.taken = 1;
  reference.taken = 0;
  return BulkBuffer(context, reference, isFirst);
}

} // namespace rk
