//===- HostLinkTest.cpp - Lanes and the outbound ring under threads -------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "HostLink.h"
#include "TestLane.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

using namespace rk;
using namespace rk::runtime;
using namespace rk::test;
using namespace std::chrono_literals;
namespace layout = rk::abi;

namespace {

TEST(LaneWriter, PacketsComeOutAsTheyWentIn) {
  TestLane lane(64, 16);
  PacketContent content = numbered(5, 9);
  content.header.kind = layout::PacketKind::Stop;
  content.header.generation = 77;
  content.header.sender = 0x123456789abc;
  content.header.senderKind = layout::SenderKind::Host;
  content.header.byReference = true;
  ASSERT_EQ(lane.writer.push(content, {}), LaneWriter::Outcome::Written);
  PacketContent read;
  ASSERT_TRUE(lane.read(read, nullptr));
  EXPECT_EQ(read.header.slot, 5u);
  EXPECT_EQ(read.header.kind, layout::PacketKind::Stop);
  EXPECT_EQ(read.header.generation, 77u);
  EXPECT_EQ(read.header.message, 7u);
  EXPECT_EQ(read.header.sender, 0x123456789abcu);
  EXPECT_EQ(read.header.senderKind, layout::SenderKind::Host);
  EXPECT_TRUE(read.header.byReference);
  for (std::uint32_t i = 0; i < 8; ++i)
    EXPECT_EQ(read.payload[i], 72 + i);
  EXPECT_FALSE(lane.read(read, nullptr));
}

TEST(LaneWriter, FullUntilTheDeviceReads) {
  TestLane lane(64, 16);
  for (std::uint32_t i = 0; i < 64; ++i)
    ASSERT_EQ(lane.writer.push(numbered(0, i), {}),
              LaneWriter::Outcome::Written);
  EXPECT_EQ(lane.writer.push(numbered(0, 64), {}), LaneWriter::Outcome::Full);
  EXPECT_EQ(lane.writer.left(), 64u);
  PacketContent read;
  ASSERT_TRUE(lane.read(read, nullptr));
  EXPECT_EQ(lane.writer.push(numbered(0, 64), {}),
            LaneWriter::Outcome::Written);
  EXPECT_EQ(lane.writer.push(numbered(0, 65), {}), LaneWriter::Outcome::Full);
}

TEST(LaneWriter, ClosedForGood) {
  TestLane lane(64, 16);
  ASSERT_EQ(lane.writer.push(numbered(0, 0), {}), LaneWriter::Outcome::Written);
  lane.writer.close();
  EXPECT_EQ(lane.writer.push(numbered(0, 1), {}), LaneWriter::Outcome::Closed);
  EXPECT_EQ(lane.writer.pushed(), 1u);
  EXPECT_EQ(lane.writer.left(), 1u);
}

/// Each thread's packets arrive once, whole and in its order, through many laps
/// of a small ring, with what is staged beside them.
TEST(LaneWriter, ManyThreadsInOrder) {
  constexpr std::uint32_t Threads = 4, Each = 5000;
  TestLane lane(64, 48);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < Threads; ++t)
    threads.emplace_back([&lane, t] {
      for (std::uint32_t i = 0; i < Each; ++i) {
        unsigned char staged[48];
        std::memset(staged, int((t * 31 + i) & 0xff), sizeof(staged));
        while (lane.writer.push(numbered(t, i), {staged, sizeof(staged)}) !=
               LaneWriter::Outcome::Written)
          std::this_thread::yield();
      }
    });
  std::uint32_t next[Threads] = {};
  std::vector<unsigned char> staged;
  for (std::uint32_t count = 0; count < Threads * Each;) {
    PacketContent read;
    if (!lane.read(read, &staged)) {
      std::this_thread::yield();
      continue;
    }
    ++count;
    const std::uint32_t thread = read.header.slot;
    ASSERT_LT(thread, Threads);
    for (std::uint32_t i = 0; i < 8; ++i)
      ASSERT_EQ(read.payload[i], next[thread] * 8 + i);
    for (const unsigned char byte : staged)
      ASSERT_EQ(byte, (thread * 31 + next[thread]) & 0xff);
    ++next[thread];
  }
  for (std::thread &thread : threads)
    thread.join();
}

