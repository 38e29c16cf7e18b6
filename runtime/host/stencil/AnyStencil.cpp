//===- AnyStencil.cpp - What rk::Stencil is made of -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

namespace rk::detail {

using runtime::StencilEngine;

AnyStencil::AnyStencil(std::unique_ptr<StencilEngine> engine)
    : engine_(std::move(engine)) {}
AnyStencil::AnyStencil(AnyStencil &&) noexcept = default;
AnyStencil &AnyStencil::operator=(AnyStencil &&) noexcept = default;
AnyStencil::~AnyStencil() = default;

Result<AnyStencil> AnyStencil::create(const TypeKey &key,
                                      const void *parameters, GridPoint extent,
                                      const StencilOptions &options) {
  auto engine = StencilEngine::create(key, parameters, extent, options);
  if (!engine.isOk())
    return engine.status();
  return AnyStencil(std::move(*engine));
}

Status AnyStencil::set(std::size_t member, std::uint32_t level,
                       const void *values, std::size_t bytes) {
  return engine_->set(member, level,
                      {static_cast<const std::byte *>(values), bytes});
}
Status AnyStencil::get(std::size_t member, std::uint32_t level, void *values,
                       std::size_t bytes) {
  return engine_->get(member, level, {static_cast<std::byte *>(values), bytes});
}
Status AnyStencil::slice(std::size_t member, std::uint32_t axis,
                         std::int64_t place, void *values, std::size_t bytes) {
  return engine_->slice(member, axis, place,
                        {static_cast<std::byte *>(values), bytes});
}
Status AnyStencil::feed(std::size_t member, std::span<const GridPoint> cells,
                        const Feed &feed, std::span<const std::byte> values) {
  return engine_->feed(member, cells, feed, values);
}
Result<std::size_t> AnyStencil::probe(std::size_t member,
                                      std::span<const GridPoint> cells) {
  return engine_->probe(member, cells);
}
Result<double> AnyStencil::reduce(std::size_t member, abi::StencilScalar scalar,
                                  abi::StencilTerm term,
                                  abi::StencilCombine combine) {
  return engine_->reduce(member, scalar, term, combine);
}
Status AnyStencil::reduce(std::uint64_t hash, void *value, std::size_t bytes) {
  return engine_->reduce(hash, {static_cast<std::byte *>(value), bytes});
}
std::span<const std::byte> AnyStencil::series(std::size_t probe) const {
  return engine_->series(probe);
}
Status AnyStencil::run(std::int64_t steps) { return engine_->run(steps); }
Status AnyStencil::save(const std::string &path) { return engine_->save(path); }
Status AnyStencil::load(const std::string &path) { return engine_->load(path); }
std::int64_t AnyStencil::step() const { return engine_->step(); }
std::int64_t AnyStencil::cells() const { return engine_->cells(); }
std::string_view AnyStencil::plan() const { return engine_->plan(); }
std::string_view AnyStencil::device() const { return engine_->device(); }

} // namespace rk::detail
