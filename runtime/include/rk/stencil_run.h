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
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rk {

template <class S> class StencilLink;

/// A grid of cells that are updated together, step by step. S is a class marked
/// `[[rk::stencil]]`; its object gives the parameters.
///
/// Threads   any at any time, but for moving and destroying it. One is served
///           at a time, in the order of asking, between two steps; the steps of
///           a `run` are one service, those of `start` many.
/// Errors    every function that returns a `Status` or `Result`:
///           `InvalidArgument` for a size, cell or plan that does not fit,
///           `OutOfMemory`, `DeviceError`; `DeadlineExceeded` if others kept it
///           waiting for `StencilOptions::patience`. The grid is as it was, but
///           after `DeviceError`.
/// Lifetime  its destruction ends a run in the background after the batch that
///           is being made.
template <class S> class Stencil {
  template <class> friend class StencilLink;
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
                                const StencilOptions &options = {});

  /// Sets or reads all values of a field, x fastest, then y, then z. `level`
  /// says of how many steps ago. `step` gets how many steps had been made:
  /// all values read are of one.
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
             std::uint32_t level = 0, std::int64_t *step = nullptr) {
    return any_.get(placeOf(parameters_, field), level, values.data(),
                    values.size_bytes(), step);
  }

  /// Reads the cells of a field with this place along an axis (0 x, 1 y, 2 z).
  ///
  /// Cost      the cells of the slice travel, along x and y with eight bytes
  ///           more for each.
  template <class T, int L>
  Status slice(Field<T, L> S::*field, std::uint32_t axis, std::int64_t place,
               std::type_identity_t<std::span<T>> values,
               std::int64_t *step = nullptr) {
    return any_.slice(placeOf(parameters_, field), axis, place, values.data(),
                      values.size_bytes(), step);
  }

  /// Calls `look()` between two steps: all that this thread does with the
  /// stencil there is of one step, and other threads wait.
  template <class Look> Status atOneStep(Look &&look) {
    const detail::StencilTurn turn(any_);
    if (turn.status().isOk())
      std::forward<Look>(look)();
    return turn.status();
  }

  /// Sets cells before each of the next steps. With `Series::PerCell`, values
  /// has one for each cell, for the first step, then for the next, and so on;
  /// with `Series::Shared`, one for each step. The first is used in step number
  /// `firstStep`, 0: in the next one, which after `step()` steps is `step()` +
  /// 1. What is set or added first in a step is so in the order of the calls.
  ///
  /// Errors    also if a cell is listed twice, or `firstStep` has been made.
  /// Cost      on a GPU, a kernel for each step; no transfer for each step.
  template <class T, int L>
  Status drive(Field<T, L> S::*field, std::span<const GridPoint> cells,
               std::type_identity_t<std::span<const T>> values,
               Series series = Series::PerCell, std::int64_t firstStep = 0) {
    return feed(field, cells, values,
                {abi::StencilTransfer::Set, detail::scalarOf<T>(),
                 series == Series::Shared, firstStep});
  }
  template <class T, int L>
  Status drive(Field<T, L> S::*field, GridPoint cell,
               std::type_identity_t<std::span<const T>> values,
               std::int64_t firstStep = 0) {
    return drive(field, std::span(&cell, 1), values, Series::PerCell,
                 firstStep);
  }

  /// Adds to cells before each of the next steps: a source of any strength,
  /// which waves pass through. Values, errors and cost as for `drive`.
  template <class T, int L>
  Status inject(Field<T, L> S::*field, std::span<const GridPoint> cells,
                std::type_identity_t<std::span<const T>> values,
                Series series = Series::PerCell, std::int64_t firstStep = 0) {
    return feed(field, cells, values,
                {abi::StencilTransfer::Add, detail::scalarOf<T>(),
                 series == Series::Shared, firstStep});
  }
  template <class T, int L>
  Status inject(Field<T, L> S::*field, GridPoint cell,
                std::type_identity_t<std::span<const T>> values,
                std::int64_t firstStep = 0) {
    return inject(field, std::span(&cell, 1), values, Series::PerCell,
                  firstStep);
  }

  /// Records cells from now on, after each step whose number `every` divides.
  /// `series` reads the record: the values of the first step in the order of
  /// `cells`, then of the next. `takeSeries` empties it, too, so that a long
  /// run does not fill the memory.
  ///
  /// Cost      as for `drive`; between the steps that are recorded, steps are
  ///           made as without a probe.
  template <class T, int L>
  Result<std::size_t> probe(Field<T, L> S::*field,
                            std::span<const GridPoint> cells,
                            std::int64_t every = 1) {
    return any_.probe(placeOf(parameters_, field), cells, every);
  }
  template <class T, int L>
  Result<std::size_t> probe(Field<T, L> S::*field, GridPoint cell,
                            std::int64_t every = 1) {
    return probe(field, std::span(&cell, 1), every);
  }
  template <class T, int L>
  std::vector<T> series(Field<T, L> S::*, std::size_t probe) const {
    return detail::valuesOf<T>(any_.series(probe));
  }
  template <class T, int L>
  std::vector<T> takeSeries(Field<T, L> S::*, std::size_t probe) {
    return detail::valuesOf<T>(any_.takeRecord(probe));
  }

  /// Makes `steps` steps and waits for them; other threads wait, too.
  ///
  /// Errors    also while a run in the background is not paused.
  Status run(std::int64_t steps) { return any_.run(steps); }

  /// Makes `steps` steps in the background, in a thread of the stencil, and
  /// returns at once. Between batches of steps, the stencil can be used.
  ///
  /// Errors    also while a run that was started has not ended. What goes wrong
  ///           in the run ends it, and `StencilRun::wait` returns it.
  /// Cost      as for `run`, and a wait for the device after each batch.
  Result<StencilRun> start(std::int64_t steps) {
    return any_.start(steps, 0, nullptr);
  }
  /// The same until `done` returns true, which is asked in the stencil's thread
  /// every `every` steps of this run, but `most` steps at most. `done` may use
  /// the stencil it is given, but not `run` it, and must not throw.
  Result<StencilRun> startUntil(std::function<bool(Stencil &)> done,
                                std::int64_t every, std::int64_t most);

  /// Makes steps until `done` returns true, which is asked every `every` steps,
  /// but `most` at most. Returns whether it did.
  Result<bool> runUntil(const std::function<bool(Stencil &)> &done,
                        std::int64_t every, std::int64_t most);

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
  /// The plan that was taken, and the device: "NVIDIA H200", "cpu".
  [[nodiscard]] std::string_view plan() const { return any_.plan(); }
  [[nodiscard]] std::string_view device() const { return any_.device(); }
  /// Why it is run so: the plans there are for this grid and device, what is
  /// predicted of each, what is possible, and what was tried in vain. It can
  /// change with a run, if the device refuses a launch of the plan.
  ///
  /// Errors    `DeadlineExceeded` alone.
  Result<StencilChoice> choice() const { return any_.choice(); }
  [[nodiscard]] const S &parameters() const { return parameters_; }

private:
  Stencil(const S &parameters, detail::AnyStencil any)
      : parameters_(parameters), any_(std::move(any)) {}

  template <class T, int L>
  Status feed(Field<T, L> S::*field, std::span<const GridPoint> cells,
              std::span<const T> values, const detail::Feed &feed) {
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

#include "rk/detail/Stepping.h"
