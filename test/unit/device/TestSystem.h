//===- TestSystem.h - A device made of threads -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Lays out the memory of `rk/abi/Runtime.h` by hand, so that the device
/// library can be tested without compiler and host runtime. Handlers are
/// written in the test as a C++ function.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Runtime.h"
#include "rk/abi/Stepping.h"

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

extern "C" {
void rk_agent_run(const rk::abi::Launch *launch, uint32_t agent,
                  const rk::abi::Stepping *stepping);
uint32_t rk_send(void *context, uint64_t address, uint32_t message,
                 const void *bytes, uint32_t size, uint32_t wantsReply);
void rk_enqueue(void *context, uint64_t address, uint32_t message,
                const void *bytes, uint32_t size, uint32_t wantsReply,
                uint32_t tier = 0);
uint32_t rk_reply(void *context, uint64_t token, uint32_t message,
                  const void *bytes, uint32_t size);
uint64_t rk_spawn_n(void *context, uint32_t type, const void *state,
                    uint32_t size, uint32_t count, uint32_t *status);
uint64_t rk_spawn(void *context, uint32_t type, const void *state,
                  uint32_t size, uint32_t *status);
void rk_publish(void *context);
uint32_t rk_stop(void *context, uint64_t address);
uint64_t rk_self(void *context);
uint64_t rk_sender(void *context);
}

namespace rk::test {

struct TestSizes {
  uint32_t workers = 3;
  /// Inboxes and slots for resident actors; the rest is the test's.
  uint32_t places = 0;
  uint32_t poolSegments = 256;
  uint32_t maxActors = 4096;
  uint32_t stateBytes = 64;
  uint32_t messageBytes = 32;
  /// The largest size of messages 8 to 14; 0: as the others.
  uint32_t largeBytes = 0;
  uint32_t payloadBlocks = 64;
  uint32_t payloadBlockBytes = 1024;
  uint32_t blocksPerDesk = 0;
  uint32_t laneCapacity = 256;
  uint32_t outboundCapacity = 256;
  uint32_t replySlots = 0;
  abi::WhenFull whenFull = abi::WhenFull::Fail;
  uint64_t slowdownNs = 0;
  uint32_t shards = 16; ///< a power of two
  abi::BalanceMode balance = abi::BalanceMode::Off;
  /// Messages that a worker can hold back for shards on their way.
  uint32_t heldLimit = abi::MaxHeld;
};

/// A host token: a request's row, and the mark of its answer.
constexpr uint64_t replyToken(uint32_t row, uint32_t mark) {
  return row | uint64_t(mark) << abi::ReplyRowBits;
}
/// Messages 8 to 14 may be large; 15 has no handler.
inline constexpr uint32_t FirstLarge = 8;

/// What a test's handlers do: see `rk_dispatch`.
using Dispatch =
    std::function<uint32_t(uint32_t message, void *state, const void *bytes,
                           void *reply, void *context)>;
/// The handlers of the running test, and those of resident actors.
extern Dispatch dispatch, residentDispatch;
/// The sizes of its messages, by type.
extern uint32_t messageBytes[16];

/// One actor type, `message` types 0..15, one lane.
class TestSystem {
public:
  explicit TestSystem(const TestSizes &sizes);
  ~TestSystem() { stop(); }

  void start();
  /// Ends the run and joins the agents.
  void stop();

  /// Writes one packet to lane 0; waits for room. A spawn asks for `count`.
  void toDevice(const abi::PacketHeader &header, const void *bytes,
                uint32_t size, uint32_t count = 1);
  /// Reads the next packet from the device; false after `timeoutMs`.
  bool fromDevice(abi::PacketHeader &header, uint32_t (&payload)[8],
                  int timeoutMs = 20000);
  /// Reads the answer to `token` from its slot; false after `timeoutMs`.
  bool fromSlot(uint64_t token, abi::PacketHeader &header,
                uint32_t (&payload)[8], int timeoutMs = 20000) const;
  /// Whether nothing is in flight.
  bool isIdle() const;
  /// Waits until nothing is in flight; false after `timeoutMs` in which nothing
  /// was handled.
  bool waitIdle(int timeoutMs = 60000);

  /// Makes actors through the link; returns the first one's address bits, or 0.
  uint64_t spawn(const void *state, uint32_t *status = nullptr,
                 uint32_t count = 1);
  void send(uint64_t address, uint32_t message, const void *bytes,
            uint32_t size, uint64_t token = 0);

  uint64_t deadLetters(abi::DeadLetterReason reason) const;
  /// Segments and payload blocks that nobody holds.
  int64_t freeSegments() const;
  int64_t freePayload() const;
  /// Shards that have changed their worker.
  uint64_t moves() const;
  const unsigned char *stateOf(uint64_t address) const;

  abi::Launch launch{};
  abi::Control control{};

private:
  std::vector<uint64_t> handledTickets() const;
  template <class T> T *array(size_t count);
  void fillPool(abi::Pool &pool, uint64_t first, uint64_t count,
                uint64_t capacity);
  void layOutInboxes(const TestSizes &sizes);
  void layOutActors(const TestSizes &sizes);
  void layOutLink(const TestSizes &sizes);
  void layOutMoves(const TestSizes &sizes);

  TestSizes sizes;
  std::vector<std::unique_ptr<unsigned char[]>> memory;
  std::vector<std::thread> agents;
  abi::HostLane lane{};
  uint64_t lanePosition = 0;
  uint64_t outboundPosition = 0;
};

} // namespace rk::test
