//===- Calls.cpp - What handlers call ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of `rk/abi/DeviceCalls.def` that messaging operations of the
/// dialect are lowered to. All may be called in divergent code.
///
//===----------------------------------------------------------------------===//

#include "common/Actors.h"
#include "common/Copies.h"
#include "common/ShortWay.h"

#include "rk/abi/Placement.h"

using namespace rk::device;
namespace abi = rk::abi;

namespace {

/// A reply token: `PacketHeader::sender`, with the kind in the top bits.
constexpr uint32_t TokenKindShift = 62;
constexpr uint64_t TokenMask = (uint64_t(1) << abi::TokenBits) - 1;

uint64_t makeToken(abi::SenderKind kind, uint64_t sender) {
  return kind == abi::SenderKind::None
             ? 0
             : uint64_t(kind) << TokenKindShift | sender;
}

/// What the call of a handler asks to be sent.
struct Parcel {
  abi::Address to;
  uint32_t message;
  const void *bytes;
  uint32_t size;
  bool wantsReply;
  uint64_t replyTo; ///< sender bits of the actor that wants the reply
};

/// Fills a record.
inline StatusCode compose(Agent agent, Record &record, const Parcel &parcel) {
  abi::PacketHeader header = headerTo(parcel.to);
  header.message = parcel.message;
  header.byReference = parcel.size > abi::InlineBytes;
  if (parcel.wantsReply) {
    header.senderKind = abi::SenderKind::Actor;
    header.sender = parcel.replyTo;
  }
  record.setHeader(header);
  return attach(agent, record, parcel.bytes, parcel.size);
}

RK_OUT_OF_LINE uint32_t postSpare(Desk &desk, Record &record) {
  return post(agentOf(desk), record).packets;
}

/// Sends from a handler that one lane of the resident kernel runs, if the
/// receiver is resident too. Nothing waits for the handler's end, and all that
/// it sends there goes this way or by `post`, so its messages stay in order.
/// `isOwn`: a receiver with a place is of this block.
inline bool sendShort(Context &context, const Parcel &parcel, bool isOwn) {
  const abi::Launch &launch = *context.agent.launch;
  const uint32_t slot = parcel.to.slot();
  const bool isLarge = parcel.size > abi::InlineBytes;
  if (isLarge && !isResident(launch, slot))
    return false; // or the payload would be taken in vain
  Record record{};
  if (compose(context.agent, record, parcel) != StatusCode::Ok) {
    countDeadLetter(context.agent, abi::DeadLetterReason::MailboxFull);
    return true;
  }
  if (putAtOnce(context, slot, record, isOwn)) [[likely]]
    return true;
  if (!isResident(launch, slot))
    return false;
  *context.spare = record; // so that it need have no address itself
  context.sent += postSpare(context.agent, *context.spare);
  context.outlet = context.agent.desk->outlet;
  return true;
}

RK_OUT_OF_LINE Posted sendNow(Desk &desk, Parcel parcel) {
  const Agent agent = agentOf(desk);
  if (!isPossible(agent, parcel.to))
    return {StatusCode::InvalidAddress, 0};
  Record record{};
  const StatusCode status = compose(agent, record, parcel);
  if (status == StatusCode::Ok)
    return post(agent, record);
  countDeadLetter(agent, abi::DeadLetterReason::MailboxFull);
  return {status, 0};
}

/// Leaves a message to go when the handler has returned.
inline void leaveWaiting(Context &context, const Parcel &parcel) {
  if (!isPossible(context.agent, parcel.to))
    return;
  Record &record = nextRecord(context);
  if (compose(context.agent, record, parcel) == StatusCode::Ok)
    ++context.waiting;
  else
    countDeadLetter(context.agent, abi::DeadLetterReason::MailboxFull);
}

/// Sends at once, behind what waits.
inline uint32_t sendBehind(Context &context, const Parcel &parcel) {
  drainOutbox(context);
  const Posted posted = sendNow(context.agent, parcel);
  context.sent += posted.packets;
  return uint32_t(posted.status);
}

/// Answers the host later than by a handler's return. A token may be used twice
/// by mistake; the second use must not reach the request that has its row now.
RK_OUT_OF_LINE StatusCode answerHostLater(Desk &desk, uint64_t token,
                                          Answer answer) {
  const Agent agent = agentOf(desk);
  if (hasSlot(*agent.launch, token) && !claimAnswer(*agent.launch, token)) {
    countDeadLetter(agent, abi::DeadLetterReason::AnsweredBefore);
    return StatusCode::InvalidArgument;
  }
  return answerHost(agent, token, answer);
}

RK_OUT_OF_LINE StatusCode stopNow(Desk &desk, abi::Address to) {
  const Agent agent = agentOf(desk);
  if (!isPossible(agent, to))
    return StatusCode::InvalidAddress;
  abi::PacketHeader header = headerTo(to);
  header.kind = abi::PacketKind::Stop;
  Record record{};
  record.setHeader(header);
  return post(agent, record).status;
}

struct Spawned {
  uint64_t address;
  StatusCode status;
};

/// What making an actor needs of the launch. It is read before anything is
/// taken: behind an atomic access all would be read anew, one field behind the
/// other.
struct Nursery {
  explicit Nursery(Agent agent, uint32_t actorType)
      : type(&agent.launch->actorTypes[actorType]), slots(agent.launch->slots),
        report(&agent.report()), device(agent.launch->device),
        stride(type->stateStride), typeIndex(actorType) {}

