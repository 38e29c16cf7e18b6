//===- FraudOracleTest.cpp - The rules of examples/fraud, by hand ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A few transactions for each rule, with the alerts that the rule's text
/// demands, at both sides of every limit. The actors are compared with the
/// oracle; this says that the oracle is right.
///
//===----------------------------------------------------------------------===//

#include "oracle.h"

#include "gtest/gtest.h"

#include <set>

namespace {

/// A payment between two accounts that breaks no rule by itself.
Transaction pay(std::uint32_t payer, std::uint32_t payee, std::uint32_t cents,
                std::uint32_t time) {
  return {payer, payee, cents, time};
}

/// The alerts for transactions that are numbered from 0.
std::vector<Alert> alertsOf(const std::vector<Transaction> &transactions) {
  Oracle oracle(8);
  for (std::uint32_t i = 0; i < transactions.size(); ++i)
    oracle.add(i, transactions[i]);
  return oracle.alerts();
}

using Alerts = std::vector<Alert>;

TEST(FraudOracle, AmountIsAboveItsLimit) {
  EXPECT_EQ(alertsOf({pay(0, 1, 50'000'00, 0)}), Alerts{});
  EXPECT_EQ(alertsOf({pay(0, 1, 50'000'01, 0)}),
            (Alerts{{0, 0, Rule::Amount}}));
}

TEST(FraudOracle, TenTransactionsAreNoHurry) {
  std::vector<Transaction> transactions;
  for (std::uint32_t i = 0; i < 10; ++i)
    transactions.push_back(pay(0, 1, 100, i));
  EXPECT_EQ(alertsOf(transactions), Alerts{});
  // Another account's do not count.
  transactions.push_back(pay(1, 0, 100, 10));
  EXPECT_EQ(alertsOf(transactions), Alerts{});
}

TEST(FraudOracle, TheEleventhAndFurtherAreVelocity) {
  std::vector<Transaction> transactions;
  for (std::uint32_t i = 0; i < 12; ++i)
    transactions.push_back(pay(0, 1, 100, i));
  EXPECT_EQ(alertsOf(transactions),
            (Alerts{{10, 10, Rule::Velocity}, {11, 11, Rule::Velocity}}));
}

TEST(FraudOracle, TheVelocityWindowIsOpenAtItsEnd) {
  std::vector<Transaction> transactions;
  for (std::uint32_t i = 0; i < 10; ++i)
    transactions.push_back(pay(0, 1, 100, i));
  transactions.push_back(pay(0, 1, 100, 899));
  EXPECT_EQ(alertsOf(transactions), (Alerts{{10, 10, Rule::Velocity}}));
  transactions.back().time = 900;
  EXPECT_EQ(alertsOf(transactions), Alerts{});
}

TEST(FraudOracle, ThreePaymentsBelowTheReportingLimitAreStructuring) {
  std::vector<Transaction> transactions = {pay(0, 1, 9'000'00, 0),
                                           pay(0, 2, 9'999'99, 7200),
                                           pay(0, 3, 9'500'00, 14399)};
  EXPECT_EQ(alertsOf(transactions), (Alerts{{2, 2, Rule::Structuring}}));
  transactions.back().time = 14400;
  EXPECT_EQ(alertsOf(transactions), Alerts{});
}

TEST(FraudOracle, OtherAmountsAreNoStructuring) {
  for (std::uint32_t cents : {8'999'99, 10'000'00})
    EXPECT_EQ(alertsOf({pay(0, 1, 9'500'00, 0), pay(0, 1, 9'500'00, 60),
                        pay(0, 1, cents, 120)}),
              Alerts{})
        << cents;
}

/// A circle over `members` accounts that begins with `cents`; each payment is
/// made `seconds` after the one before and passes on 95 %.
std::vector<Transaction> circle(std::uint32_t members, std::uint32_t cents,
                                std::uint32_t seconds) {
  std::vector<Transaction> transactions;
  for (std::uint32_t i = 0; i < members; ++i) {
    transactions.push_back(pay(i, (i + 1) % members, cents, i * seconds));
    cents -= cents / 20;
  }
  return transactions;
}

TEST(FraudOracle, ACircleOfUpToFourPaymentsIsFound) {
  for (std::uint32_t members : {2, 3, 4})
    EXPECT_EQ(alertsOf(circle(members, 5'000'00, 60)),
              (Alerts{{0, members - 1, Rule::Circular}}))
        << members;
  EXPECT_EQ(alertsOf(circle(5, 5'000'00, 60)), Alerts{});
}

TEST(FraudOracle, ACircleClosesWithinAnHour) {
  EXPECT_EQ(alertsOf(circle(3, 5'000'00, 1800)),
            (Alerts{{0, 2, Rule::Circular}}));
  EXPECT_EQ(alertsOf(circle(3, 5'000'00, 1801)), Alerts{});
  EXPECT_EQ(alertsOf(circle(3, 5'000'00, 0)), Alerts{})
      << "money cannot be passed on before it has come";
}

TEST(FraudOracle, ACirclePassesOnNineTenths) {
  const auto back = [](std::uint32_t cents) {
    return alertsOf({pay(0, 1, 5'000'00, 0), pay(1, 0, cents, 60)});
  };
  EXPECT_EQ(back(5'000'00), (Alerts{{0, 1, Rule::Circular}}));
  EXPECT_EQ(back(4'500'00), (Alerts{{0, 1, Rule::Circular}}));
  EXPECT_EQ(back(4'499'99), Alerts{});
  EXPECT_EQ(back(5'000'01), Alerts{});
}

TEST(FraudOracle, SmallAmountsAreNoCircle) {
  EXPECT_EQ(alertsOf({pay(0, 1, 2'000'00, 0), pay(1, 0, 2'000'00, 60)}),
            (Alerts{{0, 1, Rule::Circular}}));
  EXPECT_EQ(alertsOf({pay(0, 1, 2'000'00, 0), pay(1, 0, 1'999'99, 60)}),
            Alerts{});
}

TEST(FraudOracle, EveryWayRoundIsAnAlert) {
  EXPECT_EQ(alertsOf({pay(0, 1, 5'000'00, 0), pay(1, 0, 4'900'00, 60),
                      pay(1, 0, 4'800'00, 120), pay(1, 2, 4'900'00, 180),
                      pay(2, 0, 4'700'00, 240)}),
            (Alerts{{0, 1, Rule::Circular},
                    {0, 2, Rule::Circular},
                    {0, 4, Rule::Circular}}));
}

TEST(FraudOracle, AskingTwiceGivesTheSame) {
  Oracle oracle(8);
  std::uint32_t number = 0;
  for (const Transaction &transaction : circle(3, 50'000'01, 60))
    oracle.add(number++, transaction);
  const Alerts first = oracle.alerts();
  EXPECT_EQ(first.size(), 2u);
  EXPECT_EQ(oracle.alerts(), first);
}

TEST(FraudGenerator, KeepsTheOrderOfTimeAndItsAccounts) {
  const Generator generator{7, 32};
  for (std::uint32_t feeder = 0; feeder < generator.feeders; ++feeder) {
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < 50 * PerHour; ++i) {
      const Transaction made = generator.make(feeder, i / PerHour, i % PerHour);
      EXPECT_EQ(made.payer / AccountsPerFeeder, feeder);
      EXPECT_LT(made.payee, generator.feeders * AccountsPerFeeder);
      EXPECT_NE(made.payee, made.payer);
      EXPECT_EQ(made.time / SecondsPerHour, i / PerHour);
      EXPECT_TRUE(i == 0 || made.time > last);
      last = made.time;
    }
  }
}

TEST(FraudGenerator, MakesWhatEveryRuleLooksFor) {
  std::set<Rule> found;
  for (const Alert &alert : expectedAlerts(Generator{2026, 64}, 24))
    found.insert(alert.rule);
  EXPECT_EQ(found.size(), Rules);
}

} // namespace
