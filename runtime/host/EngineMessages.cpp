//===- EngineMessages.cpp - Messages, requests and their ends -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Engine.h"
#include "Teams.h"

#include "rk/abi/Address.h"

#include <cstdio>
#include <cstring>

#include <sched.h>

namespace rk::runtime {

namespace {

/// How long a waiting host thread polls before it lets its processor go.
constexpr auto PollFor = std::chrono::microseconds(100);
constexpr std::uint32_t YieldRounds = 64;
/// How long it then sleeps between two looks at the ring: this part of the time
/// that it has waited, so that it comes late by no larger part. (The kernel
/// adds some 55 us to each.)
constexpr auto NapPart = 8;
constexpr auto NapLeast = std::chrono::microseconds(50);
constexpr auto NapMost = std::chrono::microseconds(500);

void pauseProcessor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

inline PacketContent packetFor(abi::PacketKind kind, std::uint64_t address,
                               std::uint32_t message, Bytes bytes,
                               Bytes &staged) {
  PacketContent content;
  content.header.kind = kind;
  content.header.slot = abi::Address{address}.slot();
  content.header.generation = abi::Address{address}.generation();
  content.header.message = message;
  if (bytes.size > abi::InlineBytes || kind == abi::PacketKind::Spawn) {
    content.header.byReference = kind != abi::PacketKind::Spawn;
    content.payload[1] = bytes.size;
    staged = bytes;
  } else if (bytes.size != 0) {
    std::memcpy(content.payload, bytes.data, bytes.size);
  }
  return content;
}

Status noRoom(std::chrono::nanoseconds patience) {
  const auto waited = patience.count() / 1'000'000;
  return Status(StatusCode::MailboxFull,
                "no room towards the device" +
                    (waited > 0 ? " for " + std::to_string(waited) + " ms"
                                : std::string()) +
                    "; a receiver's mailbox may be full");
}

} // namespace

Status Engine::pushBounded(const PacketContent &content, Bytes staged,
                           std::chrono::nanoseconds patience) {
  if (schedule_) [[unlikely]]
    letAgentsGoFirst();
  const LaneWriter::Outcome outcome = link_->push(content, staged);
  if (outcome == LaneWriter::Outcome::Written) [[likely]]
    return {};
  return pushSlowly(outcome, content, staged, patience);
}

/// Apart, so that the usual way of a message has registers enough.
[[gnu::noinline]] bool Engine::pushWords(abi::Address to, std::uint32_t message,
                                         detail::PayloadHalf low,
                                         detail::PayloadHalf high) {
  return link_->push(to.slot(), packetOf(to, message, low, high)) ==
         LaneWriter::Outcome::Written;
}

Status Engine::send(abi::PacketKind kind, std::uint64_t address,
                    std::uint32_t message, Bytes bytes,
                    std::chrono::nanoseconds patience) {
  if (abi::Address{address}.isNull()) [[unlikely]] {
    releaseUnsent(message, bytes.data);
    return Status(StatusCode::InvalidAddress, "the reference is null");
  }
  Bytes staged;
  Status status =
      pushBounded(packetFor(kind, address, message, bytes, staged), staged,
                  patience.count() < 0 ? options_.sendTimeout : patience);
  if (!status.isOk()) [[unlikely]]
    releaseUnsent(message, bytes.data);
  return status;
}

Status Engine::ask(const Question &question, Bytes bytes,
                   std::chrono::nanoseconds deadline, std::uint64_t &token) {
  if (abi::Address{question.address}.isNull()) {
    releaseUnsent(question.type, bytes.data);
    return Status(StatusCode::InvalidAddress, "the reference is null");
  }
  const auto limit = after(deadline);
  token = link_->replies().open(question, limit);
  if (token == 0)
    return Status(StatusCode::MailboxFull,
                  "16777216 requests wait for their replies");
  Bytes staged;
  PacketContent content = packetFor(abi::PacketKind::User, question.address,
                                    question.type, bytes, staged);
  content.header.sender = token;
  content.header.senderKind = abi::SenderKind::Host;
  Status status = pushBounded(content, staged, options_.sendTimeout);
  if (!status.isOk()) {
    link_->replies().cancel(token);
    releaseUnsent(question.type, bytes.data);
  }
  return status;
}

/// What can be told here; whether the neighbour lives, the device finds out.
Status Engine::checkPlacement(std::uint32_t actorType,
                              Placement placement) const {
  using Kind = abi::PlacementKind;
  if (placement.kind() == Kind::Automatic)
    return {};
  const auto refuse = [&](const char *reason) {
    return Status(StatusCode::InvalidArgument,
                  std::string(module_->view.actors[actorType].name) + reason);
  };
  switch (residentLanes(module_->view, actorType)) {
  case abi::Lanes::One:
    return refuse(" is not resident and has no place: use spawn, or write "
                  "'class [[rk::actor, rk::resident]]'");
  case abi::Lanes::Warp:
    break;
  default:
    return refuse(" has multiprocessors to itself, of a kernel of their own: "
                  "use spawn");
  }
  const auto slot = abi::Address{placement.neighbour()}.slot();
  if (placement.kind() == Kind::Spread ||
      slot - layout_.sizes.maxActors < layout_.sizes.residents.places)
    return {};
  return refuse(placement.neighbour() == 0
                    ? " is to be placed by a null reference"
                    : " is to be placed by an actor that has no place: it is "
                      "pooled, or has multiprocessors to itself");
}

Status Engine::spawn(std::uint32_t actorType, Bytes state, std::uint32_t count,
                     Placement placement, std::uint64_t &token) {
  if (Status status = checkPlacement(actorType, placement); !status.isOk())
    return status;
  Question question;
  question.type = actorType;
  question.replySize = sizeof(std::uint64_t);
  token = link_->replies().open(
      question, after(options_.sendTimeout + std::chrono::seconds(5)));
  if (token == 0)
    return Status(StatusCode::MailboxFull,
                  "16777216 requests wait for their replies");
  Bytes staged;
  PacketContent content =
      packetFor(abi::PacketKind::Spawn, 0, actorType, state, staged);
  content.payload[2] = count;
  content.payload[3] = std::uint32_t(placement.kind());
  content.payload[4] = std::uint32_t(placement.neighbour());
  content.payload[5] = std::uint32_t(placement.neighbour() >> 32);
  // There is no receiver yet; the slot only spreads spawns over the lanes.
  content.header.slot = std::uint32_t(token) & abi::MaxSlots;
  content.header.sender = token;
  content.header.senderKind = abi::SenderKind::Host;
  Status status = pushBounded(content, staged, options_.sendTimeout);
  if (!status.isOk())
    link_->replies().cancel(token);
  return status;
}

/// The lane is full only when the device does not keep up: the wait backs off
/// quickly.
Status Engine::pushSlowly(LaneWriter::Outcome outcome,
                          const PacketContent &content, Bytes staged,
                          std::chrono::nanoseconds patience) {
  const auto limit = after(patience);
  for (std::uint32_t round = 0; outcome == LaneWriter::Outcome::Full; ++round) {
    if (patience.count() <= 0 || (round >= YieldRounds && now() > limit))
      return noRoom(patience);
    if (schedule_)
      takeStepOrWait(limit);
    else if (round < YieldRounds && !yields_)
      pauseProcessor();
    else if (round < 16 * YieldRounds)
      sched_yield();
    else
      std::this_thread::sleep_for(NapLeast);
    outcome = link_->push(content, staged);
  }
  return outcome == LaneWriter::Outcome::Written ? Status() : closedReason();
}

Status Engine::closedReason() const {
  if (forked_.load())
    return Status(StatusCode::ShuttingDown,
                  "this process was forked from the one that started the "
                  "system");
  if (failed_.load())
    return status();
  return Status(StatusCode::ShuttingDown);
}

bool Engine::isDone(std::uint64_t token) {
  return schedule_ ? pollScheduled(token) : hasEnded(token);
}

bool Engine::hasEnded(std::uint64_t token) {
  if (forked_.load())
    return true;
  if (link_->replies().isDone(token))
    return true;
  link_->tryPump();
  return link_->replies().isDone(token);
}

bool Engine::await(std::uint64_t token, std::chrono::nanoseconds timeout) {
  if (schedule_)
    return awaitScheduled(token, timeout);
  const auto begin = Clock::now();
  const auto limit = after(timeout);
  ReplyTable &replies = link_->replies();
  const auto deadline = replies.deadlineOf(token);
  for (std::uint32_t round = 0; !hasEnded(token); ++round) {
    if (yields_ && round < YieldRounds) {
      sched_yield();
      continue;
    }
    if (!yields_ && round % 64 != 0) {
      pauseProcessor();
      continue;
    }
    // The service thread may be held up by a coroutine of the user's.
    if (__atomic_load_n(&control().stateWanted, __ATOMIC_RELAXED) != 0)
      tendStates();
    const auto now = Clock::now();
    if (now >= deadline)
      replies.expire(now);
    else if (now >= limit)
      return false;
    else if (!yields_ && now - begin < PollFor)
      continue;
    const auto nap = std::clamp<std::chrono::nanoseconds>(
        (now - begin) / NapPart, NapLeast, NapMost);
    replies.sleep(
        token,
        std::min({nap,
                  std::max<std::chrono::nanoseconds>(deadline - now, NapLeast),
                  limit - now}));
  }
  return true;
}

Status Engine::take(std::uint64_t token, void *answer, std::uint32_t size) {
  await(token, std::chrono::nanoseconds::max());
  if (forked_.load())
    return closedReason();
  // The table checked the size against the question's.
  (void)size;
  const Outcome outcome = link_->replies().take(token, answer);
  return outcome.status == StatusCode::Ok ? Status() : failureOf(outcome);
}

void Engine::giveUp(std::uint64_t token) {
  if (!forked_.load())
    link_->replies().giveUp(token);
}

Status Engine::failureOf(const Outcome &outcome) const {
  if (failed_.load()) {
    Status failure = status();
    if (failure.code() == outcome.status)
      return failure;
  }
  return Status(outcome.status, questionText(outcome.question));
}

std::string Engine::questionText(const Question &question) const {
  const auto &view = module_->view;
  if (question.address == 0)
    return "making an actor of type " +
           std::string(view.actors[question.type].name);
  const abi::Address address{question.address};
  return "asking actor " + std::to_string(address.slot()) + " (generation " +
         std::to_string(address.generation()) + ") with " +
         std::string(view.messages[question.type].name);
}

} // namespace rk::runtime
