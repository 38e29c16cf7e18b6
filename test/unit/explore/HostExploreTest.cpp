//===- HostExploreTest.cpp - The host's link in every interleaving --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "HostShim.h"

// Copies of the sources, which see the names that the shim has changed; the
// table of replies has two rows where there are 1024.
#include "copy/LaneGroup.cpp"
#include "copy/ReplyTable.cpp"
#include "copy/RowStocks.cpp"

#undef atomic
#undef mutex
#undef this_thread
#undef syscall

#include <gtest/gtest.h>

using namespace rk;
using namespace rk::runtime;
using namespace rk::test;
namespace layout = rk::abi;
using Outcomes = LaneWriter::Outcome;

namespace {

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

/// One ring with its reader.
struct Ring {
  explicit Ring(std::uint32_t capacity, bool isOwned)
      : packets(capacity), capacity(capacity) {
    std::vector<std::unique_ptr<LaneWriter>> rings;
    rings.push_back(std::make_unique<LaneWriter>(
        LaneWriter::Places{packets.data(), nullptr, &consumed, &tail}, capacity,
        0));
    group = std::make_unique<LaneGroup>(std::move(rings), isOwned);
  }

  /// Pushes message `number` of `thread`.
  Outcomes push(std::uint32_t thread, std::uint32_t number) {
    PacketContent content;
    content.header.slot = thread;
    for (std::uint32_t &word : content.payload)
      word = thread << 16 | number;
    return group->push(0, content);
  }
  /// Reads the next packet, if it is there, as a device does.
  bool read(Explorer &run) {
    PacketContent content;
    if (!readPacket(&packets[position & (capacity - 1)], content,
                    layout::ringMark(position, capacity)))
      return false;
    for (const layout::Piece &piece : packets[position & (capacity - 1)].piece)
      run.memory().use(run.thread(), &piece.mark);
    const std::uint32_t thread = content.header.slot;
    for (const std::uint32_t word : content.payload)
      run.expect(word == content.payload[0] && word >> 16 == thread,
                 "words of two packets in one");
    const std::uint32_t number = content.payload[0] & 0xffff;
    run.expect(number > last[thread], "a packet twice, or out of order");
    last[thread] = number;
    ++position;
    hostStore(&consumed, position, __ATOMIC_RELEASE);
    return true;
  }

  std::vector<layout::Packet> packets;
  std::uint32_t capacity;
  std::uint64_t consumed = 0, tail = 0, position = 0;
  std::uint32_t last[3] = {};
  std::unique_ptr<LaneGroup> group;
};

/// `writers` threads push two packets each through a ring of as many; one
/// thread reads; one may close the ring meanwhile.
Findings exploreLane(std::uint32_t writers, bool isOwned, bool closes,
                     std::uint32_t deviations,
                     const WeakMemory::Weaken &weaken = nullptr) {
  Explorer explorer(deviations);
  explorer.memory().weaken(weaken);
  std::unique_ptr<Ring> ring;
  std::uint32_t left = 0;
  std::uint64_t written = 0, writtenAtClose = 0;
  bool isClosed = false;
  return explorer.run([&](Explorer &run) -> Explorer::Body {
    ring = std::make_unique<Ring>(writers, isOwned);
    left = writers;
    written = writtenAtClose = 0;
    isClosed = false;
    for (std::uint32_t thread = 0; thread < writers; ++thread)
      run.addThread([&, thread] {
        for (std::uint32_t number = 1; number <= 2;) {
          const bool closedBefore = isClosed;
          const Outcomes outcome = ring->push(thread, number);
          run.expect(outcome != Outcomes::Written || !closedBefore,
                     "written behind the close");
          if (outcome == Outcomes::Closed)
            break;
          if (outcome == Outcomes::Full) {
            run.wait();
            continue;
          }
          ++written;
          ++number;
        }
        --left;
      });
    run.addThread([&] {
      for (;;)
        if (!ring->read(run)) {
          if (left == 0 && ring->position == written)
            break;
          run.wait();
        }
    });
    if (closes)
      run.addThread([&] {
        ring->group->close();
        writtenAtClose = ring->group->pushed();
        isClosed = true;
      });
    return [&] {
      run.expect(ring->position == written, "a packet is lost");
      run.expect(!closes || writtenAtClose == written,
                 "a push went on behind the close");
    };
  });
}

TEST(Lanes, ASharedOneKeepsOrderAndPackets) {
  EXPECT_EQ(exploreLane(2, false, false, 2).failure, "");
}
TEST(Lanes, ASharedOneCloses) {
  EXPECT_EQ(exploreLane(2, false, true, 2).failure, "");
}
TEST(Lanes, AnOwnedOneKeepsOrderAndPackets) {
  EXPECT_EQ(exploreLane(1, true, false, 2).failure, "");
}
TEST(Lanes, AnOwnedOneCloses) {
  EXPECT_EQ(exploreLane(1, true, true, 3).failure, "");
}
TEST(Lanes, AnOwnedOneNeedsTheFenceOfItsCloser) {
  membarrierDoesNothing = true;
  EXPECT_NE(exploreLane(1, true, true, 3).failure, "");
  membarrierDoesNothing = false;
}

/// Without the acquire of what the device has read, a packet is written early.
TEST(Lanes, NeedsTheAcquireOfWhatWasRead) {
  const auto dropAcquires = [](const void *, WeakMemory::Kind kind,
                               WeakMemory::Orders orders) {
    orders.acquires = orders.acquires && kind != WeakMemory::Kind::Load;
    return orders;
  };
  EXPECT_NE(exploreLane(1, true, false, 2, dropAcquires).failure, "");
}

//===----------------------------------------------------------------------===//
// Replies
//===----------------------------------------------------------------------===//

constexpr Clock::time_point At{std::chrono::seconds(100)};
const Question Small{0x10000001, 2, 5, 8};

/// A table whose two rows have slots.
struct Replies {
  void answer(std::uint64_t token, std::uint64_t value) {
    PacketContent content;
    content.header.sender = token;
    content.header.senderKind = layout::SenderKind::Host;
    content.header.message = 5;
    std::memcpy(content.payload, &value, sizeof(value));
    writePacket(&slots[layout::replyRow(token)], content,
                layout::replyMark(token));
  }
  /// Waits for the answer to `token`, and checks it.
  void await(Explorer &run, std::uint64_t token, std::uint64_t want) {
    while (!table.isDone(token))
      table.sleep(token, std::chrono::seconds(1));
    std::uint64_t value = 0;
    const Outcome outcome = table.take(token, &value);
    if (outcome.status == layout::StatusCode::Ok)
      run.expect(value == want, "somebody else's answer");
    else
      run.expect(outcome.status == layout::StatusCode::DeadlineExceeded,
                 "neither an answer nor a deadline");
    answers += outcome.status == layout::StatusCode::Ok;
  }

