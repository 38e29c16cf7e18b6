//===- EngineBulk.cpp - Bulk payloads between host and device -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
//
// The pool is the device's: a link agent makes and releases payloads for the
// host. Their content goes by the back end's copies, beside the links.
//
//===----------------------------------------------------------------------===//

#include "Engine.h"

#include "rk/abi/Bulk.h"

#include <array>
#include <cstring>

namespace rk::runtime {

namespace {

constexpr auto FirstNap = std::chrono::microseconds(20);
constexpr auto LongestNap = std::chrono::milliseconds(1);

PacketContent bulkPacket(abi::BulkCall call, std::uint64_t handle,
                         std::uint64_t bytes) {
  PacketContent content;
  content.header.kind = abi::PacketKind::Bulk;
  content.header.message = abi::NoMessage;
  content.payload[0] = std::uint32_t(handle);
  content.payload[1] = std::uint32_t(handle >> 32);
  content.payload[2] = std::uint32_t(bytes);
  content.payload[3] = std::uint32_t(bytes >> 32);
  content.payload[4] = std::uint32_t(call);
  return content;
}

Status exhausted(std::uint64_t length, std::uint64_t pool) {
  return Status(StatusCode::BulkPoolExhausted, std::to_string(length) +
                                                   " bytes of a pool of " +
                                                   std::to_string(pool));
}

} // namespace

Status Engine::askForBulk(std::uint64_t length, std::uint64_t &handle) {
  Question question;
  question.replySize = sizeof(handle);
  const std::uint64_t token = link_->replies().open(
      question, after(options_.sendTimeout + std::chrono::seconds(5)));
  if (token == 0)
    return Status(StatusCode::MailboxFull,
                  "16777216 requests wait for their replies");
  PacketContent content = bulkPacket(abi::BulkCall::Make, 0, length);
  content.header.slot = std::uint32_t(token) & abi::MaxSlots;
  content.header.sender = token;
  content.header.senderKind = abi::SenderKind::Host;
  Status status = pushBounded(content, {}, options_.sendTimeout);
  if (!status.isOk()) {
    link_->replies().cancel(token);
    return status;
  }
  await(token, std::chrono::nanoseconds::max());
  if (forked_.load())
    return closedReason();
  const StatusCode code = link_->replies().take(token, &handle).status;
  if (code == StatusCode::Ok)
    return {};
  return failed_.load() ? this->status()
                        : Status(code, "making a bulk payload");
}

Status Engine::makeBulk(const void *bytes, std::uint64_t length,
                        std::chrono::nanoseconds patience,
                        std::uint64_t &handle) {
  handle = 0;
  if (length == 0)
    return {};
  const std::uint64_t pool =
      std::uint64_t(layout_.sizes.bulkUnits) * abi::BulkUnitBytes;
  if (length > pool)
    return pool != 0 ? exhausted(length, pool)
                     : Status(StatusCode::InvalidArgument,
                              "no message of the module carries a payload: "
                              "derive one from rk::Bulk<T>");
  const auto limit =
      after(patience.count() < 0 ? options_.sendTimeout : patience);
  std::chrono::nanoseconds nap = FirstNap;
  for (;;) {
    Status status = askForBulk(length, handle);
    if (!status.isOk())
      return status;
    if (handle != 0)
      break;
    if (now() >= limit)
      return exhausted(length, pool);
    if (schedule_) {
      takeStepOrWait(limit);
    } else {
      std::this_thread::sleep_for(nap);
      nap = std::min<std::chrono::nanoseconds>(nap * 2, LongestNap);
    }
  }
  Status status =
      backend_->copyInRunning(abi::bulkAddress(handle), bytes, length);
  if (!status.isOk())
    releaseBulk(handle);
  return status;
}

/// Looks the handle up as the device does.
Status Engine::checkBulk(std::uint64_t handle, std::uint64_t length) {
  const std::uint64_t offset =
      abi::bulkAddress(handle) - (device_ + layout_.device.bulkMemory);
  const std::uint64_t unit = offset / abi::BulkUnitBytes;
  std::uint64_t word = 0;
  if (unit < layout_.sizes.bulkUnits && offset % abi::BulkUnitBytes == 0)
    if (Status status = backend_->copyOut(
            &word, device_ + layout_.device.bulkHeads + unit * sizeof(word),
            sizeof(word));
        !status.isOk())
      return status;
  const abi::BulkHead head = abi::BulkHead::unpack(word);
  if (head.holders == 0 || head.use != abi::bulkUse(handle) ||
      length > std::uint64_t(abi::BulkUnitBytes) << head.level)
    return Status(
        StatusCode::InvalidArgument,
        "this names no bulk payload of the system: it has been freed, "
        "or never was one");
  return {};
}

/// Copies are of whole words.
Status Engine::readBulk(std::uint64_t handle, void *to, std::uint64_t length) {
  if (Status status = checkBulk(handle, length); !status.isOk())
    return status;
  const std::uint64_t from = abi::bulkAddress(handle);
  const std::uint64_t words = length / 4 * 4;
  Status status = backend_->copyOut(to, from, words);
  if (!status.isOk() || words == length)
    return status;
  std::uint32_t last = 0;
  status = backend_->copyOut(&last, from + words, sizeof(last));
  std::memcpy(static_cast<unsigned char *>(to) + words, &last, length - words);
  return status;
}

Status Engine::releaseBulk(std::uint64_t handle) {
  if (layout_.sizes.bulkUnits == 0)
    return Status(StatusCode::InvalidArgument, "the system has no payloads");
  return pushBounded(bulkPacket(abi::BulkCall::Release, handle, 0), {},
                     options_.sendTimeout);
}

void Engine::releaseUnsent(std::uint32_t message, const void *bytes) {
  if (message >= module_->view.messages.size() ||
      !module_->view.messages[message].isBulk)
    return;
  abi::BulkReference reference;
  std::memcpy(&reference, bytes, sizeof(reference));
  // There may be no room for this either, and the caller has waited enough.
  if (reference.handle != 0)
    link_->replies().addOrphan(reference.handle);
}

/// Releases what has come with answers that nobody waits for any more, and what
/// could not be sent; what finds no room stays for the next time.
void Engine::releaseOrphans() {
  if (layout_.sizes.bulkUnits == 0)
    return;
  for (const std::uint64_t handle : link_->replies().takeOrphans())
    if (link_->push(bulkPacket(abi::BulkCall::Release, handle, 0), {}) ==
        LaneWriter::Outcome::Full)
      link_->replies().addOrphan(handle);
}

std::uint64_t Engine::heldBulkBytes() {
  std::array<abi::BulkShare, abi::BulkShares> shares;
  if (layout_.sizes.bulkUnits == 0 || released_ ||
      !backend_
           ->copyOut(shares.data(),
                     device_ + layout_.device.bulk +
                         offsetof(abi::BulkPool, share),
                     sizeof(shares))
           .isOk())
    return 0;
  std::uint64_t units = 0;
  for (const abi::BulkShare &share : shares)
    units += share.usedUnits;
  // One that a payload was freed in may have been read behind, and the one that
  // it was made in before.
  return std::int64_t(units) < 0 ? 0 : units * abi::BulkUnitBytes;
}

} // namespace rk::runtime
