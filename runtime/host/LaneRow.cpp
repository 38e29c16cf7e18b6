//===- LaneRow.cpp - Rows of messages into the rings of a group -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneGroup.h"

namespace rk::runtime {

namespace {

using Outcome = LaneWriter::Outcome;
using Rings = std::vector<std::unique_ptr<LaneWriter>>;

template <class Writer>
std::size_t pushOwnedRow(const Rings &rings, std::uint32_t mask,
                         const MessageRow &row, Outcome &outcome) {
  for (std::size_t i = 0; i < row.count; ++i) {
    const abi::Address to = row.receiver(i);
    if (to.isNull()) [[unlikely]]
      return i;
    const std::uint64_t header = row.headerTo(to);
    outcome = rings[to.slot() & mask]->pushAloneBy(
        [&](abi::Packet *packet, std::uint32_t mark) __attribute__((
            always_inline)) { Writer::write(packet, row, i, header, mark); });
    if (outcome != Outcome::Written) [[unlikely]]
      return i;
  }
  return row.count;
}

using PushRow = std::size_t (*)(const Rings &, std::uint32_t,
                                const MessageRow &, Outcome &);

PushRow choosePushRow() {
#if defined(RK_VECTOR_PIECES)
  if (canWriteWholePackets())
    return pushOwnedRow<WideWriter>;
#endif
  return pushOwnedRow<PieceWriter>;
}

} // namespace

std::size_t LaneGroup::pushSharedRow(const MessageRow &row, Outcome &outcome) {
  for (std::size_t i = 0; i < row.count; ++i) {
    const abi::Address to = row.receiver(i);
    if (to.isNull())
      return i;
    const std::uint64_t header = row.headerTo(to);
    const PlainPacket packet{
        {std::uint32_t(header), std::uint32_t(header >> 32), 0, 0},
        {row.word(i, 0), row.word(i, 1)},
        {row.word(i, 2), row.word(i, 3)}};
    outcome = rings_[to.slot() & mask_]->push(packet);
    if (outcome != Outcome::Written)
      return i;
  }
  return row.count;
}

std::size_t LaneGroup::pushRow(const MessageRow &row, Outcome &outcome) {
  static const PushRow pushOwned = choosePushRow();
  outcome = Outcome::Written;
  if (!isOwned_)
    return pushSharedRow(row, outcome);
  if (!enter()) {
    outcome = Outcome::Closed;
    return 0;
  }
  const std::size_t count = pushOwned(rings_, mask_, row, outcome);
  leave();
  return count;
}

} // namespace rk::runtime
