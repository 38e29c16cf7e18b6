//===- AnyStencil.h - Stencils without their types --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `rk::Stencil` is made with and of.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stencil.h"
#include "rk/abi/StencilCells.h"
#include "rk/abi/StencilReduction.h"
#include "rk/detail/TypeKey.h"
#include "rk/float.h"
#include "rk/module.h"
#include "rk/options.h"
#include "rk/status.h"
#include "rk/stencil_choice.h"
#include "rk/stencil_handle.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace rk {

/// What lies beyond a face of the grid; see `abi::StencilBoundary`.
using Boundary = abi::StencilBoundary;

/// One face. `value` is what fields hold beyond a fixed or absorbing face;
/// coefficients continue there with the value at the face.
struct Face {
  Boundary boundary = Boundary::Fixed;
  double value = 0;
  /// The layer of an absorbing face: `width` cells. After each step, a cell
  /// that is d cells from the face is multiplied by
  /// exp(-(strength * (width - d) / width)^2).
  ///
  /// Source    see `abi/StencilDamping.h`
  std::int64_t width = 20;
  double strength = 0.3;
};

/// A cell, or the size of a grid. Axes that a stencil has not: 0, or 1.
struct GridPoint {
  std::int64_t x = 0, y = 0, z = 0;
};

/// Whether the cells of a source have a value each, or share one.
enum class Series : std::uint32_t { PerCell = 0, Shared = 1 };

struct StencilOptions {
  /// Where to run; as `SystemOptions::backend` and `device`. On a GPU with a
  /// `rk::System` of this process, a stencil has the multiprocessors that
  /// `SystemOptions::freeMultiprocessors` leaves; it is made before the system,
  /// or of a module whose code has been loaded before.
  BackendKind backend = BackendKind::Automatic;
  int device = -1;
  /// The faces: low x, high x, low y, high y, low z, high z. An axis is
  /// periodic at both faces or at none.
  std::array<Face, abi::StencilFaceCount> faces;
  /// The plan to run with: one of docs/stencils.md; empty: the one that the
  /// cost model takes for the fastest, or the next one if that cannot run.
  std::string plan;
  /// Threads of the CPU back end. 0: one for each hardware thread.
  std::uint32_t threads = 0;
  /// Look at all fields of floating-point numbers after every step, and fail
  /// if one holds a NaN or an infinity. `run` then returns at most 64 steps
  /// after that step.
  bool checksFinite = false;
  /// About how long the batches of steps last that a run in the background is
  /// made of (`Stencil::start`); who uses the stencil meanwhile waits for one
  /// of them. Each has a step at least. Longer ones cost less: on a GPU the
  /// host waits for the device after each.
  std::chrono::nanoseconds batch = std::chrono::milliseconds(5);
  /// How long a function waits for other threads that use the stencil, before
  /// it fails with `DeadlineExceeded`.
  std::chrono::nanoseconds patience = std::chrono::seconds(60);
  /// Which module has the stencil. Null: the registered ones.
  const Module *module = nullptr;
};

namespace runtime {
class StencilEngine;
class StencilRunner;
} // namespace runtime

