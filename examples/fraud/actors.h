// Accounts that watch their own transactions, and who feeds them:
//
//   Feeder --Pay----> Account of the payer --Settled--> Feeder
//   Feeder --Chase--> Branch --> Account of the payee --Chase--> Branch ...
//   Account --Report--> Auditor
//   Clock --BeginStep--> Branch --> Feeder --StepDone--> Branch --> Clock
//
// An account handles its transactions in the order of its feeder, so what it
// finds in its own history does not depend on scheduling. A circle involves
// several accounts: it is chased two steps after the hour of its first payment,
// when the clock has seen that all payments it can consist of are recorded.
//
// A feeder has at most `window` messages under way. Each carries a weight,
// which those that follow from it share, and which returns to the feeder in the
// end: so it knows that nothing of its own is left, however a chase branched.
#pragma once

#include "transactions.h"

#include <rk/actor.h>

class Account;
class Auditor;
class Branch;
class Clock;
class Feeder;

/// An account remembers so many large payments, those of three hours at least.
constexpr std::uint32_t LedgerSize = 16;
/// So many alerts find room in one auditor.
constexpr std::uint32_t AuditorCapacity = 256;
/// So many are in one of its answers. What a handler returns can pass through
/// registers, so large answers would take them from all handlers.
constexpr std::uint32_t PageSize = 8;

/// The weight of a chase that may take `legs` more payments. Each payment of
/// the ledger that follows takes an equal share.
constexpr std::uint32_t chaseWeight(std::uint32_t legs) {
  std::uint32_t weight = 1;
  for (std::uint32_t i = 0; i < legs; ++i)
    weight *= LedgerSize;
  return weight;
}
constexpr std::uint32_t WholeWeight = chaseWeight(CircularLegs - 1);

//===- Messages -------------------------------------------------------------//

struct Pay {
  std::uint32_t number, payee, cents, time;
};
/// Money came in with a payment: does it go on, and back to `origin`?
struct Chase {
  rk::ActorRef<Feeder> feeder; ///< gets the weight
  std::uint32_t number;        ///< of the first payment
  std::uint32_t origin;        ///< its payer
  std::uint32_t at : 24;       ///< the account where the money is
  std::uint32_t legs : 8;      ///< payments that may follow
  std::uint32_t cents, time;   ///< of the last payment
  std::uint32_t until;
};
struct Settled {
  std::uint32_t weight;
};
struct Report {
  rk::ActorRef<Feeder> feeder;
  Alert alert;
  std::uint32_t weight;
};

struct Start {};
struct BeginStep {};
struct StepDone {};
/// Answered when step number `step` is over.
struct Await {
  std::uint32_t step;
};
/// Marked, since it is no handler's reply: it is sent with `reply`.
struct [[rk::message]] StepOver {};
/// One hour of a feeder, from the host.
struct Hour {
  HourOfTransactions transactions;
};

using AccountTable = std::array<rk::ActorRef<Account>, AccountsPerBranch>;
using BranchTable = std::array<rk::ActorRef<Branch>, MaxBranches>;
struct Members {
  rk::ActorRef<Clock> clock;
  std::array<rk::ActorRef<Feeder>, FeedersPerBranch> feeders;
  AccountTable accounts;
};
struct Directory {
  BranchTable branches;
};
struct Clients {
  std::array<rk::ActorRef<Account>, AccountsPerFeeder> accounts;
};

struct AccountQuery {};
struct AccountReport {
  std::uint64_t handled;
  std::uint64_t forgotten; ///< payments that a chase might have missed
};
struct PageQuery {
  std::uint32_t first; ///< a multiple of the page's size
};
struct Page {
  std::uint32_t count; ///< of all alerts; may exceed what there is room for
  std::array<Alert, PageSize> alerts;
};

//===- Actors ---------------------------------------------------------------//

class [[rk::actor]] Account {
public:
  Account(rk::ActorRef<Feeder> feeder, rk::ActorRef<Branch> branch,
          rk::ActorRef<Auditor> auditor)
      : feeder_(feeder), branch_(branch), auditor_(auditor) {}

  [[rk::handler]] void on(Pay pay, rk::Context &context);
  [[rk::handler]] void on(Chase chase, rk::Context &context);
  [[rk::handler]] AccountReport on(AccountQuery) { return report_; }

private:
  bool isHurried(std::uint32_t time);
  bool isStructuring(std::uint32_t time);
  void remember(const Pay &pay);

