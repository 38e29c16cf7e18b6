//===- stencil_run.h - Running stencils -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

///
/// \file
/// Runs the stencils that `rk/stencil.h` describes: `rk::Stencil<Wave>` is a
/// grid of cells on a GPU or on the CPU.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/detail/TypeKey.h"
#include "rk/module.h"
#include "rk/options.h"
#include "rk/status.h"
#include "rk/stencil.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace rk {

/// What lies beyond a face of the grid; see `abi::StencilBoundary`.
using Boundary = abi::StencilBoundary;

/// One face. `value` is what fields hold beyond a fixed face; coefficients
/// continue there with the value at the face.
struct Face {
  Boundary boundary = Boundary::Fixed;
  double value = 0;
};

/// A cell, or the size of a grid. Axes that a stencil has not: 0, or 1.
struct GridPoint {
  std::int64_t x = 0, y = 0, z = 0;
};

struct StencilOptions {
  /// Where to run; as `SystemOptions::backend` and `device`. A stencil on a GPU
  /// and a `rk::System` on a GPU exclude each other in a process, as the driver
  /// cannot load code while the system's kernel runs.
  BackendKind backend = BackendKind::Automatic;
  int device = -1;
  /// The faces: low x, high x, low y, high y, low z, high z. An axis is
  /// periodic at both faces or at none.
  std::array<Face, abi::StencilFaceCount> faces;
  /// The plan to run with; empty: the best that there is.
  std::string plan;
  /// Threads of the CPU back end. 0: one for each hardware thread.
  std::uint32_t threads = 0;
  /// Look at all fields after every step, and fail if one holds a NaN or an
  /// infinity. Slow: for finding errors.
  bool checksFinite = false;
  /// Which module has the stencil. Null: the registered ones.
  const Module *module = nullptr;
};

namespace runtime {
class StencilEngine;
} // namespace runtime

namespace detail {

/// A stencil without its type: what `rk::Stencil` is made of.
class AnyStencil {
public:
  static Result<AnyStencil> create(const TypeKey &key, const void *parameters,
                                   GridPoint extent,
                                   const StencilOptions &options);
  AnyStencil(AnyStencil &&) noexcept;
  AnyStencil &operator=(AnyStencil &&) noexcept;
  ~AnyStencil();

  Status set(std::size_t member, std::uint32_t level, const void *values,
             std::size_t bytes);
  Status get(std::size_t member, std::uint32_t level, void *values,
             std::size_t bytes);
  Status slice(std::size_t member, std::uint32_t axis, std::int64_t place,
               void *values, std::size_t bytes);
  Status drive(std::size_t member, GridPoint cell,
               std::vector<std::byte> values);
  Result<std::size_t> probe(std::size_t member, GridPoint cell);
  [[nodiscard]] std::span<const std::byte> series(std::size_t probe) const;
  Status run(std::int64_t steps);
  Status save(const std::string &path);
  Status load(const std::string &path);
  [[nodiscard]] std::int64_t step() const;
  [[nodiscard]] std::int64_t cells() const;
  [[nodiscard]] std::string_view plan() const;
  [[nodiscard]] std::string_view device() const;

private:
  explicit AnyStencil(std::unique_ptr<runtime::StencilEngine> engine);
  std::unique_ptr<runtime::StencilEngine> engine_;
};

} // namespace detail

