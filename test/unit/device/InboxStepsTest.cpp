//===- InboxStepsTest.cpp - An inbox, one step after the other ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Plays interleavings of senders and receiver that threads hardly ever meet,
/// in one thread.
///
//===----------------------------------------------------------------------===//

#include "TestSystem.h"

#include "common/Overflow.h"

#include <gtest/gtest.h>

using namespace rk::abi;
using namespace rk::test;
namespace device = rk::device;

namespace {

constexpr uint32_t Sink = 1;

/// Inbox 1 of a system whose agents do not run, and a pool without segments.
class Steps : public testing::Test {
protected:
  static TestSizes tiny() {
    TestSizes sizes;
    sizes.poolSegments = 0;
    sizes.whenFull = WhenFull::DropOldest;
    return sizes;
  }

  device::PacketPlace locate(const device::Reservation &made, uint32_t i) {
    return device::locate(agent, Sink, made.first + i, made.recent[0],
                          made.recent[1]);
  }
  /// Fills numbers 1 to 4; number 5 is then closed.
  void fillHome() {
    const device::Record record{};
    for (uint32_t i = 0; i < HomeSegments * SegmentPackets; ++i)
      ASSERT_TRUE(device::put(desk, Sink, &record));
  }
  /// Receives what is there; returns how much that was.
  uint32_t drain(device::Receiver &receiver) {
    uint32_t count = 0;
    while (const uint32_t more = receiver.receive(agent)) {
      receiver.advance(agent, more);
      count += more;
    }
    return count;
  }

