//===- SmallInbox.cpp - Sending, receiving, checking ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "SmallInbox.h"

#include <algorithm>

using namespace rk::abi;
using namespace rk::device;

namespace rk::test {

namespace {

constexpr std::size_t MemoryBytes = 128 << 10;

/// Word `place` of message `number` of `sender`: all twelve belong together.
std::uint32_t wordOf(std::uint32_t sender, std::uint32_t number,
                     std::uint32_t place) {
  return (number << 8 | sender << 4) + place;
}

/// A receiver can be copied, but not assigned.
void replace(std::vector<Receiver> &to, const std::vector<Receiver> &from) {
  to.clear();
  for (const Receiver &receiver : from)
    to.push_back(receiver);
}

} // namespace

template <class T> T *SmallInbox::array(std::size_t count) {
  const auto begin = reinterpret_cast<std::uintptr_t>(memory_.data());
  const std::uintptr_t place = (begin + used_ + 127) & ~std::uintptr_t(127);
  used_ = place - begin + count * sizeof(T);
  if (used_ > memory_.size())
    std::abort();
  return reinterpret_cast<T *>(place);
}

SmallInbox::SmallInbox(std::uint32_t poolSegments, std::uint32_t inboxes)
    : memory_(MemoryBytes), desks_(MostSenders + inboxes) {
  const std::uint32_t homes = inboxes * HomeSegments;
  launch_.workerCount = inboxes;
  launch_.homeSegmentCount = homes;
  segmentCount_ = homes + poolSegments;
  launch_.inboxes = array<Inbox>(inboxes);
  launch_.segments =
      array<Packet>(std::size_t(homes + poolSegments) * SegmentPackets);
  launch_.segmentUses = array<std::uint32_t>(homes + poolSegments);
  launch_.freeSegments = array<Pool>(1);
  launch_.reports = array<WorkerReport>(desks_.size());
  launch_.control = array<Control>(1);
  Pool &pool = *launch_.freeSegments;
  while ((1u << pool.shift) < poolSegments)
    ++pool.shift;
  pool.mask = (1u << pool.shift) - 1;
  pool.cells = array<std::uint64_t>(pool.mask + 1);
  for (std::uint32_t i = 0; i < poolSegments; ++i)
    pool.cells[i] = poolCell(homes + i, 0, true);
  pool.available = poolSegments;
  pool.pushed = poolSegments;
  for (std::uint32_t i = 0; i < inboxes; ++i) {
    Inbox &inbox = launch_.inboxes[i];
    inbox.directory = array<DirectoryEntry>(DirectoryEntries);
    inbox.directory[1] = DirectoryEntry::make(1, firstPlace(i, 1));
    inbox.recent[1] = inbox.directory[1];
    inbox.tail = FirstTicket;
    inbox.headNumber = 1;
    receivers_.emplace_back(inbox, i);
  }
  for (std::uint32_t i = 0; i < desks_.size(); ++i)
    makeAgent(launch_, i, desks_[i]);
}

void SmallInbox::send(std::uint32_t sender, std::uint32_t inbox) {
  const std::uint32_t number = ++counts_.sent[sender];
  Record record;
  for (std::uint32_t i = 0; i < PacketWords; ++i)
    record.word[i] = wordOf(sender, number, i);
  const bool accepted = put(desks_[sender], inbox, &record);
  counts_.accepted += accepted;
  counts_.refused += !accepted;
  counts_.acceptedFrom[sender] |= std::uint64_t(accepted) << number;
}

void SmallInbox::check(const Record &record, std::uint32_t inbox) {
  const std::uint32_t sender = record.word[0] >> 4 & 15;
  const std::uint32_t number = record.word[0] >> 8;
  ++counts_.received;
  if (sender >= MostSenders || number == 0 || number > 63) {
    counts_.mistake = "a message that nobody sent";
    return;
  }
  for (std::uint32_t i = 0; i < PacketWords; ++i)
    if (record.word[i] != wordOf(sender, number, i))
      counts_.mistake = "words of two messages in one";
  std::uint32_t &last = counts_.lastFrom[inbox][sender];
  if (number <= last)
    counts_.mistake = "a message twice, or out of order";
  last = number;
  counts_.receivedFrom[sender] |= std::uint64_t(1) << number;
}

bool SmallInbox::receive(std::uint32_t inbox) {
  Desk &desk = desks_[ReceiverDesk + inbox];
  const Agent agent = agentOf(desk);
  const std::uint32_t count = receivers_[inbox].receive(agent);
  if (count == 0)
    return false;
  check(desk.inbound[0], inbox);
  receivers_[inbox].advance(agent, count);
  return true;
}

void SmallInbox::receiveAll(Explorer &explorer, std::uint32_t inbox) {
  for (;;) {
    if (receive(inbox))
      continue;
    // As the host looks whether a system is idle.
    if (sendersLeft == 0 &&
        receivers_[inbox].handledTicket() == launch_.inboxes[inbox].tail)
      return;
    explorer.wait();
  }
}

void SmallInbox::keep() {
  kept_ = memory_;
  replace(keptReceivers_, receivers_);
  keptCounts_ = counts_;
}

void SmallInbox::goBack() {
  std::copy_n(kept_.begin(), used_, memory_.begin());
  replace(receivers_, keptReceivers_);
  counts_ = keptCounts_;
}

Site SmallInbox::siteOf(const void *address) const {
  const auto within = [address](const auto *first, std::size_t count) {
    const auto *byte = static_cast<const unsigned char *>(address);
    return byte >= reinterpret_cast<const unsigned char *>(first) &&
           byte < reinterpret_cast<const unsigned char *>(first + count);
  };
  for (std::uint32_t i = 0; i < launch_.workerCount; ++i) {
    const Inbox &inbox = launch_.inboxes[i];
    if (within(&inbox.tail, 1))
      return Site::Tail;
    if (within(&inbox.headNumber, 1))
      return Site::HeadNumber;
    if (within(inbox.recent, 2))
      return Site::Recent;
    if (within(inbox.directory, DirectoryEntries))
      return Site::Directory;
  }
  const Pool &pool = *launch_.freeSegments;
  if (within(pool.cells, pool.mask + 1))
    return Site::PoolCell;
  return within(launch_.segments, segmentCount_ * SegmentPackets) ? Site::Mark
                                                                  : Site::Other;
}

WeakMemory::Weaken SmallInbox::withMistake(const Mistake *mistake) const {
  if (!mistake)
    return nullptr;
  return [this, mistake = *mistake](const void *address, WeakMemory::Kind kind,
                                    WeakMemory::Orders orders) {
    if (kind == mistake.kind && siteOf(address) == mistake.site)
      (mistake.acquire ? orders.acquires : orders.releases) = false;
    return orders;
  };
}

std::string SmallInbox::verdict() const {
  if (counts_.mistake)
    return counts_.mistake;
  if (launch_.control->fault.where != 0)
    return "a fault";
  for (std::uint32_t i = 0; i < MostSenders; ++i)
    if (counts_.acceptedFrom[i] != counts_.receivedFrom[i])
      return "what was accepted is not what was received";
  return {};
}

} // namespace rk::test
