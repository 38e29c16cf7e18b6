//===- HostLink.cpp - Packets between host and device ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "HostLink.h"

#include <algorithm>

namespace rk::runtime {

namespace {

std::uint64_t nextLinkNumber() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace

HostLink::HostLink(const Layout &layout, unsigned char *host,
                   const LaneBlock &lanes)
    : number_(nextLinkNumber()),
      claims_(std::make_shared<LaneClaims>(layout.sizes.laneGroups)),
      replies_(
          reinterpret_cast<const abi::Packet *>(host + layout.host.replySlots),
          layout.sizes.replySlots) {
  const Sizes &sizes = layout.sizes;
  const std::uint32_t rings = sizes.lanes / sizes.laneGroups;
  for (std::uint32_t group = 0; group < sizes.laneGroups; ++group) {
    std::vector<std::unique_ptr<LaneWriter>> writers;
    for (std::uint32_t i = group * rings; i < (group + 1) * rings; ++i) {
      unsigned char *const lane = lanes.block.host + layout.lane(i);
      auto &counts =
          *reinterpret_cast<LaneCounts *>(host + layout.laneCounts(i));
      writers.push_back(std::make_unique<LaneWriter>(
          LaneWriter::Places{reinterpret_cast<abi::Packet *>(lane),
                             lane + layout.lanes.staging, &counts.consumed,
                             lanes.onDevice ? nullptr : &counts.tail},
          sizes.laneCapacity, sizes.laneStride));
    }
    groups_.push_back(
        std::make_unique<LaneGroup>(std::move(writers), group != 0));
  }
  ring_ =
      reinterpret_cast<const abi::Packet *>(host + layout.host.outboundRing);
  staging_ = host + layout.host.outboundStaging;
  consumed_ =
      reinterpret_cast<std::uint64_t *>(host + layout.host.outboundConsumed);
  capacity_ = sizes.outboundCapacity;
  stride_ = sizes.outboundStride;
  large_.resize(sizes.outboundStride);
}

void HostLink::findGroup(LastLink &last) const {
  const std::uint32_t group = claimedGroup(number_, claims_);
  last.link = number_;
  last.group = groups_[group].get();
  last.owned = group != 0 ? last.group : nullptr;
}

bool HostLink::tryPump() {
  const std::unique_lock lock(outboundMutex_, std::try_to_lock);
  return lock.owns_lock() && drain();
}

void HostLink::pump() {
  const std::lock_guard lock(outboundMutex_);
  drain();
}

/// Room is given back in steps, since each crosses the bus.
bool HostLink::drain() {
  if (!attached_.load(std::memory_order_relaxed))
    return false;
  const std::uint64_t begin = position_;
  PacketContent content;
  for (;;) {
    const std::uint64_t index = position_ & (capacity_ - 1);
    if (!readPacket(ring_ + index, content,
                    abi::ringMark(position_, capacity_)))
      break;
    deliver(content, staging_ + index * stride_);
    ++position_;
    if (position_ % std::max(capacity_ / 8, 1u) == 0)
      // Release: the reads of the slots before are over.
      __atomic_store_n(consumed_, position_, __ATOMIC_RELEASE);
  }
  if (position_ == begin)
    return false;
  __atomic_store_n(consumed_, position_, __ATOMIC_RELEASE);
  return true;
}

void HostLink::deliver(const PacketContent &content,
                       const unsigned char *staged) {
  const abi::PacketHeader &header = content.header;
  const void *bytes = content.payload;
  std::uint32_t size = abi::InlineBytes;
  if (header.byReference) {
    size = std::min(content.payload[1], stride_);
    copyWords(large_.data(), staged, (size + 3) & ~3u);
    bytes = large_.data();
  }
  if (header.senderKind == abi::SenderKind::Host &&
      replies_.complete(header.sender, abi::StatusCode(header.status),
                        header.message, bytes, size))
    answers_.fetch_add(1, std::memory_order_relaxed);
  else {
    late_.fetch_add(1, std::memory_order_relaxed);
    if (header.status == std::uint32_t(abi::StatusCode::Ok))
      replies_.noteOrphan(header.message, bytes);
  }
}

void HostLink::closeLanes() {
  for (const auto &group : groups_)
    group->close();
}

std::uint64_t HostLink::pushed() const {
  if (!attached_.load())
    return finalPushed_.load();
  std::uint64_t sum = 0;
  for (const auto &group : groups_)
    sum += group->pushed();
  return sum;
}

std::uint64_t HostLink::left() const {
  if (!attached_.load())
    return finalLeft_.load();
  std::uint64_t sum = 0;
  for (const auto &group : groups_)
    sum += group->left();
  return sum;
}

void HostLink::detach() {
  finalPushed_.store(pushed());
  finalLeft_.store(left());
  replies_.detach();
  const std::lock_guard lock(outboundMutex_);
  attached_.store(false);
}

} // namespace rk::runtime
