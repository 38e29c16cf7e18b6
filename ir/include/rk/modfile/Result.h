//===- Result.h - A value, or what is wrong with a file --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How reader and writer answer: with the value, or with an error that names
/// the status, the place in the file and the reason. No exceptions.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Status.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace rk::modfile {

/// Why a module was refused.
struct Error {
  /// The offset of an error that no byte of a file stands for.
  static constexpr std::uint64_t NoOffset = ~std::uint64_t(0);

  abi::StatusCode code = abi::StatusCode::Internal;
  /// Units     bytes from the start of the module, or `NoOffset`.
  std::uint64_t offset = NoOffset;
  /// One clause without a full stop.
  std::string message;

  /// Returns "offset 0x58: the string table ends behind the end of the file",
  /// or the message alone when there is no offset.
  std::string text() const;
};

/// A `T`, or the `Error` that says why there is none.
///
/// Threads   as `T`.
template <class T> class [[nodiscard]] Result {
public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return content_.index() == 0; }

  /// The value. Only if there is one.
  T &operator*() & { return *std::get_if<0>(&content_); }
  const T &operator*() const & { return *std::get_if<0>(&content_); }
  T &&operator*() && { return std::move(*std::get_if<0>(&content_)); }
  T *operator->() { return std::get_if<0>(&content_); }
  const T *operator->() const { return std::get_if<0>(&content_); }

  /// The error. Only if there is no value.
  const Error &error() const { return *std::get_if<1>(&content_); }

private:
  std::variant<T, Error> content_;
};

} // namespace rk::modfile
