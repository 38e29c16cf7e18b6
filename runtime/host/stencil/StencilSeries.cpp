//===- StencilSeries.cpp - Sources and probes -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The values of listed cells over time. They are brought to the device for
/// many steps at once, where a kernel feeds or records all cells of a series.
///
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace rk::runtime {

using modfile::StencilArrayView;

namespace {

Status invalid(std::string text) {
  return Status(StatusCode::InvalidArgument, std::move(text));
}

/// Writes `rows` times `columns` words column by column.
void transpose(std::byte *to, const std::byte *from, std::size_t rows,
               std::size_t columns, std::size_t bytes) {
  if (rows == 1 || columns == 1) {
    std::memcpy(to, from, rows * columns * bytes);
    return;
  }
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      std::memcpy(to + (column * rows + row) * bytes,
                  from + (row * columns + column) * bytes, bytes);
}

} // namespace

/// Returns memory of at least `bytes`, in use before or new.
Result<StencilEngine::Buffer> StencilEngine::take(std::size_t bytes) {
  auto best = spare_.end();
  for (auto spare = spare_.begin(); spare != spare_.end(); ++spare)
    if (spare->bytes >= bytes &&
        (best == spare_.end() || spare->bytes < best->bytes))
      best = spare;
  if (best != spare_.end()) {
    const Buffer buffer = *best;
    spare_.erase(best);
    return buffer;
  }
  auto memory = backend_->allocate(bytes);
  if (!memory.isOk())
    return memory.status();
  return Buffer{*memory, bytes};
}

Result<StencilEngine::Series>
StencilEngine::makeSeries(std::size_t member,
                          std::span<const GridPoint> cells) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  if (cells.empty())
    return invalid("a source or probe of field '" + memberName(**found) +
                   "' has no cell");
  Series series;
  series.parts = partsOf(stencil_, **found);
  series.elements.reserve(cells.size());
  for (const GridPoint &cell : cells) {
    auto element = elementOf(cell);
    if (!element.isOk())
      return element.status();
    series.elements.push_back(*element);
    const std::int64_t place[] = {cell.x, cell.y, cell.z};
    series.places.insert(series.places.end(), place, place + 3);
    for (unsigned axis = 0; axis < stencil_.dimensions; ++axis)
      series.touchesHalo |= place[axis] < width_[axis] ||
                            place[axis] >= launch_.extent[axis] - width_[axis];
  }
  return series;
}

Status StencilEngine::feed(std::size_t member, std::span<const GridPoint> cells,
                           const detail::Feed &feed,
                           std::span<const std::byte> values) {
  auto series = makeSeries(member, cells);
  if (!series.isOk())
    return series.status();
  const auto parts = series->parts;
  const std::string name = memberName(parts.front());
  const bool isWhole = parts.size() == 1;
  if (feed.transfer == abi::StencilTransfer::Add &&
      (isWhole ? feed.scalar == abi::StencilScalar::Bytes
               : std::any_of(parts.begin(), parts.end(), [](const auto &part) {
                   return scalarOf(part) == abi::StencilScalar::Bytes;
                 })))
    return invalid("nothing can be added to field '" + name + "', " +
                   (isWhole ? "whose values are" : "which has words that are") +
                   " no numbers; set them with drive");
  std::vector<std::int64_t> sorted = series->elements;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    return invalid("a source of field '" + name +
                   "' has the same cell twice; add up what they give, or make "
                   "two sources");
  series->transfer = feed.transfer;
  series->scalar = feed.scalar;
  series->sharesValues = feed.sharesValues;
  if (values.size() % series->stepBytes() != 0)
    return invalid("a source of field '" + name + "' has " +
                   std::to_string(values.size() / valueBytes(parts)) +
                   " values for " + std::to_string(cells.size()) +
                   " cells; give one for each cell and step");
  if (feed.firstStep != 0 && feed.firstStep <= step())
    return invalid("a source of field '" + name + "' is to begin with step " +
                   std::to_string(feed.firstStep) + ", and " +
                   std::to_string(step()) + " have been made");
  series->values.resize(values.size());
  const std::size_t bytes = series->stepBytes();
  for (std::size_t begin = 0; begin < values.size(); begin += bytes)
    transpose(series->values.data() + begin, values.data() + begin,
              series->valuesOfStep(), parts.size(), parts[0].elementBytes);
  series->begin = feed.firstStep == 0 ? step() : feed.firstStep - 1;
  if (!values.empty())
    pending_.push_back(std::move(*series));
  return {};
}

/// Begins with the sources whose first step is the next.
void StencilEngine::admitFeeds() {
  for (Series &series : pending_)
    if (series.begin <= step())
      feeds_.push_back(std::move(series));
  std::erase_if(pending_, [this](const Series &series) {
    return series.begin <= step();
  });
}

