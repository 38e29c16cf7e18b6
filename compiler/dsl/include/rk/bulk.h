//===- bulk.h - Payloads that travel by reference --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Kilobytes to gigabytes that go from actor to actor without being copied. A
/// message that is derived from `rk::Bulk<T>` carries them:
///
///   struct Frame : rk::Bulk<float> {
///     std::uint32_t number;
///   };
///   [[rk::handler]] void on(const Frame &frame, rk::Context &context);
///
/// The receiver reads them where they are. They are freed when its handler
/// returns, unless it takes them over (`Context::take`), to change them, to
/// send them on or to keep them; and when the message becomes a dead letter.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Bulk.h"
#include "rk/abi/Status.h"
#include "rk/detail/HostStubs.h"
#include "rk/detail/Markers.h"

#include <cstdint>
#include <type_traits>
#include <utility>

namespace rk {

class Context;
template <class T> class BulkBuffer;

/// The name of a payload of `size()` elements: 16 bytes, trivially copyable. As
/// the base of a message it hands the payload over. As a member, of state or of
/// a message, it is only a name: who keeps one has taken the payload over, and
/// turns it into a `BulkBuffer` again to use it, send it on or free it.
///
/// Threads   a value. The elements may be read by whoever holds the payload.
template <class T> class Bulk {
  static_assert(std::is_trivially_copyable_v<T>,
                "a payload's elements move as bytes");

public:
  constexpr Bulk() = default;
  /// Takes over what the buffer holds.
  Bulk(BulkBuffer<T> &&buffer);

  constexpr std::uint32_t size() const { return reference_.count; }
  /// Whether it names a payload that has not been taken over.
  constexpr explicit operator bool() const {
    return reference_.handle != 0 && reference_.taken == 0;
  }
  /// The elements. In handlers alone: see `System::fetch`.
  const T *data() const { return RK_DEVICE_ONLY(address()); }
  const T &operator[](std::uint32_t index) const { return data()[index]; }
  const T *begin() const { return data(); }
  const T *end() const { return data() + size(); }

  /// The name itself. For transport only.
  constexpr const abi::BulkReference &reference() const { return reference_; }
  static constexpr Bulk fromReference(const abi::BulkReference &reference) {
    Bulk bulk;
    bulk.reference_ = reference;
    return bulk;
  }

private:
  friend BulkBuffer<T>;
  const T *address() const {
    return reinterpret_cast<const T *>(abi::bulkAddress(reference_.handle));
  }
  abi::BulkReference reference_{};
};

namespace detail {

template <class T> void acceptBulk(const Bulk<T> &);
/// Satisfied by messages that hand a payload over.
template <class M>
concept CarriesBulk = requires(const M &message) { acceptBulk(message); };

} // namespace detail

/// A payload that a handler holds, and frees at the end of its scope unless it
/// has been moved: into a message, into state, into another buffer.
///
/// In a handler of several lanes all of them may have the buffer (`take`, and
/// `makeTogether`); the lane of rank 0 holds the payload, and it alone sends it
/// on or keeps it.
template <class T> class BulkBuffer {
public:
  BulkBuffer() = default;
  BulkBuffer(BulkBuffer &&other) noexcept
      : context_(other.context_), reference_(other.reference_),
        holds_(std::exchange(other.holds_, false)) {}
  BulkBuffer &operator=(BulkBuffer &&other) noexcept {
    if (this != &other) {
      free();
      context_ = other.context_;
      reference_ = other.reference_;
      holds_ = std::exchange(other.holds_, false);
    }
    return *this;
  }
  ~BulkBuffer() { free(); }

  std::uint32_t size() const { return reference_.count; }
  explicit operator bool() const { return reference_.handle != 0; }
  /// The elements; not initialised in a new buffer. They may be written while
  /// nobody else holds the payload (`isAlone`).
  T *data() {
    return reinterpret_cast<T *>(abi::bulkAddress(reference_.handle));
  }
  const T *data() const {
    return reinterpret_cast<const T *>(abi::bulkAddress(reference_.handle));
  }
  T &operator[](std::uint32_t index) { return data()[index]; }
  const T &operator[](std::uint32_t index) const { return data()[index]; }
  T *begin() { return data(); }
  T *end() { return data() + size(); }

  /// Returns whether nobody else holds the payload. Nobody can then come to
  /// hold it but through this buffer.
  bool isAlone() const { return call<abi::BulkCall::IsAlone>() != 0; }
  /// Returns another buffer of the same payload, to send it to several: it is
  /// freed once by each, and must not be changed meanwhile. Empty if this one
  /// does not hold it.
  BulkBuffer share() const {
    BulkBuffer other;
    if (holds_ && call<abi::BulkCall::Share>() != 0)
      other = BulkBuffer(*context_, reference_, true);
    return other;
  }

  static BulkBuffer make(Context &context, std::uint32_t count,
                         abi::StatusCode *status);
  /// The same by all lanes of a handler call together: all have the buffer.
  static BulkBuffer makeTogether(Context &context, std::uint32_t count,
                                 abi::StatusCode *status = nullptr);
  static BulkBuffer take(Context &context, const Bulk<T> &bulk);

private:
  friend Bulk<T>;
  BulkBuffer(Context &context, const abi::BulkReference &reference, bool holds)
      : context_(&context), reference_(reference), holds_(holds) {}

  template <abi::BulkCall What> std::uint64_t call() const {
    return RK_DEVICE_ONLY(
        __rk_bulk(context_, std::uint32_t(What), reference_.handle, 0));
  }
  void free() {
    if (holds_ && reference_.handle != 0)
      call<abi::BulkCall::Release>();
    holds_ = false;
  }

  Context *context_ = nullptr;
  abi::BulkReference reference_{};
  bool holds_ = false;
};

template <class T>
Bulk<T>::Bulk(BulkBuffer<T> &&buffer) : reference_(buffer.reference_) {
  buffer.holds_ = false;
}

/// Copies `count` elements, from or to a payload or both, by all lanes of a
/// handler call together. Each lane loads eight pieces of 16 bytes before it
/// stores the first, so a warp has 4 KiB under way at a time; a loop of single
/// elements has as much as the compiler may move past stores, one piece.
///
/// In a handler of a block and more, on targets from sm_90 on, the hardware
/// copies what is 512 KiB or more for each block (`cp.async.bulk`): through
/// 128 KiB of the shared memory that the block has beside its actor's state, or
/// what is left of that. The lanes' registers copy the rest, and all of it
/// where an address is no multiple of 16, on other targets and on the CPU back
/// end. `rkc --remarks` says which it is.
///
///   auto next = rk::BulkBuffer<float>::makeTogether(context, frame.size());
///   rk::copyTogether(next.data(), frame.data(), frame.size());
///
/// Threads   all lanes of the handler call; the ranges do not overlap.
/// Ordering  what a lane has copied the others see behind `Group::sync`, and
///           the receiver of a message that hands the payload over sees all of
///           it, if a `Group::sync` stands before the send.
/// Cost      single elements where an address is no multiple of 16; payloads
///           begin at multiples of 4096.
/// Source    PTX ISA 9.0, 9.7.9.8 (ld.v4), 9.7.9.11 (st.v4), 9.7.9.25
///           (cp.async.bulk); measured in docs/rationale/bulk-payloads.md.
template <class T> void copyTogether(T *to, const T *from, std::uint64_t count);

} // namespace rk

#include "rk/detail/BulkMessages.h"
