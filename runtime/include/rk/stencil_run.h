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

#include "rk/detail/AnyStencil.h"
#include "rk/stencil.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rk {

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

  /// Sets cells before each of the next steps. With `Series::PerCell`, values
  /// has one for each cell, for the first step, then for the next, and so on;
  /// with `Series::Shared`, one for each step.
  ///
  /// Errors    also if a cell is listed twice.
  /// Cost      on a GPU, a kernel for each step; no transfer for each step.
  template <class T, int L>
  Status drive(Field<T, L> S::*field, std::span<const GridPoint> cells,
               std::type_identity_t<std::span<const T>> values,
               Series series = Series::PerCell) {
    return feed(field, cells, values, abi::StencilTransfer::Set, series);
  }
  template <class T, int L>
  Status drive(Field<T, L> S::*field, GridPoint cell,
               std::type_identity_t<std::span<const T>> values) {
    return drive(field, std::span(&cell, 1), values);
  }

  /// Adds to cells before each of the next steps: a source of any strength,
  /// which waves pass through. Values, errors and cost as for `drive`.
  template <class T, int L>
  Status inject(Field<T, L> S::*field, std::span<const GridPoint> cells,
                std::type_identity_t<std::span<const T>> values,
                Series series = Series::PerCell) {
    return feed(field, cells, values, abi::StencilTransfer::Add, series);
  }
  template <class T, int L>
  Status inject(Field<T, L> S::*field, GridPoint cell,
                std::type_identity_t<std::span<const T>> values) {
    return inject(field, std::span(&cell, 1), values);
  }

  /// Records cells after each step from now on. `series` reads the record: the
  /// values of the first step in the order of `cells`, then of the next.
  ///
  /// Cost      as for `drive`.
  template <class T, int L>
  Result<std::size_t> probe(Field<T, L> S::*field,
                            std::span<const GridPoint> cells) {
    return any_.probe(placeOf(parameters_, field), cells);
  }
  template <class T, int L>
  Result<std::size_t> probe(Field<T, L> S::*field, GridPoint cell) {
    return probe(field, std::span(&cell, 1));
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

  /// The sum of all values, the sum of their squares, the largest, the
  /// smallest, and the most that a value changed in the last step (for fields
  /// with at least two levels). They are computed where the field is, in double
  /// and in the order that `abi/StencilReduction.h` says, which is the same for
  /// all back ends. The last three pass over NaN.
  ///
  /// Cost      one pass over the field; one number travels.
  template <class T, int L> Result<double> sum(Field<T, L> S::*field) {
    return reduce(field, abi::StencilTerm::Value, abi::StencilCombine::Sum);
  }
  template <class T, int L> Result<double> sumOfSquares(Field<T, L> S::*field) {
    return reduce(field, abi::StencilTerm::Square, abi::StencilCombine::Sum);
  }
  template <class T, int L> Result<double> maximum(Field<T, L> S::*field) {
    return reduce(field, abi::StencilTerm::Value, abi::StencilCombine::Maximum);
  }
  template <class T, int L> Result<double> minimum(Field<T, L> S::*field) {
    return reduce(field, abi::StencilTerm::Value, abi::StencilCombine::Minimum);
  }
  template <class T, int L> Result<double> change(Field<T, L> S::*field) {
    return reduce(field, abi::StencilTerm::Change,
                  abi::StencilCombine::Maximum);
  }

  /// Reduces all cells by a method of S that is marked `[[rk::reduce]]`:
  /// `wave.reduce<&Wave::energy>()`. It is computed where the fields are, in
  /// the order of `sum`, which is the same for all back ends.
  ///
  /// Errors    `NotFound`: the method is not marked.
  /// Cost      one pass over what the method reads; one value travels.
  template <auto Method>
  Result<typename detail::ReductionOf<Method>::Value> reduce() {
    static_assert(
        std::is_same_v<typename detail::ReductionOf<Method>::Stencil, S>,
        "the method is of another stencil");
    using Tag = detail::ReductionTag<Method>;
    typename detail::ReductionOf<Method>::Value value;
    const Status status =
        any_.reduce(detail::typeKey<Tag>().hash, &value, sizeof(value));
    if (!status.isOk())
      return status;
    return value;
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

  template <class T, int L>
  Status feed(Field<T, L> S::*field, std::span<const GridPoint> cells,
              std::span<const T> values, abi::StencilTransfer transfer,
              Series series) {
    const detail::Feed feed = {transfer, detail::scalarOf<T>(),
                               series == Series::Shared};
    return any_.feed(placeOf(parameters_, field), cells, feed,
                     std::as_bytes(values));
  }
  template <class T, int L>
  Result<double> reduce(Field<T, L> S::*field, abi::StencilTerm term,
                        abi::StencilCombine combine) {
    constexpr abi::StencilScalar Scalar = detail::scalarOf<T>();
    static_assert(Scalar != abi::StencilScalar::Bytes,
                  "the values of this field are no numbers: reduce a field of "
                  "numbers");
    return any_.reduce(placeOf(parameters_, field), Scalar, term, combine);
  }

  S parameters_;
  detail::AnyStencil any_;
};

} // namespace rk
