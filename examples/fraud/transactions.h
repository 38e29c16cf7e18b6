// What is watched, and by which rules; shared by the actors and the oracle.
//
// Amounts are in cents, times in seconds of event time: they come with the
// transactions, so no rule depends on when an actor runs.
//
//   amount       a transaction above 50,000.00
//   velocity     a transaction that its account makes less than 15 minutes
//                after the one ten before it
//   structuring  a payment of at least 9,000.00 but below the reporting limit
//                of 10,000.00, when its account has made two such payments less
//                than four hours before
//   circular     a payment of at least 2,000.00 that comes back to its payer in
//                two to four payments, each later than the one before, the last
//                at most an hour after the first; each passes on at least 90 %
//                of the one before it, and at least 2,000.00. Every way round
//                is an alert.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

//===- Rules ----------------------------------------------------------------//

constexpr std::uint32_t SecondsPerHour = 3600;

constexpr std::uint32_t AmountLimit = 50'000'00;

constexpr std::uint32_t VelocityLimit = 10; ///< transactions in the window
constexpr std::uint32_t VelocityWindow = 15 * 60;

constexpr std::uint32_t ReportingLimit = 10'000'00;
constexpr std::uint32_t StructuringLeast = 9'000'00;
constexpr std::uint32_t StructuringCount = 3;
constexpr std::uint32_t StructuringWindow = 4 * SecondsPerHour;

constexpr std::uint32_t CircularLeast = 2'000'00;
constexpr std::uint32_t CircularLegs = 4; ///< payments of a circle, at most
constexpr std::uint32_t CircularWindow = SecondsPerHour;

struct Transaction {
  std::uint32_t payer, payee; ///< numbers of accounts
  std::uint32_t cents, time;

  constexpr bool isLarge() const { return cents >= CircularLeast; }
  constexpr bool isStructured() const {
    return cents >= StructuringLeast && cents < ReportingLimit;
  }
};

enum class Rule : std::uint32_t { Amount, Velocity, Structuring, Circular };
constexpr std::uint32_t Rules = 4;

struct Alert {
  std::uint32_t transaction; ///< the number of the transaction it is about
  /// Of a circle, the number of the payment that closes it; else as above.
  std::uint32_t closing;
  Rule rule;

  auto operator<=>(const Alert &) const = default;
};

//===- Where transactions come from -----------------------------------------//

// A feeder brings the transactions whose payers are its sixteen accounts, 64 an
// hour, in order of time. Sixteen feeders make a branch.
constexpr std::uint32_t AccountsPerFeeder = 16;
constexpr std::uint32_t FeedersPerBranch = 16;
constexpr std::uint32_t AccountsPerBranch =
    AccountsPerFeeder * FeedersPerBranch;
constexpr std::uint32_t MaxBranches = 256;
constexpr std::uint32_t PerHour = 64;
constexpr std::uint32_t SecondsPerSlot = SecondsPerHour / PerHour;

using HourOfTransactions = std::array<Transaction, PerHour>;

/// Makes transactions from their numbers: who makes one, and when, does not
/// matter. Most are small payments at random; now and then an account is in a
/// hurry, splits a large amount, or takes part in a circle.
struct Generator {
  std::uint64_t seed;
  std::uint32_t feeders;

  static constexpr std::uint64_t mix(std::uint64_t value) { // splitmix64
    value += 0x9e3779b97f4a7c15;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
  }

  /// Names the transaction in `slot` of one feeder's hour.
  constexpr std::uint32_t number(std::uint32_t feeder, std::uint32_t hour,
                                 std::uint32_t slot) const {
    return (hour * feeders + feeder) * PerHour + slot;
  }

  constexpr Transaction make(std::uint32_t feeder, std::uint32_t hour,
                             std::uint32_t slot) const {
    Transaction made = ordinary(feeder, hour, slot);
    const std::uint64_t habit = draw(feeder, hour, 1);
    const auto account = std::uint32_t(habit >> 32) % AccountsPerFeeder;
    if (slot >= 4 && slot < 18 && habit % 32 == 0)
      made.payer = feeder * AccountsPerFeeder + account; // in a hurry
    if (slot >= 20 && slot < 36 && slot % 4 == 0 && (habit >> 8) % 32 == 0) {
      made.payer = feeder * AccountsPerFeeder + account;
      made.cents = StructuringLeast + made.cents % 1'000'00;
    }
    if (slot >= FirstLegSlot && slot < FirstLegSlot + 4 * MostLegs &&
        slot % 4 == 0)
      takePartInCircle(made, feeder, hour, (slot - FirstLegSlot) / 4);
    if (made.payee == made.payer)
      made.payee = (made.payer + 1) % (feeders * AccountsPerFeeder);
    return made;
  }

private:
  static constexpr std::uint32_t FirstLegSlot = 40, MostLegs = 5;

  constexpr std::uint64_t draw(std::uint32_t feeder, std::uint32_t hour,
                               std::uint32_t purpose) const {
    return mix(mix(mix(seed) + purpose) + (std::uint64_t(hour) << 32) + feeder);
  }

  constexpr Transaction ordinary(std::uint32_t feeder, std::uint32_t hour,
                                 std::uint32_t slot) const {
    const std::uint64_t random = draw(feeder, hour, 1000 + slot);
    const auto high = std::uint32_t(random >> 32);
    std::uint32_t cents = 1'00 + high % 499'00;
    if (high >> 28 == 0) // one in 16
      cents = 2'000'00 + high % 10'000'00;
    if (high >> 22 == 1) // one in 1024
      cents = 40'000'00 + high % 30'000'00;
    const std::uint64_t second = mix(random);
    return {feeder * AccountsPerFeeder +
                std::uint32_t(second) % AccountsPerFeeder,
            std::uint32_t(second >> 32) % (feeders * AccountsPerFeeder), cents,
            hour * SecondsPerHour + slot * SecondsPerSlot +
                std::uint32_t(second >> 8) % SecondsPerSlot};
  }

  /// Leg `leg` of a circle that began with an account of the feeder `leg`
  /// places before this one, if that one began a circle in this hour. Those of
  /// five payments are one too long for the rule.
  constexpr void takePartInCircle(Transaction &made, std::uint32_t feeder,
                                  std::uint32_t hour, std::uint32_t leg) const {
    const std::uint32_t first = (feeder + feeders - leg % feeders) % feeders;
    const std::uint64_t circle = draw(first, hour, 2);
    const std::uint32_t legs = 3 + std::uint32_t(circle >> 16) % 3;
    if (circle % 32 != 0 || leg >= legs)
      return;
    const auto member = [&](std::uint32_t place) {
      return (first + place) % feeders * AccountsPerFeeder +
             std::uint32_t(circle >> (32 + 4 * place)) % AccountsPerFeeder;
    };
    made.payer = member(leg);
    made.payee = member((leg + 1) % legs);
    made.cents = 3'000'00 + std::uint32_t(circle >> 20) % 5'000'00;
    for (std::uint32_t i = 0; i < leg; ++i)
      made.cents -= made.cents / 40;
  }
};