/// As if the lane were in device memory: whole packets, and no word of the
/// tail.
TEST(LaneWriter, TellsADeviceByMarksAlone) {
  if (!canWriteWholePackets())
    GTEST_SKIP() << "this processor has no AVX-512";
  TestLane lane(64, 16, true);
  for (std::uint32_t i = 0; i < 300; ++i) {
    const std::array<std::uint32_t, 4> large = {i, i + 1, i + 2, i + 3};
    const Bytes staged{large.data(), sizeof(large)};
    ASSERT_EQ(i % 2 ? lane.writer.push(numbered(9, i), staged)
                    : lane.writer.pushAlone(numbered(9, i), staged),
              LaneWriter::Outcome::Written);
    PacketContent content;
    std::vector<unsigned char> bytes;
    ASSERT_TRUE(lane.read(content, &bytes)) << i;
    EXPECT_EQ(content.header.slot, 9u);
    EXPECT_EQ(content.payload[7], i * 8 + 7);
    EXPECT_EQ(std::memcmp(bytes.data(), large.data(), sizeof(large)), 0);
  }
  EXPECT_EQ(lane.tail, 0u);
}

TEST(LaneWriter, ClosingCountsEveryPacketThatGotIn) {
  for (int round = 0; round < 50; ++round) {
    TestLane lane(1024, 16);
    std::atomic<std::uint32_t> written{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&] {
        while (lane.writer.push(numbered(0, 0), {}) ==
               LaneWriter::Outcome::Written)
          ++written;
      });
    lane.writer.close();
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(lane.writer.pushed(), written.load());
  }
}

/// A link over memory of its own; the test is the device.
struct LinkMemory {
  explicit LinkMemory(const SystemOptions &options = {},
                      std::uint32_t ringsPerGroup = 1) {
    modfile::Module module;
    module.messages = {{"M", 1, 100, 4, 0}};
    module.actors = {{"A", 2, 8, 8, 0, "", 0, {}}};
    made = std::make_unique<Layout>(makeLayout(options, modfile::viewOf(module),
                                               {2, ringsPerGroup, 16 << 20},
                                               1ull << 34)
                                        .value());
    words.resize(made->host.total / sizeof(layout::Packet) + 1);
    lanes.resize(made->lanes.total / sizeof(layout::Packet));
    link = std::make_unique<HostLink>(
        *made, base(),
        LaneBlock{{reinterpret_cast<unsigned char *>(lanes.data()), 0}, false});
  }
  unsigned char *base() { return reinterpret_cast<unsigned char *>(&words[0]); }

