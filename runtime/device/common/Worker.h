//===- Worker.h - A worker's turn ------------------------------------------*-
// C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes a batch of messages and runs their handlers: one message at a time
/// for each actor, in order; messages of different actors side by side in the
/// lanes. What the handlers sent goes out when they have returned, side by side
/// too.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Actors.h"
#include "common/Generated.h"

namespace rk::device {

class Worker {
public:
  Worker(const abi::Launch &launch, uint32_t index, Desk &desk)
      : receiver(launch.inboxes[index], index) {
    context.agent = makeAgent(launch, index, desk);
    progress.handledTicket = receiver.handledTicket();
  }

  /// Handles one batch; returns false if there was nothing to do.
  bool turn() {
    context.probes.start();
    const uint32_t count = receiver.receive(context.agent);
    if (count == 0) {
      if (receiver.handledTicket() != progress.handledTicket)
        publishTicket(); // the inbox was opened again
      return false;
    }
    context.probes.end(Step::Poll);
    beginTurn();
    handleBatch(count);
    receiver.advance(context.agent, count);
    endTurn(count);
    context.probes.end(Step::Report);
    context.probes.count(count);
    return true;
  }

  /// Ends the run.
  void finish() const {
    if (context.agent.lane == 0)
      context.probes.print(context.agent.index);
  }

private:
  using Agent = device::Agent;

  /// Says that handlers may be running: odd turns.
  void beginTurn() {
    ++progress.turns;
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&row().turns, progress.turns);
  }

  /// Reports what has been done.
  void endTurn(uint32_t count) {
    progress.handled += count;
    progress.sent += sumLanes(context.sent);
    context.sent = 0;
    ++progress.turns;
    publishTicket();
    if (context.agent.lane != 0)
      return;
    store<Order::Relaxed, Scope::Device>(&row().handled, progress.handled);
    store<Order::Relaxed, Scope::Device>(&row().sent, progress.sent);
    store<Order::Relaxed, Scope::Device>(&row().turns, progress.turns);
  }