  /// Makes `count` actors of one state in slots that follow each other, or
  /// none.
  ///
  /// Ordering  the caller fences between state, row and count, and whatever
  ///           tells others of the actors.
  Spawned fill(const Allocation &made, const void *state, uint32_t size,
               uint32_t count) const {
    if (made.status != StatusCode::Ok) {
      countRefused(*report);
      return {0, made.status};
    }
    copyState(made.state, state, size);
    if (count != 1)
      repeatState(made.state, stride, size, count);
    writeRows(slots, typeIndex, stride, made, count, 0, 1);
    add<Order::Relaxed, Scope::Device>(&report->spawned, uint64_t(count));
    return {abi::Address::make(made.slot, made.generation, device).bits,
            StatusCode::Ok};
  }

  const abi::ActorType *type;
  abi::Slot *slots;
  abi::WorkerReport *report;
  uint32_t device, stride, typeIndex;
};

RK_OUT_OF_LINE Spawned spawnOne(Desk &desk, uint32_t actorType,
                                const void *state, uint32_t size) {
  const Agent agent = agentOf(desk);
  const Nursery nursery(agent, actorType);
  return nursery.fill(allocateActors(agent, *nursery.type, 1), state, size, 1);
}
RK_OUT_OF_LINE Spawned spawnMany(Desk &desk, uint32_t actorType,
                                 const void *state, uint32_t size,
                                 uint32_t count) {
  const Agent agent = agentOf(desk);
  const Nursery nursery(agent, actorType);
  return nursery.fill(allocateActors(agent, *nursery.type, count), state, size,
                      count);
}
RK_OUT_OF_LINE Spawned spawnAt(Desk &desk, uint32_t actorType,
                               const void *state, uint32_t size,
                               abi::PlacementKind placement,
                               uint64_t neighbour) {
  const Agent agent = agentOf(desk);
  const Nursery nursery(agent, actorType);
  return nursery.fill(allocateAt(agent, actorType, placement, neighbour), state,
                      size, 1);
}

/// Tells a handler of what it has made.
inline uint64_t giveSpawned(Context &lane, const Spawned &made,
                            uint32_t *status) {
  *status = uint32_t(made.status);
  noteMade(lane);
  return made.address;
}

} // namespace

// All of these are inlined into handlers, and call what is long with values:
// see `Context`.
#if defined(__clang__)
#define RK_CALL [[gnu::always_inline]]
#else
// As in the unit tests: no handler is linked with it as bitcode, and g++ warns.
#define RK_CALL
#endif

