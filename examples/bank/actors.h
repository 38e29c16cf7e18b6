// A bank: accounts, the branches that keep them, and tellers that move money.
//
// A transfer is a chain of messages, all on the device:
//
//   Teller --Transfer--> Branch of the payer --Withdraw--> Account
//          --Credit----> Branch of the payee --Deposit---> Account
//          --Settled---> Teller, which then begins its next transfer
//
// A teller has at most `Window` transfers under way, so no mailbox fills up.
#pragma once

#include <rk/actor.h>

#include <array>

constexpr std::uint32_t Branches = 100;
constexpr std::uint32_t AccountsPerBranch = 100;
constexpr std::uint32_t Accounts = Branches * AccountsPerBranch;

class Account;
class Branch;
class Teller;

using BranchTable = std::array<rk::ActorRef<Branch>, Branches>;
using AccountTable = std::array<rk::ActorRef<Account>, AccountsPerBranch>;

/// One transfer, made up from its number alone: whoever makes it, and in
/// whatever order, transfer number i of a seed is always the same.
struct Order {
  std::uint32_t payer, payee, cents;

  static constexpr std::uint64_t mix(std::uint64_t value) { // splitmix64
    value += 0x9e3779b97f4a7c15;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
  }
  static constexpr Order make(std::uint64_t seed, std::uint64_t number) {
    const std::uint64_t first = mix(seed + 2 * number);
    const std::uint64_t second = mix(seed + 2 * number + 1);
    return {std::uint32_t(first >> 32) % Accounts,
            std::uint32_t(first) % Accounts, std::uint32_t(second % 10000) + 1};
  }
};

struct Transfer {
  rk::ActorRef<Teller> teller;
  rk::ActorRef<Branch> payeeBranch;
  std::uint32_t payer, payee; ///< the account's number within its branch
  std::uint32_t cents;
};
struct Withdraw {
  rk::ActorRef<Teller> teller;
  rk::ActorRef<Branch> payeeBranch;
  std::uint32_t payee, cents;
};
struct Credit {
  rk::ActorRef<Teller> teller;
  std::uint32_t payee, cents;
};
struct Deposit {
  rk::ActorRef<Teller> teller;
  std::uint32_t cents;
};
struct Settled {};

struct Open {};
struct BalanceQuery {};
struct Balance {
  std::int64_t cents;
};
struct WorkQuery {};
struct Work {
  std::uint64_t settled;
};

class [[rk::actor]] Account {
public:
  explicit Account(std::int64_t cents) : cents_(cents) {}

  // An account may be overdrawn, so that the order of transfers cannot matter.
  [[rk::handler]] void on(Withdraw withdraw, rk::Context &context);
  [[rk::handler]] void on(Deposit deposit, rk::Context &context);
  [[rk::handler]] Balance on(BalanceQuery) { return {cents_}; }

private:
  std::int64_t cents_;
};

class [[rk::actor]] Branch {
public:
  explicit Branch(const AccountTable &accounts) : accounts_(accounts) {}

  [[rk::handler]] void on(Transfer transfer, rk::Context &context);
  [[rk::handler]] void on(Credit credit, rk::Context &context);

private:
  AccountTable accounts_;
};

class [[rk::actor]] Teller {
public:
  static constexpr std::uint32_t Window = 16;

  /// Makes the transfers `first` to `end` - 1.
  Teller(const BranchTable &branches, std::uint64_t seed, std::uint64_t first,
         std::uint64_t end)
      : branches_(branches), seed_(seed), next_(first), end_(end) {}

  [[rk::handler]] void on(Open, rk::Context &context);
  [[rk::handler]] void on(Settled, rk::Context &context);
  [[rk::handler]] Work on(WorkQuery) { return {settled_}; }

private:
  void beginTransfer(rk::Context &context);

  BranchTable branches_;
  std::uint64_t seed_, next_, end_;
  std::uint64_t settled_ = 0;
};
