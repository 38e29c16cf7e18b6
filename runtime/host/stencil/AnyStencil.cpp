//===- AnyStencil.cpp - What rk::Stencil is made of -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilRunner.h"

namespace rk::detail {

using runtime::StencilEngine;
using runtime::StencilRunner;

AnyStencil::AnyStencil(std::shared_ptr<StencilRunner> runner, bool owns)
    : runner_(std::move(runner)), owns_(owns) {}
AnyStencil::AnyStencil(AnyStencil &&other) noexcept
    : runner_(std::move(other.runner_)), owns_(other.owns_) {}
AnyStencil &AnyStencil::operator=(AnyStencil &&other) noexcept {
  if (this != &other) {
    end();
    runner_ = std::move(other.runner_);
    owns_ = other.owns_;
  }
  return *this;
}
AnyStencil::~AnyStencil() { end(); }

void AnyStencil::end() {
  if (runner_ && owns_)
    runner_->close();
  runner_.reset();
}

AnyStencil AnyStencil::share() const { return {runner_, false}; }
AnyStencil AnyStencil::shareOf(std::shared_ptr<StencilRunner> runner) {
  return {std::move(runner), false};
}

Result<AnyStencil> AnyStencil::create(const TypeKey &key,
                                      const void *parameters, GridPoint extent,
                                      const StencilOptions &options) {
  if (options.batch.count() < 0 || options.patience.count() < 0)
    return Status(StatusCode::InvalidArgument,
                  "StencilOptions::batch and patience must not be negative");
  auto engine = StencilEngine::create(key, parameters, extent, options);
  if (!engine.isOk())
    return engine.status();
  return AnyStencil(std::make_shared<StencilRunner>(
                        std::move(*engine), options.batch, options.patience),
                    true);
}

Status AnyStencil::set(std::size_t member, std::uint32_t level,
                       const void *values, std::size_t bytes) {
  return runner_->use([&](StencilEngine &engine) {
    return engine.set(member, level,
                      {static_cast<const std::byte *>(values), bytes});
  });
}
Status AnyStencil::get(std::size_t member, std::uint32_t level, void *values,
                       std::size_t bytes, std::int64_t *step) {
  return runner_->use([&](StencilEngine &engine) {
    if (step)
      *step = engine.step();
    return engine.get(member, level, {static_cast<std::byte *>(values), bytes});
  });
}
Status AnyStencil::slice(std::size_t member, std::uint32_t axis,
                         std::int64_t place, void *values, std::size_t bytes,
                         std::int64_t *step) {
  return runner_->use([&](StencilEngine &engine) {
    if (step)
      *step = engine.step();
    return engine.slice(member, axis, place,
                        {static_cast<std::byte *>(values), bytes});
  });
}
Status AnyStencil::feed(std::size_t member, std::span<const GridPoint> cells,
                        const Feed &feed, std::span<const std::byte> values) {
  return runner_->use([&](StencilEngine &engine) {
    return engine.feed(member, cells, feed, values);
  });
}
/// Without values nothing is fed.
Status AnyStencil::checkFeed(std::size_t member,
                             std::span<const GridPoint> cells,
                             const Feed &feed) {
  return this->feed(member, cells, feed, {});
}
Result<std::size_t> AnyStencil::probe(std::size_t member,
                                      std::span<const GridPoint> cells,
                                      std::int64_t every) {
  return runner_->use([&](StencilEngine &engine) {
    return engine.probe(member, cells, every);
  });
}
Result<Record> AnyStencil::series(std::size_t probe) const {
  return runner_->use([&](StencilEngine &engine) -> Result<Record> {
    const auto values = engine.series(probe);
    return Record{{values.begin(), values.end()}, {}};
  });
}
Result<Record> AnyStencil::takeRecord(std::size_t probe) {
  return runner_->use([&](StencilEngine &engine) -> Result<Record> {
    return engine.takeRecord(probe);
  });
}
Status AnyStencil::endProbe(std::size_t probe) {
  return runner_->use([&](StencilEngine &engine) {
    engine.endProbe(probe);
    return Status();
  });
}
Result<double> AnyStencil::reduce(std::size_t member, abi::StencilScalar scalar,
                                  abi::StencilTerm term,
                                  abi::StencilCombine combine) {
  return runner_->use([&](StencilEngine &engine) {
    return engine.reduce(member, scalar, term, combine);
  });
}
Status AnyStencil::reduce(std::uint64_t hash, void *value, std::size_t bytes) {
  return runner_->use([&](StencilEngine &engine) {
    return engine.reduce(hash, {static_cast<std::byte *>(value), bytes});
  });
}
Status AnyStencil::run(std::int64_t steps) { return runner_->run(steps); }
Result<StencilRun> AnyStencil::start(std::int64_t steps, std::int64_t every,
                                     std::function<Result<bool>()> done) {
  return runner_->start(steps, every, std::move(done));
}
Result<std::uint64_t> AnyStencil::addExchange(std::int64_t every,
                                              ExchangeCall exchange) {
  return runner_->use([&](StencilEngine &engine) {
    return engine.addExchange(every, std::move(exchange));
  });
}
Status AnyStencil::dropExchange(std::uint64_t number) {
  return runner_->use([&](StencilEngine &engine) {
    engine.dropExchange(number);
    return Status();
  });
}
Status AnyStencil::enter() { return runner_->enter(); }
void AnyStencil::leave() { runner_->leave(); }

/// The file is written while others go on.
Status AnyStencil::save(const std::string &path) {
  auto snapshot =
      runner_->use([](StencilEngine &engine) { return engine.snapshot(); });
  return snapshot.isOk() ? StencilEngine::write(path, *snapshot)
                         : snapshot.status();
}
Status AnyStencil::load(const std::string &path) {
  return runner_->use([&](StencilEngine &engine) { return engine.load(path); });
}
std::int64_t AnyStencil::step() const { return runner_->step(); }
std::int64_t AnyStencil::cells() const { return runner_->constants().cells(); }
std::string_view AnyStencil::plan() const {
  return runner_->constants().plan();
}
Result<StencilChoice> AnyStencil::choice() const {
  return runner_->use([](StencilEngine &engine) -> Result<StencilChoice> {
    return engine.choice();
  });
}
std::string_view AnyStencil::device() const {
  return runner_->constants().device();
}

} // namespace rk::detail
