//===- Moves.h - Shards on their way to another worker ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the balancer and the other agents share while shards change their
/// worker. The protocol: `docs/rationale/moving-shards.md`.
///
/// Shards move in rounds. There are two tables of owners; in round r agents use
/// table r % 2, and the balancer writes the other.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"

namespace rk::abi {

/// Who chooses what moves.
enum class BalanceMode : uint32_t {
  Off = 0,
  Load = 1,   ///< moves from workers with a backlog to idle ones
  Random = 2, ///< anything, all the time: for tests
};

/// Workers that can receive shards in one round.
inline constexpr uint32_t MaxArrivals = 32;
/// Workers that can give shards away in one round.
inline constexpr uint32_t MaxSources = 8;
/// Shards that can move in one round.
inline constexpr uint32_t MaxMoves = 256;
/// Messages that one receiving worker can hold back.
inline constexpr uint32_t MaxHeld = 2048;
/// Looks at what an overloaded worker runs.
inline constexpr uint32_t SamplesPerSource = 32;

/// `Launch::phase` holds the phase in its lowest bits, and above them the step
/// that all agents are asked to acknowledge. Round r announces with 4r + 1, has
/// its table taken with 4r + 2, and lets the old owners go with 4r + 3.
inline constexpr uint32_t PhaseBits = 2;
inline constexpr uint32_t PhaseMask = (1u << PhaseBits) - 1;
inline constexpr uint32_t StepBits = 32 - PhaseBits;
inline constexpr uint32_t StepMask = (1u << StepBits) - 1;
constexpr uint32_t stepOf(uint32_t phaseWord) { return phaseWord >> PhaseBits; }
constexpr uint32_t announcementStep(uint32_t round) {
  return (4 * round + 1) & StepMask;
}
constexpr uint32_t switchStep(uint32_t round) {
  return (4 * round + 2) & StepMask;
}
constexpr uint32_t releaseStep(uint32_t round) {
  return (4 * round + 3) & StepMask;
}
constexpr bool isAnnouncement(uint32_t step) { return step % 4 == 1; }

/// One shard's move.
struct Move {
  uint32_t shard;
  uint16_t from;
  uint16_t to;
};
static_assert(sizeof(Move) == 8);

/// A packet without its marks.
struct alignas(16) HeldRecord {
  uint32_t word[PacketWords];
};

/// What one worker receives in a round, and the messages that it holds back
/// until the shards are its own.
struct alignas(128) Arrival {
  uint32_t worker;
  /// The old owners have let go. Written by the balancer.
  uint32_t isHere;
  /// Nothing is held any more. Written by the worker.
  uint32_t isFinished;
  uint32_t held;    ///< records so far; the worker's own
  uint32_t handled; ///< of these
  HeldRecord records[MaxHeld];
};

/// What the balancer knows of a worker.
struct WorkerLoad {
  enum Role : uint16_t { None = 0, Gives = 1, Receives = 2 };
  uint64_t handled; ///< `Progress::handled` at the last look
  uint32_t backlog; ///< messages that waited then
  uint32_t rate;    ///< messages handled between the last two looks
  uint16_t busyLooks;
  uint16_t calmLooks;
  Role role; ///< in the round under way
  uint16_t reserved;
};
static_assert(sizeof(WorkerLoad) == 24);

/// A worker that gives shards away.
struct MoveSource {
  uint32_t worker;
  uint32_t tallied; ///< entries of `tally`
  /// Once everything before this ticket is handled, nothing for the shards
  /// comes any more, but for what the inbox keeps (`KeptMessages`).
  uint64_t lastTicket;
  bool keepsSome; ///< it kept some when the ticket was noted
  uint32_t samples[SamplesPerSource]; ///< slots
  /// Shards that were seen running, and how often.
  struct Tally {
    uint32_t shard;
    uint32_t count;
  } tally[SamplesPerSource];
};

enum class MoveStage : uint32_t {
  Calm = 0,   ///< nothing moves
  Sampling,   ///< looks at what the overloaded workers run
  Announced,  ///< until every agent watches for the switch
  Switching,  ///< until every agent uses the new table
  Draining,   ///< until the old owners have handled what was sent to them
  Releasing,  ///< until the old owners have let go
  Delivering, ///< until the new owners have handled what they held back
};

struct alignas(128) Moves {
  /// The round whose table is in use. Written by the balancer; watched by
  /// agents between announcement and switch.
  alignas(128) uint32_t round;

  // Constant.
  alignas(128) BalanceMode mode;
  /// Workers whose numbers differ by a multiple of this share a block.
  uint32_t blocks;
  uint32_t *acknowledged; ///< the last step, by agent; written by the agent
  /// By worker: 0, or 1 + the index in `arrivals`. Written by the balancer
  /// while nothing moves, as `isMoving` is.
  uint32_t *arrivalOf;
  uint8_t *isMoving; ///< by shard
  Arrival *arrivals; ///< `arrivalLimit` of them
  uint32_t arrivalLimit;
  uint32_t heldLimit; ///< at most `MaxHeld`

  // The balancer's own.
  MoveStage stage;
  uint64_t nextLook; ///< in nanoseconds of the device clock
  WorkerLoad *loads; ///< by worker
  uint32_t random;
  uint32_t samples; ///< taken of each source
  uint32_t sourceCount;
  uint32_t arrivalCount;
  uint32_t moveCount;
  MoveSource sources[MaxSources];
  Move moves[MaxMoves];
};

} // namespace rk::abi