Result<std::size_t> StencilEngine::probe(std::size_t member,
                                         std::span<const GridPoint> cells,
                                         std::int64_t every) {
  if (every < 1)
    return invalid("a probe every " + std::to_string(every) +
                   " steps is asked for; at least 1 is needed");
  auto series = makeSeries(member, cells);
  if (!series.isOk())
    return series.status();
  series->every = every;
  probes_.push_back(std::move(*series));
  return probes_.size() - 1;
}

detail::Record StencilEngine::takeRecord(std::size_t probe) {
  detail::Record record;
  if (probe < probes_.size()) {
    record.values.swap(probes_[probe].values);
    record.steps.swap(probes_[probe].steps);
  }
  return record;
}

void StencilEngine::endProbe(std::size_t probe) {
  if (probe >= probes_.size())
    return;
  letGo(probes_[probe]);
  probes_[probe] = {};
}

/// Brings what a series needs for `steps` steps to the device.
Status StencilEngine::prepare(Series &series, std::int64_t steps) {
  if (series.cellBuffer.bytes == 0) {
    std::vector<std::int64_t> words = series.elements;
    words.insert(words.end(), series.places.begin(), series.places.end());
    const std::size_t bytes = words.size() * sizeof(words[0]);
    auto taken = take(bytes);
    if (!taken.isOk())
      return taken.status();
    series.cellBuffer = *taken;
    if (Status status = backend_->copyIn(taken->address, words.data(), bytes);
        !status.isOk())
      return status;
  }
  std::size_t bytes =
      std::size_t(steps / series.every + 1) * series.stepBytes();
  const bool isFed = series.transfer != abi::StencilTransfer::Record;
  if (isFed)
    bytes = std::min(bytes, series.values.size() - series.used);
  if (series.valueBuffer.bytes < bytes) {
    if (series.valueBuffer.bytes != 0)
      spare_.push_back(series.valueBuffer);
    series.valueBuffer = {};
    auto taken = take(bytes);
    if (!taken.isOk())
      return taken.status();
    series.valueBuffer = *taken;
  }
  series.usedInSlice = 0;
  return isFed ? backend_->copyIn(series.valueBuffer.address,
                                  series.values.data() + series.used, bytes)
               : Status();
}

Status StencilEngine::prepareSeries(std::int64_t steps) {
  for (std::vector<Series> *all : {&feeds_, &probes_})
    for (Series &series : *all)
      if (!series.elements.empty())
        if (Status status = prepare(series, steps); !status.isOk())
          return status;
  return {};
}

/// What is done with the cells of one part of the values.
abi::StencilCells StencilEngine::cellsOf(const Series &series,
                                         const StencilArrayView &part,
                                         std::uint64_t values) const {
  abi::StencilCells cells{};
  cells.array = memoryOf(part).levels[0];
  cells.elements = series.cellBuffer.address;
  cells.values = values;
  cells.count = std::int64_t(series.elements.size());
  cells.valueStride = series.sharesValues ? 0 : 1;
  cells.elementBytes = part.elementBytes;
  cells.transfer = series.transfer;
  cells.scalar = series.parts.size() == 1 ? series.scalar : scalarOf(part);
  return cells;
}

/// Feeds or records the cells of one step.
Status StencilEngine::move(Series &series) {
  for (const StencilArrayView &part : series.parts) {
    const abi::StencilCells cells =
        cellsOf(series, part, series.valueBuffer.address + series.usedInSlice);
    series.usedInSlice += series.valuesOfStep() * part.elementBytes;
    if (Status status = backend_->moveCells(cells); !status.isOk())
      return status;
  }
  return {};
}

/// Whether launches of several steps can feed and record all cells: fields that
/// steps write, and so few cells that looking for them costs little.
bool StencilEngine::movesInLaunch() const {
  constexpr std::size_t MostCells = 1024;
  if (checksFinite_ || givesUpPlan_ ||
      !backend_->movesInLaunch(modfile::stencilPlanKind(plan_->name)))
    return false;
  std::size_t cells = 0;
  for (const std::vector<Series> *all : {&feeds_, &probes_})
    for (const Series &series : *all) {
      cells += series.elements.size() * series.parts.size();
      if (std::any_of(
              series.parts.begin(), series.parts.end(),
              [](const StencilArrayView &part) { return !part.isWritten; }))
        return false;
    }
  return cells <= MostCells;
}

/// Lists what a launch of so many steps does with the cells; its first step has
/// been fed. Probes come first: they record what a step made.
void StencilEngine::listMoves(std::int64_t steps,
                              std::vector<abi::StencilMove> &moves) {
  for (std::vector<Series> *all : {&probes_, &feeds_})
    for (Series &series : *all) {
      if (series.elements.empty())
        continue;
      std::uint64_t values = series.valueBuffer.address + series.usedInSlice;
      constexpr std::int64_t Most = std::numeric_limits<std::int32_t>::max();
      const std::int64_t every = std::min(series.every, Most);
      const bool records = series.transfer == abi::StencilTransfer::Record;
      for (const StencilArrayView &part : series.parts) {
        abi::StencilMove move{};
        move.cells = cellsOf(series, part, values);
        move.places = series.cellBuffer.address + series.elements.size() * 8;
        move.stepBytes = std::int64_t(series.stepBytes());
        move.times = records ? Most : std::min(steps - 1, series.stepsLeft());
        move.every = std::uint32_t(every);
        move.first =
            std::uint32_t(std::min(series.every - step() % series.every, Most));
        move.array = std::uint32_t(&part - stencil_.arrays.data());
        moves.push_back(move);
        values += series.valuesOfStep() * part.elementBytes;
      }
    }
}

