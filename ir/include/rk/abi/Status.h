//===- Status.h - Status codes as an enumeration ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The enumeration made from `Status.def`, and its texts.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::abi {

enum class StatusCode : uint32_t {
#define RK_STATUS(name, value, meaning, advice) name = value,
#include "rk/abi/Status.def"
};

inline constexpr uint32_t StatusCodeCount = 0
#define RK_STATUS(name, value, meaning, advice) +1
#include "rk/abi/Status.def"
    ;

/// Returns the enumerator's name, or "unknown" for a value not in the list.
constexpr const char *statusName(StatusCode code) {
  switch (code) {
#define RK_STATUS(name, value, meaning, advice)                                \
  case StatusCode::name:                                                       \
    return #name;
#include "rk/abi/Status.def"
  }
  return "unknown";
}

/// Returns one clause that says what happened.
constexpr const char *statusMeaning(StatusCode code) {
  switch (code) {
#define RK_STATUS(name, value, meaning, advice)                                \
  case StatusCode::name:                                                       \
    return meaning;
#include "rk/abi/Status.def"
  }
  return "unknown status code";
}

/// Returns one clause that says what the caller should do; empty for `Ok`.
constexpr const char *statusAdvice(StatusCode code) {
  switch (code) {
#define RK_STATUS(name, value, meaning, advice)                                \
  case StatusCode::name:                                                       \
    return advice;
#include "rk/abi/Status.def"
  }
  return "";
}

} // namespace rk::abi