  /// Ordering  relaxed: the tickets that the batch's handlers drew have
  ///           returned, so they are in the tails before this.
  void publishTicket() {
    progress.handledTicket = receiver.handledTicket();
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&row().handledTicket,
                                           progress.handledTicket);
  }

  abi::Progress &row() const {
    return context.agent.launch->progress[context.agent.index];
  }

  /// Runs rounds until every message of the batch is handled: an actor's
  /// earliest message runs in the first, its next in the second.
  void handleBatch(uint32_t count) {
    const uint32_t lane = context.agent.lane;
    Record &record = context.agent.desk->inbound[lane];
    const bool mine = lane < count;
    const uint32_t slot = mine ? record.header().slot : 0;
    const uint32_t same = equalLanes(*context.agent.desk, lane, mine, slot);
    const auto turnOfLane =
        uint32_t(__builtin_popcount(same & lanesBefore(lane)));
    context.probes.end(Step::Sort);
    const uint32_t before = same & lanesBefore(lane);
    // Mostly, all messages of a batch are for different actors.
    const bool severalRounds = ballot(before != 0) != 0;
    uint32_t pending = firstLanes(count);
    for (uint32_t round = 0; pending != 0; ++round) {
      const bool runs = mine && turnOfLane == round;
      if (severalRounds)
        context.earlier = ballot(context.waiting != 0) & before;
      runRound(record, runs);
      pending = severalRounds ? pending & ~ballot(runs) : 0;
      if (severalRounds)
        dropTaken();
      finishRound(pending == 0);
    }
  }

  /// Forgets records that lanes of the same actor have sent for others.
  void dropTaken() {
    if (ballot(context.taken != 0) == 0)
      return;
    const uint32_t taken = orLanes(context.taken);
    context.taken = 0;
    if (taken >> context.agent.lane & 1)
      context.waiting = 0;
  }

  /// Sends what the lanes have left, unless it can wait for the lanes of later
  /// rounds.
  void finishRound(bool isLast) {
    if (context.agent.launch->payloadBlockBytes != 0) {
      keepBlocks(context.agent, freed.has, freed.block);
      freed.has = false;
    }
    if (isLast ||
        ballot(context.waiting > 1 || replyTo == abi::SenderKind::Actor) != 0) {
      flushOutbox(context, replyTo);
      replyTo = abi::SenderKind::None;
    }
    // Orders what this round's handlers wrote before the next round, whose
    // messages may run the same actor on another lane.
    syncLanes();
  }

  /// Runs the messages of the lanes where `runs`.
  void runRound(Record &record, bool runs) {
    abi::PacketHeader header;
    abi::Slot row{};
    if (runs) {
      header = record.header();
      row = loadRow(context.agent.launch->slots[header.slot]);
    }
    const bool ready = runs && header.kind == abi::PacketKind::User &&
                       isRunning(row, header.generation);
    const uint32_t key = dispatchKey(row, header);
    context.probes.end(Step::Row);
    noteActivity(ready ? header.slot : 0, ready ? key + 1 : 0);
    bool wantsWarp = false;
    if (ready)
      wantsWarp = deliver(row, record, key);
    else if (runs)
      deliverRare(context.agent, record);
    context.probes.end(Step::Handler);
    if (rk_uses_warps())
      runWide(ballot(wantsWarp));
  }

  /// The whole row in one load.
  static abi::Slot loadRow(const abi::Slot &slot) {
    using Words = uint64_t __attribute__((vector_size(16), may_alias));
    const Words words = *reinterpret_cast<const Words *>(&slot);
    abi::Slot row;
    __builtin_memcpy(&row, &words, sizeof(row));
    return row;
  }

  /// Runs a handler, unless it wants all lanes: then returns true.
  bool deliver(const abi::Slot &row, Record &record, uint32_t key) {
    if (rk_uses_warps() && LaneCount > 1 && rk_handler_lanes(key) == LaneCount)
      return true;
    replyTo = runHandler(row, record, key, true);
    return false;
  }

  /// Everything but a message for an actor that runs.
  RK_OUT_OF_LINE static void deliverRare(Desk &desk, const Record &record) {
    const Agent agent = agentOf(desk);
    const abi::PacketHeader header = record.header();
    if (header.kind == abi::PacketKind::Create)
      return startActor(agent, record);
    const abi::Slot row = agent.launch->slots[header.slot];
    if (!isRunning(row, header.generation))
      return refuse(agent, row, record);
    stopActor(agent, header.slot);
    if (header.senderKind == abi::SenderKind::Host)
      answerHost(agent, header.sender, {});
  }

  /// Runs handlers that want all lanes, one after the other. Their messages go
  /// out before the next one runs.
  void runWide(uint32_t wide) {
    while (wide != 0) {
      const uint32_t leader = uint32_t(__builtin_ctz(wide));
      wide &= wide - 1;
      Record &shared = context.agent.desk->inbound[leader];
      const abi::PacketHeader header = shared.header();
      const abi::Slot row = context.agent.launch->slots[header.slot];
      const abi::SenderKind replyTo = runHandler(
          row, shared, dispatchKey(row, header), context.agent.lane == leader);
      flushOutbox(context, replyTo);
    }
  }

  static uint32_t dispatchKey(const abi::Slot &row,
                              const abi::PacketHeader &header) {
    return uint32_t(row.type) << abi::MessageBits | header.message;
  }

  /// Runs one handler in this lane; returns who gets what it left in the lane's
  /// reply record. `answers` is false in the lanes that only help: they neither
  /// reply nor free.
  abi::SenderKind runHandler(const abi::Slot &row, Record &record, uint32_t key,
                             bool answers) {
    // First in the function, so that it has a fixed place on the stack.
    void *reply = rk_reply_bytes() > abi::InlineBytes
                      ? __builtin_alloca_with_align(rk_reply_bytes(), 128)
                      : context.replyRecord().payload();
    const abi::PacketHeader header = record.header();
    const uint32_t block = payloadBlock(record);
    if (header.byReference)
      exposeBlock(record, block, answers);
    context.self = abi::Address::make(header.slot, row.generation,
                                      context.agent.launch->device)
                       .bits;
    context.sender = header.sender;
    context.senderKind = answers ? header.senderKind : abi::SenderKind::None;
    const uint32_t outcome =
        rk_dispatch(key, row.state, record.payload(), reply, &context);
    if (!answers)
      return abi::SenderKind::None;
    if (outcome == 0) [[unlikely]]
      refuseUnhandled(context.agent, record);
    if (header.byReference)
      freed = {true, block};
    if (outcome < 2 || header.senderKind == abi::SenderKind::None)
      return abi::SenderKind::None;
    return answer(header, outcome - 2, reply);
  }

  /// Puts the address of a by-reference payload where handlers look for it.
  ///
  /// Ordering  acquire, for the sender's fence before its packet.
  void exposeBlock(Record &record, uint32_t block, bool writes) {
    fence<Scope::Device>();
    const auto address =
        reinterpret_cast<uint64_t>(blockAt(*context.agent.launch, block));
    if (writes) {
      record.payload()[0] = uint32_t(address);
      record.payload()[1] = uint32_t(address >> 32);
    }
    if (rk_uses_warps())
      syncLanes();
  }

  /// Makes up the reply to whoever sent a message, in the lane's reply record;
  /// returns the sender's kind, or `None` if the reply is on its way. A reply
  /// never overtakes what the handler sent before.
  abi::SenderKind answer(const abi::PacketHeader &header, uint32_t message,
                         const void *reply) {
    const abi::Launch &launch = *context.agent.launch;
    const uint32_t size = launch.messageBytes[message];
    const bool toHost = header.senderKind == abi::SenderKind::Host;
    if (toHost && (size > abi::InlineBytes || !hasSlot(launch, header.sender)))
      return answerInRing(header.sender,
                          {.message = message, .bytes = reply, .size = size});
    Record &record = context.replyRecord();
    abi::PacketHeader out;
    if (toHost) {
      out.sender = header.sender;
      out.senderKind = abi::SenderKind::Host;
    } else {
      out = headerTo(abi::Address{header.sender});
    }
    out.message = message;
    out.byReference = size > abi::InlineBytes;
    record.setHeader(out);
    if (reply == record.payload() ||
        attach(context.agent, record, reply, size) == StatusCode::Ok)
      return header.senderKind;
    countDeadLetter(context.agent, abi::DeadLetterReason::MailboxFull);
    return abi::SenderKind::None;
  }

  abi::SenderKind answerInRing(uint64_t token, Answer answer) {
    drainOutbox(context);
    answerHost(context.agent, token, answer);
    return abi::SenderKind::None;
  }

  /// Tells the watchdog what this lane runs, or that it runs nothing. All lanes
  /// call it: together they store 256 bytes.
  void noteActivity(uint32_t slot, uint32_t handler) {
    store<Order::Relaxed, Scope::Device>(
        reinterpret_cast<uint64_t *>(
            &context.agent.report().activity[context.agent.lane]),
        uint64_t(slot) | uint64_t(handler) << 32);
  }

  static void refuse(Agent agent, const abi::Slot &row, const Record &record) {
    const abi::DeadLetterReason reason =
        mismatchReason(row, record.header().generation);
    deadLetter(agent, record, reason,
               reason == abi::DeadLetterReason::ActorStopped
                   ? StatusCode::ActorStopped
                   : StatusCode::InvalidAddress);
    if (record.header().byReference)
      freePayload(agent, record);
  }

  RK_OUT_OF_LINE static void refuseUnhandled(Desk &desk, const Record &record) {
    const Agent agent = agentOf(desk);
    deadLetter(agent, record, abi::DeadLetterReason::NoHandler,
               StatusCode::NoHandler);
  }

  /// A block whose message this lane has handled.
  struct Freed {
    bool has = false;
    uint32_t block = 0;
  };

  Context context{};
  /// Who gets what waits in the lane's reply record.
  abi::SenderKind replyTo = abi::SenderKind::None;
  Freed freed;
  Receiver receiver;
  abi::Progress progress{};
};

} // namespace rk::device