  TestSystem system{tiny()};
  device::Desk desk;
  const device::Agent agent = device::makeAgent(system.launch, 0, desk);
  Inbox &inbox = system.launch.inboxes[Sink];
};

/// Tickets are drawn in a closed number and the one behind it, before anybody
/// has marked the inbox as closed.
TEST_F(Steps, ARowThatEndsBehindAClosedNumberIsVoidAtOnce) {
  fillHome();
  const device::Reservation row = device::reserve(inbox, SegmentPackets + 1);
  ASSERT_EQ(row.first, 5u * SegmentPackets);
  EXPECT_EQ(locate(row, 0).packet, nullptr);
  // Nobody would ever open number 6.
  EXPECT_EQ(locate(row, SegmentPackets).packet, nullptr);
  EXPECT_EQ(system.control.fault.status, 0u);
}

/// A sender draws a ticket of a number that turns out to be closed, and looks
/// for its place when the receiver has opened the inbox again.
TEST_F(Steps, AVoidTicketStaysVoidWhenTheInboxIsOpenedAgain) {
  device::Receiver receiver(inbox, Sink);
  fillHome();
  const device::Reservation row = device::reserve(inbox, 8);
  EXPECT_EQ(locate(row, 0).packet, nullptr);
  EXPECT_TRUE(inbox.tail & InboxClosed);
  EXPECT_EQ(drain(receiver), HomeSegments * SegmentPackets);
  EXPECT_EQ(inbox.tail, 6u * SegmentPackets);
  EXPECT_EQ(receiver.handledTicket(), inbox.tail);
  EXPECT_EQ(locate(row, 3).packet, nullptr);
  // Who comes now is received.
  const device::Record record{};
  EXPECT_TRUE(device::put(desk, Sink, &record));
  EXPECT_EQ(drain(receiver), 1u);
  EXPECT_EQ(system.control.fault.status, 0u);
}

/// A sender that was slow to close the inbox does not close it once it is open
/// again.
TEST_F(Steps, ClosingComesTooLate) {
  device::Receiver receiver(inbox, Sink);
  fillHome();
  const device::Reservation row = device::reserve(inbox, 1);
  EXPECT_EQ(drain(receiver), HomeSegments * SegmentPackets);
  ASSERT_EQ(inbox.tail, 6u * SegmentPackets);
  EXPECT_EQ(locate(row, 0).packet, nullptr);
  EXPECT_FALSE(inbox.tail & InboxClosed);
  const device::Record record{};
  EXPECT_TRUE(device::put(desk, Sink, &record));
  EXPECT_EQ(drain(receiver), 1u);
}

/// A sender finds the inbox full, and sees to its message when the receiver has
/// opened it again: nothing may be kept then, since nobody would look.
TEST_F(Steps, AMessageThatIsSettledTooLateGoesIntoTheOpenInbox) {
  device::Receiver receiver(inbox, Sink);
  fillHome();
  device::Record record{};
  PacketHeader header;
  header.slot = Sink;
  header.generation = 1;
  record.setHeader(header);
  EXPECT_FALSE(device::put(desk, Sink, &record));
  EXPECT_EQ(drain(receiver), HomeSegments * SegmentPackets);
  const device::Posted posted = device::settle(desk, record);
  EXPECT_EQ(posted.status, StatusCode::Ok);
  EXPECT_EQ(posted.packets, 1u);
  EXPECT_EQ(drain(receiver), 1u);
  EXPECT_EQ(system.launch.kept[Sink].count, 0u);
}

/// Of three that find the inbox full the last is received, before what comes
/// when it is open again.
TEST_F(Steps, TheNewestIsKeptAndComesFirst) {
  device::Receiver receiver(inbox, Sink);
  fillHome();
  device::Record record{};
  PacketHeader header;
  header.slot = Sink;
  header.generation = 1;
  for (header.message = 1; header.message <= 3; ++header.message) {
    record.setHeader(header);
    EXPECT_FALSE(device::put(desk, Sink, &record));
    EXPECT_EQ(device::settle(desk, record).packets, header.message == 1);
  }
  EXPECT_EQ(system.deadLetters(DeadLetterReason::DroppedOldest), 2u);
  for (uint32_t i = 0; i < HomeSegments * SegmentPackets; ++i) {
    ASSERT_EQ(receiver.receive(agent), 1u);
    receiver.advance(agent, 1);
  }
  EXPECT_EQ(receiver.receive(agent), 1u); // opens the inbox again
  EXPECT_EQ(desk.inbound[0].header().message, 3u);
  header.message = 4;
  record.setHeader(header);
  EXPECT_TRUE(device::put(desk, Sink, &record));
  receiver.advance(agent, 1);
  EXPECT_EQ(receiver.receive(agent), 1u);
  EXPECT_EQ(desk.inbound[0].header().message, 4u);
}

/// The desk says who is behind as soon as something finds no room.
TEST_F(Steps, ANoteIsLeftForAReceiverWhoseInboxIsFull) {
  const device::Record record{};
  for (uint32_t i = 0; i < HomeSegments * SegmentPackets; ++i) {
    device::put(desk, Sink, &record);
    ASSERT_EQ(desk.behind, 0u);
  }
  EXPECT_FALSE(device::put(desk, Sink, &record));
  EXPECT_EQ(desk.behind, Sink + 1);
}

/// Or goes into a segment that was far ahead of the receiver when it was
/// opened.
TEST(StepsWithAPool, ANoteIsLeftForAReceiverThatIsFarBehind) {
  TestSystem system({});
  device::Desk desk;
  const device::Agent agent = device::makeAgent(system.launch, 0, desk);
  device::Receiver receiver(system.launch.inboxes[Sink], Sink);
  const device::Record record{};
  // Number 1 is read; number 13 is the first that is far.
  for (uint32_t i = 0; i < FarSegments * SegmentPackets; ++i) {
    ASSERT_TRUE(device::put(desk, Sink, &record));
    ASSERT_EQ(desk.behind, 0u) << i;
  }
  ASSERT_TRUE(device::put(desk, Sink, &record));
  EXPECT_EQ(desk.behind, Sink + 1);
  // They are received as others are.
  uint32_t count = 0;
  while (const uint32_t more = receiver.receive(agent)) {
    receiver.advance(agent, more);
    count += more;
  }
  EXPECT_EQ(count, FarSegments * SegmentPackets + 1);
}

} // namespace
