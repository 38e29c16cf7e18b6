//===- StencilEngine.h - The steps of a stencil -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "LoadedModule.h"
#include "stencil/PlanChoice.h"
#include "stencil/StencilBackend.h"
#include "stencil/StencilBatch.h"
#include "stencil/StencilSeries.h"

#include "rk/stencil_run.h"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace rk::runtime {

/// The name of a member, without the number of a word.
[[nodiscard]] std::string memberName(const modfile::StencilArrayView &array);

/// One grid: lays its arrays out, makes its steps, and moves values in and out.
///
/// Threads   one at a time.
class StencilEngine {
public:
  static Result<std::unique_ptr<StencilEngine>>
  create(const detail::TypeKey &key, const void *parameters, GridPoint extent,
         const StencilOptions &options);
  /// Makes one of a module's stencils on a back end; null: as the options say.
  static Result<std::unique_ptr<StencilEngine>>
  createOn(std::unique_ptr<StencilBackend> backend,
           std::shared_ptr<const LoadedModule> module,
           const modfile::StencilView &stencil, const void *parameters,
           GridPoint extent, const StencilOptions &options);

  Status set(std::size_t member, std::uint32_t level,
             std::span<const std::byte> values);
  Status get(std::size_t member, std::uint32_t level,
             std::span<std::byte> values);
  Status slice(std::size_t member, std::uint32_t axis, std::int64_t place,
               std::span<std::byte> values);
  Status feed(std::size_t member, std::span<const GridPoint> cells,
              const detail::Feed &feed, std::span<const std::byte> values);
  /// Records after each step whose number `every` divides.
  Result<std::size_t> probe(std::size_t member,
                            std::span<const GridPoint> cells,
                            std::int64_t every);
  [[nodiscard]] std::span<const std::byte> series(std::size_t probe) const {
    return probe < probes_.size() ? std::span(probes_[probe].values)
                                  : std::span<const std::byte>();
  }
  /// Empties the record of a probe, and returns what was in it.
  detail::Record takeRecord(std::size_t probe);
  /// Ends a probe. Its number is not given again.
  void endProbe(std::size_t probe);
  Result<double> reduce(std::size_t member, abi::StencilScalar scalar,
                        abi::StencilTerm term, abi::StencilCombine combine);
  /// Reduces by the method whose `ReductionTag` has this hash.
  Status reduce(std::uint64_t hash, std::span<std::byte> value);
  /// Makes steps, and no more once the time is `until`: exchanges may take
  /// longer than anyone can foresee. Returns how many in `steps`. With
  /// `continues`, they go on with what the call before did: the exchanges at
  /// the step where it ended have been.
  Status run(std::int64_t &steps, bool continues = false,
             std::chrono::steady_clock::time_point until =
                 std::chrono::steady_clock::time_point::max());
  /// Has `exchange` called between two steps whenever `every` divides the
  /// number of steps made, and once where `run` begins at such a step. It may
  /// call all functions here but `run`, `addExchange` and `dropExchange`; its
  /// failure ends the run. Returns what `dropExchange` takes.
  Result<std::uint64_t> addExchange(std::int64_t every,
                                    detail::ExchangeCall exchange);
  void dropExchange(std::uint64_t number);
  /// Returns about `wanted` steps, `most` at most, that suit the plan: a number
  /// of its launches, one at least, or of those that are started together.
  [[nodiscard]] std::int64_t suitedSteps(std::int64_t wanted,
                                         std::int64_t most) const;
  /// Everything that a checkpoint holds, as it is now.
  Result<std::vector<std::byte>> snapshot();
  static Status write(const std::string &path,
                      std::span<const std::byte> snapshot);
  Status load(const std::string &path);

  [[nodiscard]] std::int64_t step() const { return launch_.firstStep; }
  [[nodiscard]] std::int64_t cells() const {
    return launch_.extent[0] * launch_.extent[1] * launch_.extent[2];
  }
  [[nodiscard]] std::string_view plan() const { return plan_->name; }
  [[nodiscard]] const StencilChoice &choice() const { return choice_; }
  [[nodiscard]] const std::string &device() const { return device_; }

private:
  using Buffer = StencilBuffer;
  using Series = StencilSeries;