/// Notes what a launch has used and recorded, which began after step `before`.
void StencilEngine::noteMoved(std::int64_t before) {
  for (Series &series : feeds_)
    series.usedInSlice +=
        std::size_t(std::min(step() - before - 1, series.stepsLeft())) *
        series.stepBytes();
  for (Series &series : probes_) {
    if (series.elements.empty())
      continue;
    for (std::int64_t at = before / series.every + 1;
         at * series.every <= step(); ++at) {
      series.steps.push_back(at * series.every);
      series.usedInSlice += series.stepBytes();
    }
  }
}

/// Feeds the cells of the next step, and makes one launch that does so for the
/// others, and records.
Status StencilEngine::makeMovedLaunch(std::int64_t steps) {
  const std::int64_t before = step();
  std::vector<abi::StencilMove> moves;
  Status status = feedCells();
  if (status.isOk()) {
    listMoves(steps, moves);
    const std::size_t bytes = moves.size() * sizeof(abi::StencilMove);
    if (moves_.bytes < bytes) {
      auto taken = take(bytes);
      if (!taken.isOk())
        return taken.status();
      if (moves_.bytes != 0)
        spare_.push_back(moves_);
      moves_ = *taken;
    }
    if (bytes != 0)
      status = backend_->copyIn(moves_.address, moves.data(), bytes);
  }
  if (!status.isOk())
    return status;
  launch_.moves = moves_.address;
  launch_.moveCount = moves.size();
  status = makeLaunch(steps);
  launch_.moveCount = 0;
  if (status.isOk()) {
    noteMoved(before);
    return status;
  }
  if (choice_.isForced || step() != before)
    return status;
  giveUpPlan(status);
  status = makeLaunch(1);
  return status.isOk() ? recordProbes() : status;
}

Status StencilEngine::feedCells() {
  for (Series &series : feeds_) {
    if (series.used + series.usedInSlice == series.values.size())
      continue;
    Status status = move(series);
    // A cell at a face may lie in a halo too.
    if (status.isOk() && leavesFaces())
      status = fillLevel(0, false, series.parts);
    else if (series.touchesHalo)
      for (const StencilArrayView &part : series.parts)
        if (status.isOk())
          status = fillHalos(part, memoryOf(part).levels[0], false);
    if (!status.isOk())
      return status;
  }
  return {};
}

Status StencilEngine::recordProbes() {
  for (Series &series : probes_) {
    if (series.elements.empty() || step() % series.every != 0)
      continue;
    if (Status status = move(series); !status.isOk())
      return status;
    series.steps.push_back(step());
  }
  return {};
}

/// Makes whole values of what a slice recorded.
void StencilEngine::joinWords(Series &series) {
  if (series.parts.size() <= 1)
    return;
  const std::size_t step = series.stepBytes();
  std::vector<std::byte> words(step);
  for (std::size_t at = series.values.size() - series.usedInSlice;
       at < series.values.size(); at += step) {
    std::copy_n(series.values.begin() + std::ptrdiff_t(at), step,
                words.begin());
    transpose(series.values.data() + at, words.data(), series.parts.size(),
              series.valuesOfStep(), series.parts[0].elementBytes);
  }
}

/// Brings home what the steps of a slice recorded.
Status StencilEngine::collectProbes() {
  for (Series &series : feeds_)
    series.used += series.usedInSlice;
  if (probes_.empty())
    return {};
  for (Series &series : probes_) {
    if (series.usedInSlice == 0)
      continue;
    const std::size_t before = series.values.size();
    series.values.resize(before + series.usedInSlice);
    if (Status status =
            backend_->copyOut(series.values.data() + before,
                              series.valueBuffer.address, series.usedInSlice);
        !status.isOk())
      return status;
  }
  const Status status = backend_->wait();
  for (Series &series : probes_) {
    joinWords(series);
    series.usedInSlice = 0;
  }
  return status;
}

/// Lets go of sources that have given all their values.
void StencilEngine::dropFinished() {
  std::erase_if(feeds_, [this](const Series &series) {
    if (series.used != series.values.size())
      return false;
    letGo(series);
    return true;
  });
}

/// Keeps the memory of a series for others.
void StencilEngine::letGo(const Series &series) {
  for (const Buffer &buffer : {series.cellBuffer, series.valueBuffer})
    if (buffer.bytes != 0)
      spare_.push_back(buffer);
}

} // namespace rk::runtime
