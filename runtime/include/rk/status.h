//===- status.h - Outcomes of runtime calls --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How the host runtime answers: `Status` says whether a call succeeded and,
/// if not, why and what to do; `Result<T>` is a value or such a reason.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Status.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace rk {

using StatusCode = abi::StatusCode;

/// `Ok`, or a code with the circumstances in words.
///
/// Threads   a value; as a `std::string`.
class Status {
public:
  Status() = default;
  /// `detail` is one clause, or several, that name what this case is about; it
  /// repeats neither the code's meaning nor its advice.
  explicit Status(StatusCode code, std::string detail = {})
      : code_(code),
        detail_(detail.empty()
                    ? nullptr
                    : std::make_unique<const std::string>(std::move(detail))) {}
  Status(const Status &other)
      : code_(other.code_),
        detail_(other.detail_
                    ? std::make_unique<const std::string>(*other.detail_)
                    : nullptr) {}
  Status(Status &&) noexcept = default;
  Status &operator=(const Status &other) { return *this = Status(other); }
  Status &operator=(Status &&) noexcept = default;
  ~Status() = default;

  [[nodiscard]] bool isOk() const { return code_ == StatusCode::Ok; }
  explicit operator bool() const { return isOk(); }
  [[nodiscard]] StatusCode code() const { return code_; }
  /// The circumstances alone; may be empty.
  [[nodiscard]] const std::string &detail() const {
    static const std::string none;
    return detail_ ? *detail_ : none;
  }

  /// Returns "ActorStopped: the actor has stopped: <detail> (do not retry;
  /// ...)".
  [[nodiscard]] std::string message() const {
    std::string text = abi::statusName(code_);
    text += std::string(": ") + abi::statusMeaning(code_);
    if (detail_)
      text += ": " + *detail_;
    if (const std::string advice = abi::statusAdvice(code_); !advice.empty())
      text += " (" + advice + ")";
    return text;
  }
  bool operator==(const Status &other) const {
    return code_ == other.code_ && detail() == other.detail();
  }

private:
  StatusCode code_ = StatusCode::Ok;
  /// Apart, so that `Ok`, which every send returns, costs nothing.
  std::unique_ptr<const std::string> detail_;
};

/// What the throwing conveniences throw.
class StatusError : public std::runtime_error {
public:
  explicit StatusError(Status status)
      : std::runtime_error(status.message()), status_(std::move(status)) {}
  [[nodiscard]] const Status &status() const noexcept { return status_; }

private:
  Status status_;
};

namespace detail {

/// Throws from the caller's own code; without exceptions, ends the program.
[[noreturn]] inline void raise(const Status &status) {
#if defined(__cpp_exceptions)
  throw StatusError(status);
#else
  std::fprintf(stderr, "rk: %s\n", status.message().c_str());
  std::abort();
#endif
}

} // namespace detail

/// A `T`, or the `Status` that says why there is none.
///
/// Threads   as `T`.
template <class T> class [[nodiscard]] Result {
public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  /// `status` is not `Ok`.
  Result(Status status) : content_(std::in_place_index<1>, std::move(status)) {}

  [[nodiscard]] bool isOk() const { return content_.index() == 0; }
  explicit operator bool() const { return isOk(); }

  /// The value. Only if there is one.
  T &operator*() & { return *std::get_if<0>(&content_); }
  const T &operator*() const & { return *std::get_if<0>(&content_); }
  T &&operator*() && { return std::move(*std::get_if<0>(&content_)); }
  T *operator->() { return std::get_if<0>(&content_); }
  const T *operator->() const { return std::get_if<0>(&content_); }

  /// The value; throws `StatusError` if there is none.
  T &value() & {
    requireValue();
    return **this;
  }
  const T &value() const & {
    requireValue();
    return **this;
  }
  T &&value() && {
    requireValue();
    return std::move(**this);
  }

  /// `Ok` if there is a value, else the reason.
  [[nodiscard]] Status status() const {
    return isOk() ? Status() : *std::get_if<1>(&content_);
  }
  [[nodiscard]] StatusCode code() const {
    return isOk() ? StatusCode::Ok : std::get_if<1>(&content_)->code();
  }

private:
  void requireValue() const {
    if (!isOk())
      detail::raise(*std::get_if<1>(&content_));
  }
  std::variant<T, Status> content_;
};

} // namespace rk
