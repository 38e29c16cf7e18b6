//===- LaneRow.cpp - Rows of messages into the rings of a group -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneGroup.h"

#include <algorithm>
#include <array>

namespace rk::runtime {

namespace {

using Outcome = LaneWriter::Outcome;
using Rings = std::vector<std::unique_ptr<LaneWriter>>;

template <class Writer>
Outcome pushMessage(LaneWriter &ring, const MessageRow &row, std::size_t index,
                    abi::Address to) {
  const std::uint64_t header = row.headerTo(to);
  return ring.pushAloneBy([&](abi::Packet *packet, std::uint32_t mark)
                              __attribute__((always_inline)) {
                                Writer::write(packet, row, index, header, mark);
                              });
}

template <class Writer>
std::size_t pushInOrder(const Rings &rings, std::uint32_t mask,
                        const MessageRow &row, std::size_t begin,
                        std::size_t end, Outcome &outcome) {
  for (std::size_t i = begin; i < end; ++i) {
    const abi::Address to = row.receiver(i);
    if (to.isNull()) [[unlikely]]
      return i;
    outcome = pushMessage<Writer>(*rings[to.slot() & mask], row, i, to);
    if (outcome != Outcome::Written) [[unlikely]]
      return i;
  }
  return end;
}

/// Some messages of a row, those of each ring one behind the other and in the
/// order of the row. A processor sends lines that follow each other to device
/// memory in half the time of lines here and there (`device-memory-injection`
/// of bench/floors, by batches and one by one).
class RowByRings {
public:
  static constexpr std::size_t Most = 256;
  static constexpr std::uint32_t MostRings = 64;

  /// Takes messages from `begin` on, up to one to a null reference.
  RowByRings(const MessageRow &row, std::size_t begin, std::uint32_t mask) {
    const std::size_t limit = std::min(row.count - begin, Most);
    while (count_ < limit && !row.receiver(begin + count_).isNull()) {
      const auto ring =
          std::uint8_t(row.receiver(begin + count_).slot() & mask);
      ringOf_[count_++] = ring;
      ++end_[ring];
    }
    std::uint32_t sum = 0;
    std::array<std::uint16_t, MostRings> next;
    for (std::uint32_t ring = 0; ring <= mask; ++ring) {
      next[ring] = std::uint16_t(sum);
      sum += end_[ring];
      end_[ring] = std::uint16_t(sum);
    }
    for (std::size_t i = 0; i < count_; ++i)
      index_[next[ringOf_[i]]++] = std::uint8_t(i);
  }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool fit(const Rings &rings, std::uint32_t mask) const {
    std::uint32_t before = 0;
    for (std::uint32_t ring = 0; ring <= mask; ++ring) {
      if (!rings[ring]->hasRoomFor(end_[ring] - before))
        return false;
      before = end_[ring];
    }
    return true;
  }
  /// Pushes all, which must `fit`.
  template <class Writer>
  void push(const Rings &rings, std::uint32_t mask, const MessageRow &row,
            std::size_t begin) const {
    std::uint32_t i = 0;
    for (std::uint32_t ring = 0; ring <= mask; ++ring)
      for (; i < end_[ring]; ++i) {
        const std::size_t index = begin + index_[i];
        pushMessage<Writer>(*rings[ring], row, index, row.receiver(index));
      }
  }

private:
  std::size_t count_ = 0;
  std::array<std::uint8_t, Most> ringOf_;
  std::array<std::uint8_t, Most> index_;       ///< of messages, by ring
  std::array<std::uint16_t, MostRings> end_{}; ///< of each ring, in `index_`
};

/// As `pushInOrder`, which takes over where a ring is full: what was pushed is
/// the row's first messages, whatever happens.
template <class Writer>
std::size_t pushByRings(const Rings &rings, std::uint32_t mask,
                        const MessageRow &row, Outcome &outcome) {
  for (std::size_t begin = 0; begin < row.count;) {
    const RowByRings part(row, begin, mask);
    if (part.count() == 0 || !part.fit(rings, mask))
      return pushInOrder<Writer>(rings, mask, row, begin, row.count, outcome);
    part.push<Writer>(rings, mask, row, begin);
    begin += part.count();
  }
  return row.count;
}

template <class Writer>
std::size_t pushOwnedRow(const Rings &rings, std::uint32_t mask,
                         const MessageRow &row, Outcome &outcome) {
  const bool sorts = mask != 0 && mask < RowByRings::MostRings &&
                     row.step != 0 && rings.front()->isOnDevice();
  return sorts ? pushByRings<Writer>(rings, mask, row, outcome)
               : pushInOrder<Writer>(rings, mask, row, 0, row.count, outcome);
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