extern "C" {

RK_CALL uint32_t rk_send(void *context, uint64_t address, uint32_t messageType,
                         const void *bytes, uint32_t size,
                         uint32_t wantsReply) {
  Context &lane = *static_cast<Context *>(context);
  return sendBehind(lane, {abi::Address{address}, messageType, bytes, size,
                           wantsReply != 0, lane.self & TokenMask});
}

RK_CALL void rk_enqueue(void *context, uint64_t address, uint32_t messageType,
                        const void *bytes, uint32_t size, uint32_t wantsReply,
                        uint32_t tier) {
  Context &lane = *static_cast<Context *>(context);
  const Parcel parcel{{address}, messageType,     bytes,
                      size,      wantsReply != 0, lane.self & TokenMask};
  const auto known = abi::Tier(tier);
  if (known != abi::Tier::Inbox && lane.sendsAtOnce &&
      sendShort(lane, parcel, known == abi::Tier::Block))
    return;
  leaveWaiting(lane, parcel);
}

RK_CALL uint32_t rk_reply(void *context, uint64_t token, uint32_t messageType,
                          const void *bytes, uint32_t size) {
  Context &lane = *static_cast<Context *>(context);
  const uint64_t sender = token & TokenMask;
  const auto kind = abi::SenderKind(token >> TokenKindShift);
  if (kind == abi::SenderKind::Actor)
    return sendBehind(
        lane, {abi::Address{sender}, messageType, bytes, size, false, 0});
  if (kind != abi::SenderKind::Host)
    return uint32_t(StatusCode::InvalidArgument);
  drainOutbox(lane);
  return uint32_t(
      answerHostLater(lane.agent, sender,
                      {.message = messageType, .bytes = bytes, .size = size}));
}

RK_CALL uint64_t rk_spawn(void *context, uint32_t actorType, const void *state,
                          uint32_t size, uint32_t *status) {
  Context &lane = *static_cast<Context *>(context);
  return giveSpawned(lane, spawnOne(lane.agent, actorType, state, size),
                     status);
}

RK_CALL uint64_t rk_spawn_at(void *context, uint32_t actorType,
                             const void *state, uint32_t size,
                             uint32_t placement, uint64_t neighbour,
                             uint32_t *status) {
  Context &lane = *static_cast<Context *>(context);
  const Spawned made = rk_has_residents()
                           ? spawnAt(lane.agent, actorType, state, size,
                                     abi::PlacementKind(placement), neighbour)
                           : Spawned{0, StatusCode::InvalidArgument};
  return giveSpawned(lane, made, status);
}

RK_CALL uint64_t rk_spawn_n(void *context, uint32_t actorType,
                            const void *state, uint32_t size, uint32_t count,
                            uint32_t *status) {
  Context &lane = *static_cast<Context *>(context);
  const Spawned made =
      count == 0 ? Spawned{0, StatusCode::Ok}
                 : spawnMany(lane.agent, actorType, state, size, count);
  return giveSpawned(lane, made, status);
}

RK_CALL void rk_publish(void *context) {
  publishMade(*static_cast<Context *>(context));
}

RK_CALL uint32_t rk_stop(void *context, uint64_t address) {
  Context &lane = *static_cast<Context *>(context);
  drainOutbox(lane);
  const StatusCode status = stopNow(lane.agent, abi::Address{address});
  lane.sent += status == StatusCode::Ok;
  return uint32_t(status);
}

RK_CALL uint64_t rk_self(void *context) {
  return static_cast<Context *>(context)->self;
}

RK_CALL uint64_t rk_sender(void *context) {
  const Context &lane = *static_cast<Context *>(context);
  const uint32_t words[abi::HeaderWords] = {0, 0, lane.senderWords[0],
                                            lane.senderWords[1]};
  const abi::PacketHeader header = abi::PacketHeader::unpack(words);
  return makeToken(header.senderKind, header.sender);
}

} // extern "C"