/// A grid of cells that are updated together, step by step. S is a class marked
/// `[[rk::stencil]]`; its object gives the parameters.
///
/// Threads   one at a time may call its functions.
/// Errors    every function that returns a `Status` or `Result`:
///           `InvalidArgument` for a size, cell or plan that does not fit,
///           `OutOfMemory`, `DeviceError`. The grid is as it was, but after
///           `DeviceError`.
template <class S> class Stencil {
  template <class M> static std::size_t placeOf(const S &object, M S::*member) {
    return std::size_t(reinterpret_cast<const char *>(&(object.*member)) -
                       reinterpret_cast<const char *>(&object));
  }

public:
  /// Makes a grid of `extent` cells whose fields are 0.
  ///
  /// Errors    `NotFound`: no module has S. `NoDevice`, `NoImage`: as for
  ///           `rk::System`. `InvalidArgument`: also if S has a member function
  ///           `double courant() const` that returns more than 1.
  static Result<Stencil> create(const S &parameters, GridPoint extent,
                                const StencilOptions &options = {}) {
    if constexpr (requires { double(parameters.courant()); })
      if (const double number = parameters.courant(); !(number <= 1))
        return Status(StatusCode::InvalidArgument,
                      "the time step is unstable: courant() is " +
                          std::to_string(number) +
                          ", and must be at most 1; take a shorter step");
    auto any = detail::AnyStencil::create(detail::typeKey<S>(), &parameters,
                                          extent, options);
    if (!any.isOk())
      return any.status();
    return Stencil(parameters, std::move(*any));
  }

  /// Sets or reads all values of a field, x fastest, then y, then z. `level`
  /// says of how many steps ago.
  template <class T, int L>
  Status set(Field<T, L> S::*field,
             std::type_identity_t<std::span<const T>> values,
             std::uint32_t level = 0) {
    return any_.set(placeOf(parameters_, field), level, values.data(),
                    values.size_bytes());
  }
  template <class T>
  Status set(Coefficients<T> S::*coefficients,
             std::type_identity_t<std::span<const T>> values) {
    return any_.set(placeOf(parameters_, coefficients), 0, values.data(),
                    values.size_bytes());
  }
  template <class T, int L>
  Status get(Field<T, L> S::*field, std::type_identity_t<std::span<T>> values,
             std::uint32_t level = 0) {
    return any_.get(placeOf(parameters_, field), level, values.data(),
                    values.size_bytes());
  }

  /// Reads the cells of a field with this place along an axis (0 x, 1 y, 2 z).
  template <class T, int L>
  Status slice(Field<T, L> S::*field, std::uint32_t axis, std::int64_t place,
               std::type_identity_t<std::span<T>> values) {
    return any_.slice(placeOf(parameters_, field), axis, place, values.data(),
                      values.size_bytes());
  }

  /// Sets a cell before each of the next steps: to values[0], values[1], ...
  template <class T, int L>
  Status drive(Field<T, L> S::*field, GridPoint cell,
               std::type_identity_t<std::span<const T>> values) {
    const auto bytes = std::as_bytes(values);
    return any_.drive(placeOf(parameters_, field), cell,
                      {bytes.begin(), bytes.end()});
  }

  /// Records a cell after each step from now on; `series` reads the record.
  template <class T, int L>
  Result<std::size_t> probe(Field<T, L> S::*field, GridPoint cell) {
    return any_.probe(placeOf(parameters_, field), cell);
  }
  template <class T, int L>
  std::vector<T> series(Field<T, L> S::*, std::size_t probe) const {
    const auto bytes = any_.series(probe);
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty())
      std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  /// Makes `steps` steps and waits for them.
  Status run(std::int64_t steps) { return any_.run(steps); }

  /// Makes steps until `done` returns true, which is asked every `every` steps,
  /// but `most` at most. Returns whether it did.
  Result<bool> runUntil(const std::function<bool(Stencil &)> &done,
                        std::int64_t every, std::int64_t most) {
    if (every < 1)
      return Status(StatusCode::InvalidArgument,
                    "runUntil asks every " + std::to_string(every) +
                        " steps; at least 1 is needed");
    for (std::int64_t made = 0; made < most; made += every) {
      if (Status status = run(std::min(every, most - made)); !status.isOk())
        return status;
      if (done(*this))
        return true;
    }
    return false;
  }

  /// The sum of all values, of their squares, and the largest; added one after
  /// the other in the order of cells, in double.
  ///
  /// Cost      the field is copied to the host.
  template <class T, int L> Result<double> sum(Field<T, L> S::*field) {
    return fold(field, 0.0, [](double all, double one) { return all + one; });
  }
  template <class T, int L> Result<double> sumOfSquares(Field<T, L> S::*field) {
    return fold(field, 0.0,
                [](double all, double one) { return all + one * one; });
  }
  template <class T, int L> Result<double> maximum(Field<T, L> S::*field) {
    return fold(field, -std::numeric_limits<double>::infinity(),
                [](double all, double one) { return one > all ? one : all; });
  }

  /// Writes all arrays and the number of steps to a file, and reads them back.
  ///
  /// Errors    `IoError`, `CorruptModule`: the file is damaged.
  ///           `InvalidArgument`: it is of another stencil or size; the grid is
  ///           as it was.
  Status save(const std::string &path) { return any_.save(path); }
  Status load(const std::string &path) { return any_.load(path); }

  /// How many steps have been made.
  [[nodiscard]] std::int64_t step() const { return any_.step(); }
  [[nodiscard]] std::int64_t cells() const { return any_.cells(); }
  /// The plan in use, and the device: "NVIDIA H200", "cpu".
  [[nodiscard]] std::string_view plan() const { return any_.plan(); }
  [[nodiscard]] std::string_view device() const { return any_.device(); }
  [[nodiscard]] const S &parameters() const { return parameters_; }

private:
  Stencil(const S &parameters, detail::AnyStencil any)
      : parameters_(parameters), any_(std::move(any)) {}

  template <class T, int L, class Combine>
  Result<double> fold(Field<T, L> S::*field, double start, Combine combine) {
    std::vector<T> values(static_cast<std::size_t>(cells()));
    if (Status status = get(field, values); !status.isOk())
      return status;
    for (const T &value : values)
      start = combine(start, double(value));
    return start;
  }

  S parameters_;
  detail::AnyStencil any_;
};

} // namespace rk