  struct Exchange {
    std::uint64_t number;
    std::int64_t every;
    detail::ExchangeCall call;
  };

  /// The memory of one array: its levels, and what is free for new values.
  struct Memory {
    std::vector<std::uint64_t> levels, spare;
    bool operator==(const Memory &) const = default;
  };

  StencilEngine(std::shared_ptr<const LoadedModule> module,
                const modfile::StencilView &stencil)
      : module_(std::move(module)), stencil_(stencil) {}

  Status checkOptions(GridPoint extent, const StencilOptions &options);
  Result<PlanOrder> orderOf(const std::string &asked);
  Status tryPlan(const PlanCandidate &candidate, const PlanCandidate &single);
  Status open(std::unique_ptr<StencilBackend> backend,
              const StencilOptions &options);
  Status openBest(const StencilOptions &options);
  [[nodiscard]] Status remark() const;
  void setExtent(GridPoint extent);
  void layOut();
  Status loadPlans();
  Status allocate();
  Result<const modfile::StencilArrayView *> findArray(std::size_t member) const;
  /// Finds an array that `bytes` can be copied to or from.
  Result<const modfile::StencilArrayView *>
  findTransfer(std::size_t member, std::uint32_t level,
               std::size_t bytes) const;
  Result<std::int64_t> elementOf(GridPoint cell) const;
  Memory &memoryOf(const modfile::StencilArrayView &array) {
    return memory_[std::size_t(&array - stencil_.arrays.data())];
  }
  [[nodiscard]] const Memory &
  memoryOf(const modfile::StencilArrayView &array) const {
    return memory_[std::size_t(&array - stencil_.arrays.data())];
  }
  Status sliceArray(const modfile::StencilArrayView &array, std::uint32_t axis,
                    std::int64_t place, std::span<std::byte> values);
  Status gatherSlice(const modfile::StencilArrayView &array, std::uint32_t axis,
                     std::int64_t place, std::span<std::byte> values);
  Status fillHalos(const modfile::StencilArrayView &array,
                   std::uint64_t address, bool writesFixed);
  Status fillAxis(const modfile::StencilArrayView &array, std::uint64_t address,
                  std::uint32_t axis, bool writesFixed, bool mirrorsFunction);
  [[nodiscard]] std::uint32_t
  changedLevels(const modfile::StencilArrayView &array,
                std::int64_t steps) const;
  Status checkFaces(const StencilOptions &options) const;
  /// Whether an array is one of several of its member.
  [[nodiscard]] bool isPart(const modfile::StencilArrayView &array) const {
    return array.part != 0 || partsOf(stencil_, array).size() > 1;
  }
  Status checkWords(const Face &face, const char *name) const;

  // Functions of the stencil.
  [[nodiscard]] bool leavesFaces() const;
  [[nodiscard]] bool
  isSetByBoundary(const modfile::StencilArrayView &array) const;
  Status fillLevel(std::uint32_t level, bool isNew,
                   std::span<const modfile::StencilArrayView> fed = {});
  Status fillLevels(std::uint32_t last);
  Status runBoundary(std::uint32_t level, std::uint32_t axis);
  void listLevels(std::uint32_t level, abi::StencilLaunch &launch) const;
  /// Numbers of functions of the backend.
  struct Reduction {
    std::uint32_t cells = 0, fold = 0;
  };
  Status loadFunctions();
  Status runStages(const Reduction &functions, std::uint64_t lanes,
                   std::uint64_t results);

  // Sources and probes.
  Result<Series> makeSeries(std::size_t member,
                            std::span<const GridPoint> cells);
  Status prepare(Series &series, std::int64_t steps);
  Status prepareSeries(std::int64_t steps);
  [[nodiscard]] abi::StencilCells cellsOf(const Series &series,
                                          const modfile::StencilArrayView &part,
                                          std::uint64_t values) const;
  Status move(Series &series);
  [[nodiscard]] bool movesInLaunch() const;
  [[nodiscard]] std::int64_t stepsOfLaunch(std::int64_t most) const;
  void listMoves(std::int64_t steps, std::vector<abi::StencilMove> &moves);
  void noteMoved(std::int64_t before);
  Status makeMovedLaunch(std::int64_t steps);
  Status feedCells();
  Status recordProbes();
  static void joinWords(Series &series);
  Status collectProbes();
  void admitFeeds();
  void dropFinished();
  void letGo(const Series &series);
  Result<Buffer> take(std::size_t bytes);

