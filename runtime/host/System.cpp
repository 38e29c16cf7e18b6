//===- System.cpp - The typed face of an engine, without its types --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/system.h"

#include "Engine.h"

namespace rk {

namespace {

/// How long a system that is destroyed waits for its agents.
constexpr std::chrono::seconds DestructorPatience(1);

Status movedFrom() {
  return Status(StatusCode::ShuttingDown, "the system was moved away");
}

} // namespace

System::System(std::shared_ptr<runtime::Engine> engine)
    : engine_(std::move(engine)),
      direct_(engine_->isScheduled() ? nullptr : engine_.get()),
      number_(engine_->number()) {}

System::System(System &&other) noexcept
    : engine_(std::move(other.engine_)),
      direct_(std::exchange(other.direct_, nullptr)), number_(other.number_) {}

System &System::operator=(System &&other) noexcept {
  if (this != &other) {
    this->~System();
    new (this) System(std::move(other));
  }
  return *this;
}

System::~System() {
  if (!engine_)
    return;
  engine_->shutdown(DestructorPatience);
  engine_->release();
}

Result<System> System::create(const SystemOptions &options) {
  Result<std::shared_ptr<runtime::Engine>> engine =
      runtime::Engine::create(options);
  if (!engine.isOk())
    return engine.status();
  return System(std::move(*engine));
}

Status System::findMessage(const detail::TypeKey &key,
                           std::uint32_t &index) const {
  return engine_ ? engine_->module().findMessage(key, index) : movedFrom();
}

Status System::findActor(const detail::TypeKey &key,
                         std::uint32_t &index) const {
  return engine_ ? engine_->module().findActor(key, index) : movedFrom();
}

Status System::sendBytes(std::uint64_t address, std::uint32_t message,
                         const void *bytes, std::uint32_t size,
                         std::chrono::nanoseconds patience) {
  return engine_ ? engine_->send(abi::PacketKind::User, address, message,
                                 {bytes, size}, patience)
                 : movedFrom();
}

bool System::sendWords(std::uint64_t address, std::uint32_t message,
                       detail::PayloadHalf low, detail::PayloadHalf high) {
  return direct_ && direct_->sendWords(address, message, low, high);
}

std::size_t System::sendPayloads(const std::uint64_t *receivers,
                                 std::size_t step, std::uint32_t message,
                                 const void *payloads, std::size_t count) {
  return direct_ ? direct_->sendRow(
                       {receivers, step, message,
                        static_cast<const unsigned char *>(payloads), count})
                 : 0;
}

detail::PendingReply System::askBytes(std::uint64_t address,
                                      std::uint32_t message, const void *bytes,
                                      std::uint32_t size, std::uint32_t reply,
                                      std::uint32_t replySize,
                                      std::chrono::nanoseconds deadline) {
  if (!engine_)
    return detail::PendingReply(movedFrom());
  std::uint64_t token = 0;
  Status status = engine_->ask({address, message, reply, replySize},
                               {bytes, size}, deadline, token);
  if (!status.isOk())
    return detail::PendingReply(std::move(status));
  return detail::PendingReply(engine_, token);
}

detail::PendingReply System::spawnBytes(std::uint32_t actor, const void *state,
                                        std::uint32_t size, std::uint32_t count,
                                        Placement placement) {
  if (!engine_)
    return detail::PendingReply(movedFrom());
  std::uint64_t token = 0;
  Status status = engine_->spawn(actor, {state, size}, count, placement, token);
  if (!status.isOk())
    return detail::PendingReply(std::move(status));
  return detail::PendingReply(engine_, token);
}

Status System::makeBulkBytes(const void *bytes, std::uint64_t length,
                             std::chrono::nanoseconds patience,
                             std::uint64_t &handle) {
  return engine_ ? engine_->makeBulk(bytes, length, patience, handle)
                 : movedFrom();
}

Status System::fetchBytes(std::uint64_t handle, void *to,
                          std::uint64_t length) {
  return engine_ ? engine_->readBulk(handle, to, length) : movedFrom();
}

Status System::releaseBulk(std::uint64_t handle) {
  return engine_ ? engine_->releaseBulk(handle) : movedFrom();
}

Status System::stopActor(std::uint64_t address) {
  return engine_ ? engine_->send(abi::PacketKind::Stop, address, abi::NoMessage,
                                 {}, UsualPatience)
                 : movedFrom();
}

Status System::waitIdle(std::chrono::nanoseconds timeout) {
  return engine_ ? engine_->waitIdle(timeout) : movedFrom();
}

Status System::shutdown(std::chrono::nanoseconds timeout) {
  return engine_ ? engine_->shutdown(timeout) : Status();
}

Counters System::counters() const {
  return engine_ ? engine_->counters() : Counters();
}

MemoryUse System::memory() const {
  return engine_ ? engine_->memory() : MemoryUse();
}

std::vector<StallReport> System::stalls() const {
  return engine_ ? engine_->stalls() : std::vector<StallReport>();
}

const RunDescription &System::description() const {
  static const RunDescription none;
  return engine_ ? engine_->description() : none;
}

Status System::status() const {
  return engine_ ? engine_->status() : movedFrom();
}

} // namespace rk