  rk::ActorRef<Feeder> feeder_;
  rk::ActorRef<Branch> branch_;
  rk::ActorRef<Auditor> auditor_;
  AccountReport report_{};
  // Rings: the last times, the last times of structured payments, and the last
  // large payments, each with the number of all there have been.
  std::array<std::uint32_t, VelocityLimit> recent_{};
  std::array<std::uint32_t, StructuringCount - 1> structured_{};
  std::array<Pay, LedgerSize> ledger_{};
  std::uint32_t structuredCount_ = 0, ledgerCount_ = 0;
};

/// Keeps the alerts.
class [[rk::actor]] Auditor {
public:
  [[rk::handler]] void on(Report report, rk::Context &context);
  [[rk::handler]] Page on(PageQuery query);

private:
  std::array<Alert, AuditorCapacity> alerts_{};
  std::uint32_t count_ = 0;
};

/// Knows where accounts are, and passes on what concerns its feeders.
class [[rk::actor]] Branch {
public:
  explicit Branch(std::uint32_t number) : number_(number) {}

  [[rk::handler]] void on(const Members &members) { members_ = members; }
  [[rk::handler]] void on(const Directory &directory) {
    directory_ = directory;
  }
  [[rk::handler]] void on(Chase chase, rk::Context &context);
  [[rk::handler]] void on(BeginStep, rk::Context &context);
  [[rk::handler]] void on(StepDone, rk::Context &context);

private:
  Members members_{};
  Directory directory_{};
  std::uint32_t number_;
  std::uint32_t feedersDone_ = 0;
};

/// In step s a feeder sends the transactions of hour s to their payers, and
/// chases the large ones of hour s - 2. Its hours lie in device memory: it
/// makes them there itself, or the host brings them.
class [[rk::actor]] Feeder {
public:
  Feeder(rk::ActorRef<Branch> branch, const Generator &generator,
         std::uint32_t number, std::uint32_t hours, std::uint32_t window,
         bool fromHost)
      : branch_(branch), generator_(generator), number_(number),
        hoursInAll_(hours), window_(window), fromHost_(fromHost) {}

  [[rk::handler]] void on(Clients clients) { clients_ = clients; }
  [[rk::handler]] void on(const Hour &hour, rk::Context &context);
  [[rk::handler]] void on(BeginStep, rk::Context &context);
  [[rk::handler]] void on(Settled settled, rk::Context &context);

private:
  void beginIfReady(rk::Context &context);
  void sendWhileRoom(rk::Context &context);
  void pay(std::uint32_t slot, rk::Context &context);
  void chase(std::uint32_t slot, rk::Context &context);
  HourOfTransactions &hour(std::uint32_t number) {
    return hours_[number % hours_.size()];
  }

  rk::ActorRef<Branch> branch_;
  Clients clients_{};
  Generator generator_;
  std::uint32_t number_, hoursInAll_, window_;
  bool fromHost_;
  bool running_ = false;
  std::uint32_t stepsBegun_ = 0, hoursFed_ = 0;
  std::uint32_t step_ = 0; ///< the current or next one
  std::uint32_t next_ = 0; ///< of the step: transactions first, then chases
  std::uint32_t outstanding_ = 0; ///< weight
  /// The current hour, the two before it, and the next one.
  std::array<HourOfTransactions, 4> hours_{};
};

/// Begins a step when the one before it is over everywhere.
class [[rk::actor]] Clock {
public:
  Clock(const BranchTable &branches, std::uint32_t count, std::uint32_t steps)
      : branches_(branches), count_(count), steps_(steps) {}

  [[rk::handler]] void on(Start, rk::Context &context) { beginStep(context); }
  [[rk::handler]] void on(StepDone, rk::Context &context);
  [[rk::handler]] void on(Await await, rk::Context &context);

private:
  void beginStep(rk::Context &context);
  void answerIfOver(rk::Context &context);

  BranchTable branches_;
  rk::ReplyTo<StepOver> asker_;
  std::uint32_t count_, steps_;
  std::uint32_t awaited_ = 0;
  std::uint32_t branchesDone_ = 0, stepsOver_ = 0;
};