  // Layers and reductions.
  [[nodiscard]] bool absorbs() const;
  [[nodiscard]] double factorOf(std::uint32_t axis, std::int64_t place) const;
  Status uploadFactors();
  Status damp(std::int64_t steps);
  [[nodiscard]] abi::StencilReduction
  wholeField(const modfile::StencilArrayView &array, std::uint32_t level) const;
  Result<double> finishReduction(abi::StencilReduction reduction);
  Status beginSearch();
  Status searchFields(std::int64_t stepInSlice);
  Status reportSearch(std::int64_t firstStep);

  // Steps.
  [[nodiscard]] bool looksAtSteps() const;
  [[nodiscard]] std::int64_t stepsToLook(std::int64_t most) const;
  [[nodiscard]] std::int64_t mostStepsOfSlice() const;
  Status exchange();
  Status makeStep(std::int64_t stepInSlice);
  Status makeLaunch(std::int64_t steps);
  Status launchPlan(std::int64_t steps);
  Status makeSteps(std::int64_t steps);
  Status runSlice(std::int64_t steps);
  Status runShared(std::int64_t &steps);
  Result<bool> recordLaunches(std::int64_t launches);
  Result<std::int64_t> replaySteps(std::int64_t steps);
  void giveUpPlan(const Status &status);
  /// How launches of a plan turn the table: as its name says, or as single
  /// steps do.
  [[nodiscard]] modfile::StencilPlanKind
  turningOf(const modfile::StencilPlanView &plan) const;
  void fillTable(const modfile::StencilPlanView &plan);
  void turn(modfile::StencilPlanKind kind, std::int64_t steps);
  [[nodiscard]] std::uint64_t
  arrayBytes(const modfile::StencilArrayView &array) const {
    return std::uint64_t(elements_) * array.elementBytes;
  }

  std::shared_ptr<const LoadedModule> module_;
  const modfile::StencilView &stencil_;
  /// All plans there are on the device.
  std::vector<modfile::StencilPlanView> plans_;
  /// The plan in use, and the one for single steps, which may be the same.
  const modfile::StencilPlanView *plan_ = nullptr, *single_ = nullptr;
  std::uint32_t planNumber_ = 0, singleNumber_ = 0;
  /// Planes of a block, by plan.
  std::uint32_t planDepth_ = 0, singleDepth_ = 0;
  /// Runs of fewer steps are made one by one.
  std::int64_t leastSteps_ = 1;
  /// The device refused a launch of several steps; all are made one by one.
  bool givesUpPlan_ = false;
  StencilChoice choice_;
  std::uint32_t boundary_ = 0;
  std::vector<Reduction> reductions_;
  std::vector<Memory> memory_;
  /// What is recorded: how many steps it makes, from this memory to this one.
  std::int64_t recordedSteps_ = 0;
  std::vector<Memory> recordedAt_;
  bool records_ = false;
  /// The number of steps that what was recorded begins with.
  Buffer recordedClock_;
  std::unique_ptr<StencilBackend> backend_;
  std::string device_;
  std::array<Face, abi::StencilFaceCount> faces_;
  bool checksFinite_ = false;
  std::int64_t width_[3] = {};
  std::int64_t elements_ = 0;
  abi::StencilLaunch launch_{};
  std::vector<Series> feeds_, probes_;
  /// Feeds that begin later.
  std::vector<Series> pending_;
  std::vector<Exchange> exchanges_;
  std::uint64_t exchangesMade_ = 0;
  bool runs_ = false;
  BatchSize sharedBatch_{std::chrono::milliseconds(50)};
  std::vector<Buffer> spare_;
  /// For each axis, a factor for each place and for those of the halo; empty
  /// without absorbing faces.
  std::optional<std::array<Buffer, 3>> factors_;
  Buffer partials_, found_, moves_;
};

/// What the numbers of an array are, as far as the module says.
[[nodiscard]] abi::StencilScalar
scalarOf(const modfile::StencilArrayView &array);

} // namespace rk::runtime