  void answer(std::uint64_t token, const PacketContent &content,
              const void *large = nullptr, std::uint32_t size = 0) {
    PacketContent full = content;
    full.header.sender = token;
    full.header.senderKind = layout::SenderKind::Host;
    const std::uint64_t index = tail & (made->sizes.outboundCapacity - 1);
    if (large) {
      full.header.byReference = true;
      full.payload[1] = size;
      std::memcpy(base() + made->host.outboundStaging +
                      index * made->sizes.outboundStride,
                  large, size);
    }
    auto *ring =
        reinterpret_cast<layout::Packet *>(base() + made->host.outboundRing);
    writePacket(ring + index, full,
                layout::ringMark(tail, made->sizes.outboundCapacity));
    ++tail;
  }
  /// Answers in the slot of the request.
  void answerInSlot(std::uint64_t token, std::uint32_t word) {
    PacketContent content;
    content.header.message = 3;
    content.payload[0] = word;
    auto *slots =
        reinterpret_cast<layout::Packet *>(base() + made->host.replySlots);
    writePacket(slots + layout::replyRow(token), content,
                layout::replyMark(token));
  }
  /// Reads the packets that are in all lanes.
  template <class Visit> void readLanes(Visit visit) {
    read.resize(made->sizes.lanes);
    PacketContent content;
    for (std::uint32_t i = 0; i < made->sizes.lanes; ++i) {
      const layout::Packet *const ring =
          lanes.data() + made->lane(i) / sizeof(layout::Packet);
      const std::uint32_t capacity = made->sizes.laneCapacity;
      for (; readPacket(ring + (read[i] & (capacity - 1)), content,
                        layout::ringMark(read[i], capacity));
           ++read[i])
        visit(i, content);
      auto *const counts =
          reinterpret_cast<LaneCounts *>(base() + made->laneCounts(i));
      __atomic_store_n(&counts->consumed, read[i], __ATOMIC_RELEASE);
    }
  }
  std::uint64_t consumed() {
    return __atomic_load_n(
        reinterpret_cast<std::uint64_t *>(base() + made->host.outboundConsumed),
        __ATOMIC_ACQUIRE);
  }

  std::unique_ptr<Layout> made;
  std::vector<layout::Packet> words; // aligned as packets are
  std::vector<layout::Packet> lanes;
  std::unique_ptr<HostLink> link;
  std::uint64_t tail = 0;
  std::vector<std::uint64_t> read; ///< packets read, by lane
};

TEST(HostLink, AnswersInlineAndByReference) {
  LinkMemory memory;
  HostLink &link = *memory.link;
  const auto small = link.replies().open({1, 0, 3, 8}, Clock::now() + 1h);
  const auto large = link.replies().open({1, 0, 0, 100}, Clock::now() + 1h);
  PacketContent content;
  content.header.message = 3;
  content.payload[0] = 11;
  content.payload[1] = 12;
  memory.answer(small, content);
  unsigned char bytes[100];
  for (int i = 0; i < 100; ++i)
    bytes[i] = static_cast<unsigned char>(i * 3);
  content.header.message = 0;
  memory.answer(large, content, bytes, sizeof(bytes));
  memory.answer(12345, content);
  EXPECT_TRUE(link.tryPump());
  EXPECT_FALSE(link.tryPump());
  EXPECT_EQ(memory.consumed(), 3u);
  std::uint32_t words[2];
  EXPECT_EQ(link.replies().take(small, words).status, rk::abi::StatusCode::Ok);
  EXPECT_EQ(words[0], 11u);
  EXPECT_EQ(words[1], 12u);
  unsigned char copy[100] = {};
  EXPECT_EQ(link.replies().take(large, copy).status, rk::abi::StatusCode::Ok);
  EXPECT_EQ(std::memcmp(copy, bytes, 100), 0);
  EXPECT_EQ(link.answers(), 2u);
  EXPECT_EQ(link.lateAnswers(), 1u);
}

TEST(HostLink, ManyLaps) {
  LinkMemory memory;
  HostLink &link = *memory.link;
  const std::uint32_t laps = 3 * memory.made->sizes.outboundCapacity + 5;
  for (std::uint32_t i = 0; i < laps; ++i) {
    const auto token = link.replies().open({1, 0, 3, 4}, Clock::now() + 1h);
    PacketContent content;
    content.header.message = 3;
    content.payload[0] = i;
    memory.answer(token, content);
    ASSERT_TRUE(link.tryPump());
    std::uint32_t word = 0;
    ASSERT_EQ(link.replies().take(token, &word).status,
              rk::abi::StatusCode::Ok);
    ASSERT_EQ(word, i);
  }
  EXPECT_EQ(memory.consumed(), laps);
}