namespace detail {

/// What numbers of type T are for whoever computes with them at run time.
template <class T> constexpr abi::StencilScalar scalarOf() {
  using abi::StencilScalar;
#if defined(__FLT16_MAX__) // there is a _Float16
  if constexpr (std::is_same_v<T, _Float16>)
    return StencilScalar::F16;
#endif
  if constexpr (std::is_same_v<T, bf16>)
    return StencilScalar::Bf16;
  if constexpr (std::is_same_v<T, float>)
    return StencilScalar::F32;
  if constexpr (std::is_same_v<T, double>)
    return StencilScalar::F64;
  if constexpr (std::is_integral_v<T>) {
    constexpr bool Signed = std::is_signed_v<T>;
    switch (sizeof(T)) {
    case 1:
      return Signed ? StencilScalar::I8 : StencilScalar::U8;
    case 2:
      return Signed ? StencilScalar::I16 : StencilScalar::U16;
    case 4:
      return Signed ? StencilScalar::I32 : StencilScalar::U32;
    case 8:
      return Signed ? StencilScalar::I64 : StencilScalar::U64;
    }
  }
  return StencilScalar::Bytes;
}

/// Returns the T that is nearest to a number, as a conversion makes it.
template <class T> T numberOf(double number) {
  if constexpr (std::is_arithmetic_v<T>)
    return static_cast<T>(number);
  else
    return T(static_cast<float>(number));
}

/// How a source feeds its cells.
struct Feed {
  abi::StencilTransfer transfer;
  abi::StencilScalar scalar;
  bool sharesValues;
  std::int64_t firstStep; ///< 0: the next
};

/// What a probe recorded: the values of a step after the other, and the steps.
struct Record {
  std::vector<std::byte> values;
  std::vector<std::int64_t> steps;
};

template <class T> std::vector<T> valuesOf(const Result<Record> &record) {
  if (!record.isOk())
    raise(record.status());
  std::vector<T> values(record->values.size() / sizeof(T));
  if (!values.empty())
    std::memcpy(values.data(), record->values.data(), record->values.size());
  return values;
}

/// Called between two steps, with the number of steps made.
using ExchangeCall = std::function<Status(std::int64_t step)>;

/// A stencil without its type; `share` makes others that mean the same one,
/// which ends with the first.
///
/// Threads   any, but for moving and destroying it.
class AnyStencil {
public:
  static Result<AnyStencil> create(const TypeKey &key, const void *parameters,
                                   GridPoint extent,
                                   const StencilOptions &options);
  AnyStencil(AnyStencil &&) noexcept;
  AnyStencil &operator=(AnyStencil &&) noexcept;
  ~AnyStencil();
  [[nodiscard]] AnyStencil share() const;
  /// The same later, when it may have ended.
  using Weak = std::weak_ptr<runtime::StencilRunner>;
  [[nodiscard]] Weak weak() const { return runner_; }
  static AnyStencil shareOf(std::shared_ptr<runtime::StencilRunner> runner);

  Status set(std::size_t member, std::uint32_t level, const void *values,
             std::size_t bytes);
  Status get(std::size_t member, std::uint32_t level, void *values,
             std::size_t bytes, std::int64_t *step);
  Status slice(std::size_t member, std::uint32_t axis, std::int64_t place,
               void *values, std::size_t bytes, std::int64_t *step);
  Status feed(std::size_t member, std::span<const GridPoint> cells,
              const Feed &feed, std::span<const std::byte> values);
  /// What `feed` would say of such a source, but for its values.
  Status checkFeed(std::size_t member, std::span<const GridPoint> cells,
                   const Feed &feed);
  Result<std::size_t> probe(std::size_t member,
                            std::span<const GridPoint> cells,
                            std::int64_t every);
  [[nodiscard]] Result<Record> series(std::size_t probe) const;
  Result<Record> takeRecord(std::size_t probe);
  Status endProbe(std::size_t probe);
  Result<double> reduce(std::size_t member, abi::StencilScalar scalar,
                        abi::StencilTerm term, abi::StencilCombine combine);
  Status reduce(std::uint64_t hash, void *value, std::size_t bytes);
  Status run(std::int64_t steps);
  Result<StencilRun> start(std::int64_t steps, std::int64_t every,
                           std::function<Result<bool>()> done);
  Result<std::uint64_t> addExchange(std::int64_t every, ExchangeCall exchange);
  Status dropExchange(std::uint64_t number);
  /// Between these, no other thread uses it and no step is made.
  Status enter();
  void leave();
  Status save(const std::string &path);
  Status load(const std::string &path);
  [[nodiscard]] std::int64_t step() const;
  [[nodiscard]] std::int64_t cells() const;
  [[nodiscard]] std::string_view plan() const;
  [[nodiscard]] std::string_view device() const;
  Result<StencilChoice> choice() const;

private:
  AnyStencil(std::shared_ptr<runtime::StencilRunner> runner, bool owns);
  void end();

  std::shared_ptr<runtime::StencilRunner> runner_;
  bool owns_ = false;
};

/// Keeps other threads and steps away for one scope, if `status` is `Ok`.
class StencilTurn {
public:
  explicit StencilTurn(AnyStencil &stencil)
      : stencil_(stencil), status_(stencil.enter()) {}
  ~StencilTurn() {
    if (status_.isOk())
      stencil_.leave();
  }
  StencilTurn(const StencilTurn &) = delete;
  StencilTurn &operator=(const StencilTurn &) = delete;
  [[nodiscard]] const Status &status() const { return status_; }

private:
  AnyStencil &stencil_;
  const Status status_;
};

} // namespace detail
} // namespace rk
