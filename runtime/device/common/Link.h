//===- Link.h - Between the host's rings and the inboxes ----------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The link agents: one for each host lane, one for replies that found no
/// room. They alone read host memory, since reading it from every worker would
/// slow all of them.
///
/// None of them waits: what cannot be placed now stays in registers for the
/// next turn, so that one agent can serve several ends (as on the CPU).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Actors.h"

namespace rk::device {

inline Agent makeAgent(const abi::Launch &launch, uint32_t index) {
  Agent agent{};
  agent.launch = &launch;
  agent.index = index;
  agent.lane = laneId();
  return agent;
}

/// Copies `bytes` bytes from host memory, whose packet has been seen.
///
/// Ordering  system-scope loads after an acquire fence: the host wrote the
///           staging area before the packet's marks.
inline void copyFromHost(unsigned char *to, const unsigned char *from,
                         uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i += 4) {
    const uint32_t word = load<Order::Relaxed, Scope::System>(
        reinterpret_cast<const uint32_t *>(from + i));
    __builtin_memcpy(to + i, &word, 4);
  }
}

/// Serves one lane of packets from the host.
class InboundLink {
public:
  InboundLink(const abi::Launch &launch, uint32_t laneIndex, uint32_t agentRow)
      : agent(makeAgent(launch, agentRow)), hostLane(launch.lanes[laneIndex]) {}

  /// Forwards what the host has written; returns false if there was nothing.
  bool turn() {
    if (pending == 0 && !readBatch())
      return false;
    forwardSpawns();
    forwardMessages();
    publishCounts(agent, 0);
    if (pending == 0)
      finishBatch();
    return true;
  }

private:
  /// Idle, it reads one packet at a time: every read crosses the bus.
  bool readBatch() {
    const uint64_t at = position + agent.lane;
    const uint32_t index = uint32_t(at) & (hostLane.capacity - 1);
    const bool present =
        (busy || agent.lane == 0) &&
        readPacket<Scope::System>(hostLane.ring + index, message,
                                  abi::ringMark(at, hostLane.capacity));
    count = leadingLanes(present);
    busy = count != 0;
    pending = count == 32 ? ~0u : (1u << count) - 1;
    prepared = false;
    return busy;
  }

  bool isPending() const { return pending >> agent.lane & 1; }

  const unsigned char *staged() const {
    const uint64_t index = (position + agent.lane) & (hostLane.capacity - 1);
    return hostLane.staging + index * hostLane.stagingStride;
  }

  /// Makes the actors that the host asked for, and answers with address and
  /// status.
  void forwardSpawns() {
    const bool spawns =
        isPending() && message.header.kind == abi::PacketKind::Spawn;
    if (spawns)
      spawnForHost();
    pending &= ~ballot(spawns);
  }

  RK_OUT_OF_LINE void spawnForHost() {
    const uint32_t type = message.header.message;
    Allocation made = allocateActor(agent, type);
    if (made.status == StatusCode::Ok) {
      fence<Scope::System>();
      const uint32_t bytes = agent.launch->actorTypes[type].stateBytes;
      copyFromHost(made.state, staged(), (bytes + 3) & ~3u);
      made.status = announceActor(agent, type, made);
    }
    const uint64_t address =
        made.status == StatusCode::Ok
            ? abi::Address::make(made.slot, made.generation,
                                 agent.launch->device)
                  .bits
            : 0;
    answerHost(agent, message.header.sender, made.status, abi::NoMessage,
               &address, sizeof(address));
  }

  /// Puts the pending messages into their inboxes. A lane that finds no block
  /// or no room stays pending with all lanes behind it, so order holds.
  void forwardMessages() {
    const bool wantsBlock = message.header.byReference && !prepared;
    if (isPending() && wantsBlock)
      prepared = fetchPayload();
    const uint32_t blocked =
        ballot(isPending() && message.header.byReference && !prepared);
    const uint32_t allowed = blocked == 0 ? ~0u : (blocked & -blocked) - 1;
    const bool sends = isPending() && (allowed >> agent.lane & 1);
    const bool placed = sendInOrder(sends);
    pending &= ~ballot(placed);
  }

  /// Brings a large message from the staging area into a block of the pool.
  RK_OUT_OF_LINE bool fetchPayload() {
    const abi::Launch &launch = *agent.launch;
    const uint64_t block = take(agent, *launch.freePayload);
    if (block == NoHandle)
      return false;
    fence<Scope::System>();
    copyFromHost(blockAt(launch, uint32_t(block)), staged(),
                 (payloadBytes(message) + 3) & ~3u);
    message.payload[0] = uint32_t(block);
    // For the receiver, who fences after it has seen the packet.
    fence<Scope::Device>();
    return true;
  }

