// bank: a million random transfers between ten thousand accounts, made by
// tellers on the device; then every balance is compared with what a plain loop
// over the same transfers gives.
#include "../common/Example.h"
#include "actors.h"

#include <algorithm>
#include <numeric>

namespace {

constexpr std::int64_t OpeningCents = 1'000'000;

using Balances = std::vector<std::int64_t>;

/// The same transfers, one after the other.
Balances replay(std::uint64_t seed, std::uint64_t transfers) {
  Balances balances(Accounts, OpeningCents);
  for (std::uint64_t i = 0; i < transfers; ++i) {
    const Order order = Order::make(seed, i);
    balances[order.payer] -= order.cents;
    balances[order.payee] += order.cents;
  }
  return balances;
}

/// A bank on the device.
struct Bank {
  std::vector<rk::ActorRef<Account>> accounts;
  std::vector<rk::ActorRef<Teller>> tellers;
};

Bank openBank(rk::System &system, std::uint64_t tellers, std::uint64_t seed,
              std::uint64_t transfers) {
  Bank bank;
  bank.accounts = system
                      .spawnMany<Account>(
                          Accounts, [](auto) { return Account(OpeningCents); })
                      .value();
  BranchTable branches;
  for (std::uint32_t i = 0; i < Branches; ++i) {
    AccountTable table;
    std::copy_n(bank.accounts.begin() + i * AccountsPerBranch,
                AccountsPerBranch, table.begin());
    branches[i] = system.spawn<Branch>(table);
  }
  for (std::uint64_t i = 0; i < tellers; ++i)
    bank.tellers.push_back(system.spawn<Teller>(branches, seed,
                                                transfers * i / tellers,
                                                transfers * (i + 1) / tellers));
  return bank;
}

Balances readBalances(rk::System &system, const Bank &bank) {
  std::vector<rk::Future<Balance>> answers;
  Balances balances;
  for (std::size_t i = 0; i < bank.accounts.size(); ++i) {
    answers.push_back(system.ask(bank.accounts[i], BalanceQuery{}));
    if (answers.size() < 500 && i + 1 < bank.accounts.size())
      continue;
    for (rk::Future<Balance> &answer : answers)
      balances.push_back(answer.get().cents);
    answers.clear();
  }
  return balances;
}

std::uint64_t fingerprint(const Balances &balances) {
  std::uint64_t hash = 0;
  for (std::int64_t cents : balances)
    hash = Order::mix(hash ^ std::uint64_t(cents));
  return hash;
}

int run(int count, char **arguments) {
  std::uint64_t transfers = 1'000'000, tellers = 256, seed = 2026;
  example::CommandLine command(
      "bank", "Random transfers between 10000 accounts, made on the device.");
  command.number("transfers", transfers, 0, 100'000'000'000, "transfers");
  command.number("tellers", tellers, 1, 4096, "tellers that make them");
  command.number("seed", seed, 0, UINT64_MAX, "seed of the random numbers");
  command.parse(count, arguments);

  rk::SystemOptions options;
  options.backend = command.backend;
  rk::System system(options);
  const Bank bank = openBank(system, tellers, seed, transfers);

  const example::StopWatch watch;
  for (rk::ActorRef<Teller> teller : bank.tellers)
    example::require(system.send(teller, Open{}));
  example::require(system.waitIdle());
  const double seconds = watch.seconds();

  std::uint64_t settled = 0;
  for (rk::ActorRef<Teller> teller : bank.tellers)
    settled += system.ask(teller, WorkQuery{}).get().settled;
  const Balances found = readBalances(system, bank);
  const Balances expected = replay(seed, transfers);

  example::Result result;
  result.line("bank: %u accounts, %llu transfers", Accounts,
              static_cast<unsigned long long>(transfers));
  result.line("poorest %lld, richest %lld cents",
              static_cast<long long>(*std::ranges::min_element(found)),
              static_cast<long long>(*std::ranges::max_element(found)));
  result.line("fingerprint of all balances: %016llx",
              static_cast<unsigned long long>(fingerprint(found)));
  result.check("every transfer was settled", settled == transfers);
  result.check("money is conserved",
               std::accumulate(found.begin(), found.end(), std::int64_t(0)) ==
                   OpeningCents * Accounts);
  result.check("every balance equals the sequential replay", found == expected);
  result.check("no dead letters", system.counters().deadLetters.total() == 0);
  const int code = result.finish(command);
  example::printSpeed(system, seconds, double(transfers), "transfers");
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("bank", [&] { return run(count, arguments); });
}