  layout::Packet slots[2] = {};
  ReplyTable table{slots, 2};
  std::uint32_t answers = 0;
};

/// A request that may end by its answer, by its deadline or because nobody
/// wants it any more, and another that gets the row afterwards.
Findings exploreReplies(bool expires, bool givesUp, std::uint32_t deviations) {
  Explorer explorer(deviations);
  std::unique_ptr<Replies> replies;
  // Requests go to the device in order with what was written before.
  explored_atomic<std::uint64_t> tokens[3];
  return explorer.run([&](Explorer &run) -> Explorer::Body {
    replies = std::make_unique<Replies>();
    for (auto &token : tokens)
      token.store(0);
    tokens[0].store(replies->table.open(Small, At));
    run.addThread([&, givesUp] {
      ReplyTable &table = replies->table;
      givesUp ? table.giveUp(tokens[0]) : replies->await(run, tokens[0], 70);
      table.reclaim();
      for (std::uint64_t i = 1; i < 3; ++i)
        tokens[i].store(table.open(Small, At + std::chrono::hours(1)),
                        std::memory_order_release);
      for (std::uint64_t i = 1; i < 3; ++i)
        replies->await(run, tokens[i], 70 + i);
    });
    // Two agents of the device: the first may be slow.
    run.addThread([&] { replies->answer(tokens[0].load(), 70); });
    run.addThread([&] {
      for (std::uint64_t i = 1; i < 3; ++i) {
        std::uint64_t token = 0;
        while ((token = tokens[i].load(std::memory_order_acquire)) == 0)
          run.wait();
        const std::uint64_t value = 70 + i;
        if (layout::replyRow(token) < 2)
          replies->answer(token, value);
        else
          replies->table.complete(token, layout::StatusCode::Ok, 5, &value, 8);
      }
    });
    if (expires)
      run.addThread([&] { // the service thread
        replies->table.expire(At + std::chrono::seconds(1));
        replies->table.reclaim();
      });
    return [&] {
      replies->table.reclaim();
      run.expect(replies->table.waiting() == 0, "a request still waits");
      run.expect(replies->answers >= (expires || givesUp ? 0u : 1u),
                 "an answer is lost");
      run.expect(
          replies->table.slotAnswers() + replies->table.lateSlotAnswers() <= 3,
          "an answer counted twice");
    };
  });
}

TEST(Replies, AnAnswerAndADeadlineMeet) {
  EXPECT_EQ(exploreReplies(true, false, 2).failure, "");
}
TEST(Replies, AnAnswerAndGivingUpMeet) {
  EXPECT_EQ(exploreReplies(true, true, 2).failure, "");
}
TEST(Replies, ASleeperIsWoken) {
  EXPECT_EQ(exploreReplies(false, false, 2).failure, "");
}

} // namespace