  /// Sends in every lane where `sends`; the lanes that send to one inbox get
  /// tickets in lane order from one addition. Returns false where there was no
  /// room: behind such a lane no other of its inbox got in, since tickets
  /// behind a void one are void too.
  bool sendInOrder(bool sends) {
    const abi::Launch &launch = *agent.launch;
    // The host checks addresses; this guards the table against a bad one.
    const bool known = message.header.slot < launch.maxActors;
    if (sends && !known)
      deadLetter(agent, message, abi::DeadLetterReason::NeverIssued,
                 StatusCode::InvalidAddress);
    const uint32_t worker =
        launch.shardWorkers[message.header.slot & launch.shardMask];
    // Lanes that send nothing share a value, as a match takes time for each
    // different one; what it says of them is not used.
    const uint32_t same =
        count == 1 ? 1 : matchLanes(sends && known ? worker : ~0u);
    const uint32_t leader = uint32_t(__builtin_ctz(same));
    abi::Inbox &inbox = launch.inboxes[worker];
    uint64_t first = 0;
    const DirectoryEntry recent = recentEntry(inbox);
    if (sends && known && leader == agent.lane)
      first = fetchAdd<Order::Relaxed, Scope::Device>(
          &inbox.tail, uint64_t(__builtin_popcount(same)));
    const uint64_t low = shuffle(uint32_t(first), leader);
    const uint64_t high = shuffle(uint32_t(first >> 32), leader);
    const uint32_t rank =
        uint32_t(__builtin_popcount(same & ((1u << agent.lane) - 1)));
    if (!sends)
      return false;
    return !known ||
           place(agent, inbox, (high << 32 | low) + rank, recent, message);
  }

  void finishBatch() {
    position += count;
    if (agent.lane == 0)
      // Relaxed: the reads of packets and staging have returned the values
      // that were sent on, so the host's next writes cannot reach them. (A
      // release at system scope takes microseconds.)
      store<Order::Relaxed, Scope::System>(hostLane.consumed, position);
  }

  Agent agent;
  const abi::HostLane hostLane;
  uint64_t position = 0;
  Message message{};
  uint32_t count = 0;
  uint32_t pending = 0;
  bool prepared = false;
  bool busy = false;
};

/// Serves replies that found no room in the ring.
class OutboundLink {
public:
  OutboundLink(const abi::Launch &launch, uint32_t agentRow)
      : agent(makeAgent(launch, agentRow)), receiver(outboundInbox(launch)) {}

  bool turn() {
    collect();
    if (pending == 0) {
      count = receiver.receive(agent, message);
      if (count == 0)
        return false;
      pending = count == 32 ? ~0u : (1u << count) - 1;
    }
    const bool placed = (pending >> agent.lane & 1) && forward();
    pending &= ~ballot(placed);
    if (pending == 0) {
      receiver.advance(agent, count);
      publishCounts(agent, count);
    }
    return true;
  }

private:
  /// Reads the host's progress when half the ring is out.
  void collect() {
    const abi::OutboundState &state = *agent.launch->outboundState;
    const auto credits = int64_t(load<Order::Relaxed, Scope::Device>(
        reinterpret_cast<const uint64_t *>(&state.credits)));
    if (agent.lane == 0 && credits < agent.launch->outbound.capacity / 2)
      collectCredits(*agent.launch);
    syncLanes();
  }

  bool forward() {
    const unsigned char *large = nullptr;
    if (message.header.byReference) {
      // Acquire, for the fence of the agent that wrote the block.
      fence<Scope::Device>();
      large = blockAt(*agent.launch, payloadBlock(message));
    }
    if (!tryPutOutbound(agent, message, large))
      return false;
    if (message.header.byReference)
      freePayload(agent, message);
    return true;
  }

  Agent agent;
  Receiver receiver;
  Message message{};
  uint32_t count = 0;
  uint32_t pending = 0;
};

/// Passes the host's request to stop on to all agents. One agent calls it.
///
/// Ordering  relaxed: the request carries no data. An acquire here would empty
///           the L1 cache with every look.
inline void followRequest(const abi::Launch &launch) {
  if (laneId() == 0 &&
      load<Order::Relaxed, Scope::System>(&launch.control->request) ==
          uint32_t(abi::Phase::Stopping))
    store<Order::Relaxed, Scope::Device>(launch.phase,
                                         uint32_t(abi::Phase::Stopping));
}

/// Counts an agent in; the last one tells the host that the run has begun.
inline void beginAgent(const abi::Launch &launch, uint32_t agents) {
  if (laneId() != 0)
    return;
  const uint32_t before =
      fetchAdd<Order::Release, Scope::Device>(launch.agentsBegun, uint32_t(1));
  if (before + 1 == agents)
    store<Order::Release, Scope::System>(&launch.control->phase,
                                         uint32_t(abi::Phase::Running));
}
inline void endAgent(const abi::Launch &launch) {
  if (laneId() == 0)
    fetchAdd<Order::Release, Scope::Device>(launch.agentsEnded, uint32_t(1));
}

} // namespace rk::device