TEST(HostLink, DetachedReadsNothingMore) {
  LinkMemory memory;
  HostLink &link = *memory.link;
  ASSERT_EQ(link.push(numbered(1, 1), {}), LaneWriter::Outcome::Written);
  link.closeLanes();
  link.detach();
  memory.answer(1, {});
  EXPECT_FALSE(link.tryPump());
  EXPECT_EQ(link.pushed(), 1u);
  EXPECT_EQ(link.left(), 1u);
}

TEST(HostLink, AnswersInSlotsAreCountedWithTheOthers) {
  LinkMemory memory;
  HostLink &link = *memory.link;
  const auto inTime = link.replies().open({1, 0, 3, 4}, Clock::now() + 1h);
  const auto late = link.replies().open({1, 0, 3, 4}, Clock::now() + 1h);
  memory.answerInSlot(inTime, 5);
  EXPECT_TRUE(link.replies().isDone(inTime));
  std::uint32_t word = 0;
  EXPECT_EQ(link.replies().take(inTime, &word).status, rk::abi::StatusCode::Ok);
  EXPECT_EQ(word, 5u);
  link.replies().giveUp(late);
  memory.answerInSlot(late, 6);
  EXPECT_FALSE(link.tryPump());
  link.replies().reclaim();
  EXPECT_EQ(link.answers(), 1u);
  EXPECT_EQ(link.lateAnswers(), 1u);
}

/// More threads than groups, which come and go: every packet arrives once, each
/// thread's to one receiver in order, and those of one receiver and one thread
/// by one lane.
TEST(HostLink, ThreadsComeAndGo) {
  constexpr std::uint32_t Rounds = 30, Threads = 5, Each = 60, Receivers = 3;
  SystemOptions options;
  options.lanes = 3;
  LinkMemory memory(options, 2);
  std::vector<std::uint32_t> next(Threads * Receivers);
  std::vector<std::set<std::uint32_t>> lanes(Threads * Receivers);
  std::uint64_t count = 0, wrong = 0;
  for (std::uint32_t round = 0; round < Rounds; ++round) {
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < Threads; ++t)
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 0; i < Each; ++i) {
          PacketContent content = numbered(i % Receivers, round * Each + i);
          content.header.generation = t;
          EXPECT_EQ(memory.link->push(content, {}),
                    LaneWriter::Outcome::Written);
        }
      });
    for (std::thread &thread : threads)
      thread.join();
    for (auto &set : lanes)
      set.clear();
    memory.readLanes([&](std::uint32_t lane, const PacketContent &content) {
      const std::uint32_t pair =
          content.header.generation * Receivers + content.header.slot;
      const std::uint32_t number = content.payload[0] / 8;
      wrong += number < next[pair];
      next[pair] = number + 1;
      lanes[pair].insert(lane);
      ++count;
    });
    for (const auto &set : lanes)
      EXPECT_EQ(set.size(), 1u);
  }
  EXPECT_EQ(count, Rounds * Threads * Each);
  EXPECT_EQ(memory.link->pushed(), count);
  EXPECT_EQ(memory.link->left(), 0u);
  EXPECT_EQ(wrong, 0u);
}

/// A thread that uses several links in turn keeps its lanes in each.
TEST(HostLink, SeveralLinksInTurn) {
  SystemOptions options;
  options.lanes = 2;
  LinkMemory first(options), second(options);
  const auto use = [&] {
    for (std::uint32_t i = 0; i < 200; ++i) {
      EXPECT_EQ(first.link->push(numbered(1, i), {}),
                LaneWriter::Outcome::Written);
      EXPECT_EQ(second.link->push(numbered(2, i), {}),
                LaneWriter::Outcome::Written);
    }
  };
  std::thread(use).join();
  for (LinkMemory *memory : {&first, &second}) {
    std::uint32_t next = 0;
    memory->readLanes([&](std::uint32_t lane, const PacketContent &content) {
      EXPECT_EQ(lane, 1u) << "the first thread owns the second group";
      EXPECT_EQ(content.payload[0], 8 * next++);
    });
    EXPECT_EQ(next, 200u);
  }
}

} // namespace
