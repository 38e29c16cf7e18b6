// fraud: accounts watch a stream of transactions for large amounts, hurry,
// structuring and money that goes in circles (transactions.h has the rules).
// The alerts must be exactly those of a plain loop over the same transactions,
// whatever the scheduling.
//
// --feed=device: feeders make each hour of transactions in device memory.
// --feed=host: host threads make them and send them to the feeders, an hour at
// a time and at most one hour ahead. In both cases at most feeders * window
// transactions and chases are under way.
#include "../common/Feed.h"
#include "../common/Row.h"
#include "actors.h"
#include "oracle.h"

#include <algorithm>
#include <barrier>
#include <thread>

namespace {

struct Settings : example::FeedSettings {
  std::uint64_t branches = 4, hours = 48, window = 16;

  std::uint32_t feeders() const {
    return std::uint32_t(branches) * FeedersPerBranch;
  }
  std::uint32_t accounts() const { return feeders() * AccountsPerFeeder; }
  /// Two more than there are hours, since chases come two steps later.
  std::uint32_t steps() const { return std::uint32_t(hours) + 2; }
  std::uint64_t transactions() const { return hours * feeders() * PerHour; }
  Generator generator() const { return {seed, feeders()}; }
};

template <class Actor> using Actors = std::vector<rk::ActorRef<Actor>>;

//===- Building -------------------------------------------------------------//

struct Bank {
  Actors<Branch> branches;
  Actors<Feeder> feeders;
  Actors<Auditor> auditors;
  Actors<Account> accounts;
  rk::ActorRef<Clock> clock;
};

/// So many that on average a quarter of their room is used.
std::size_t auditorsFor(std::size_t alerts) {
  return alerts / (AuditorCapacity / 4) + 1;
}

void spawnAll(rk::System &system, const Settings &settings, Bank &bank) {
  const auto makeBranch = [](std::size_t i) {
    return Branch(std::uint32_t(i));
  };
  bank.branches =
      system.spawnMany<Branch>(settings.branches, makeBranch).value();
  const auto makeFeeder = [&](std::size_t i) {
    return Feeder(bank.branches[i / FeedersPerBranch], settings.generator(),
                  std::uint32_t(i), std::uint32_t(settings.hours),
                  std::uint32_t(settings.window), settings.fromHost());
  };
  bank.feeders =
      system.spawnMany<Feeder>(settings.feeders(), makeFeeder).value();
  const auto makeAccount = [&](std::size_t i) {
    return Account(bank.feeders[i / AccountsPerFeeder],
                   bank.branches[i / AccountsPerBranch],
                   bank.auditors[i % bank.auditors.size()]);
  };
  bank.accounts =
      system.spawnMany<Account>(settings.accounts(), makeAccount).value();
}

void connect(rk::System &system, const Bank &bank) {
  Directory directory{};
  std::copy(bank.branches.begin(), bank.branches.end(),
            directory.branches.begin());
  for (std::size_t i = 0; i < bank.branches.size(); ++i) {
    Members members{bank.clock, {}, {}};
    std::copy_n(bank.feeders.begin() + std::ptrdiff_t(i * FeedersPerBranch),
                FeedersPerBranch, members.feeders.begin());
    std::copy_n(bank.accounts.begin() + std::ptrdiff_t(i * AccountsPerBranch),
                AccountsPerBranch, members.accounts.begin());
    example::require(system.send(bank.branches[i], members));
    example::require(system.send(bank.branches[i], directory));
  }
  for (std::size_t i = 0; i < bank.feeders.size(); ++i) {
    Clients clients;
    std::copy_n(bank.accounts.begin() + std::ptrdiff_t(i * AccountsPerFeeder),
                AccountsPerFeeder, clients.accounts.begin());
    example::require(system.send(bank.feeders[i], clients));
  }
  example::require(system.waitIdle());
}

Bank openBank(rk::System &system, const Settings &settings,
              std::size_t alerts) {
  Bank bank;
  bank.auditors = system
                      .spawnMany<Auditor>(auditorsFor(alerts),
                                          [](auto) { return Auditor(); })
                      .value();
  spawnAll(system, settings, bank);
  BranchTable branches{};
  std::copy(bank.branches.begin(), bank.branches.end(), branches.begin());
  bank.clock = system.spawn<Clock>(branches, std::uint32_t(settings.branches),
                                   settings.steps());
  connect(system, bank);
  return bank;
}

//===- Feeding --------------------------------------------------------------//

/// Sends one hour of every `step`th feeder from `first`.
rk::Status feedHour(rk::System &system, const Bank &bank,
                    const Generator &generator, std::uint32_t hour,
                    std::size_t first, std::size_t step) {
  for (std::size_t i = first; i < bank.feeders.size(); i += step) {
    Hour message;
    for (std::uint32_t slot = 0; slot < PerHour; ++slot)
      message.transactions[slot] = generator.make(std::uint32_t(i), hour, slot);
    if (rk::Status status = system.send(bank.feeders[i], message);
        !status.isOk())
      return status;
  }
  return {};
}

/// Each thread feeds the same feeders all the time: what two threads send to
/// one actor has no order.
void feedFromHost(rk::System &system, const Bank &bank,
                  const Settings &settings) {
  std::vector<rk::Status> failures(settings.threads);
  std::barrier together(std::ptrdiff_t(settings.threads) + 1);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < settings.threads; ++t)
    threads.emplace_back([&, t] {
      for (std::uint32_t hour = 0; hour < settings.hours; ++hour) {
        together.arrive_and_wait();
        if (failures[t].isOk())
          failures[t] = feedHour(system, bank, settings.generator(), hour, t,
                                 settings.threads);
      }
    });
  rk::Status waited;
  for (std::uint32_t hour = 0; hour < settings.hours; ++hour) {
    // Feeders keep one hour more than they work on.
    if (hour >= 2 && waited.isOk())
      waited = system
                   .ask<StepOver>(bank.clock, Await{hour - 2},
                                  std::chrono::minutes(10))
                   .result()
                   .status();
    together.arrive_and_wait();
  }
  for (std::thread &thread : threads)
    thread.join();
  example::require(waited);
  for (const rk::Status &failure : failures)
    example::require(failure);
}

//===- Running and checking -------------------------------------------------//

struct Found {
  std::vector<Alert> alerts;
  std::uint64_t handled = 0, forgotten = 0, deadLetters = 0;
  bool auditorsHadRoom = true;
  double seconds = 0;
};

template <class Actor, class Query> struct Question {
  rk::ActorRef<Actor> actor;
  Query query;
};

/// Asks all questions, some at a time, and hands each answer to `use` in order.
template <class Actor, class Query, class Use>
void askAll(rk::System &system,
            const std::vector<Question<Actor, Query>> &questions,
            const Use &use) {
  constexpr std::size_t AtATime = 256;
  for (std::size_t i = 0; i < questions.size(); i += AtATime) {
    const std::size_t end = std::min(i + AtATime, questions.size());
    std::vector<decltype(system.ask(questions[0].actor, questions[0].query))>
        answers;
    for (std::size_t k = i; k < end; ++k)
      answers.push_back(system.ask(questions[k].actor, questions[k].query));
    for (std::size_t k = i; k < end; ++k)
      use(questions[k], answers[k - i].get());
  }
}

void collectAlerts(rk::System &system, const Bank &bank, Found &found) {
  using PageQuestion = Question<Auditor, PageQuery>;
  std::vector<PageQuestion> firstPages, furtherPages;
  for (rk::ActorRef<Auditor> auditor : bank.auditors)
    firstPages.push_back({auditor, {0}});
  const auto take = [&](const PageQuestion &question, const Page &page) {
    const std::uint32_t kept = std::min(page.count, AuditorCapacity);
    const std::uint32_t first = question.query.first;
    found.auditorsHadRoom &= kept == page.count;
    found.alerts.insert(found.alerts.end(), page.alerts.begin(),
                        page.alerts.begin() + std::min(kept - first, PageSize));
    for (std::uint32_t next = PageSize; first == 0 && next < kept;
         next += PageSize)
      furtherPages.push_back({question.actor, {next}});
  };
  askAll(system, firstPages, take);
  askAll(system, std::vector(furtherPages), take);
  std::sort(found.alerts.begin(), found.alerts.end());
}

void collect(rk::System &system, const Bank &bank, Found &found) {
  std::vector<Question<Account, AccountQuery>> questions;
  for (rk::ActorRef<Account> account : bank.accounts)
    questions.push_back({account, {}});
  askAll(system, questions, [&](const auto &, const AccountReport &report) {
    found.handled += report.handled;
    found.forgotten += report.forgotten;
  });
  collectAlerts(system, bank, found);
  found.deadLetters = system.counters().deadLetters.total();
}

/// Feeds a new bank on `system` until nothing moves.
Found watch(rk::System &system, const Settings &settings, std::size_t alerts) {
  const Bank bank = openBank(system, settings, alerts);
  Found found;
  const example::StopWatch stopWatch;
  example::require(system.send(bank.clock, Start{}));
  if (settings.fromHost())
    feedFromHost(system, bank, settings);
  example::require(system.waitIdle(std::chrono::minutes(10)));
  found.seconds = stopWatch.seconds();
  collect(system, bank, found);
  return found;
}

std::uint64_t countOf(const std::vector<Alert> &alerts, Rule rule) {
  return std::uint64_t(
      std::count_if(alerts.begin(), alerts.end(),
                    [&](const Alert &alert) { return alert.rule == rule; }));
}

std::uint64_t fingerprint(const std::vector<Alert> &alerts) {
  std::uint64_t hash = 0;
  for (const Alert &alert : alerts) {
    hash = Generator::mix(hash ^ std::uint64_t(alert.rule) << 32 ^
                          alert.transaction);
    hash = Generator::mix(hash ^ alert.closing);
  }
  return hash;
}

void report(example::Result &result, const Settings &settings,
            const Found &found, const std::vector<Alert> &expected) {
  result.line("fraud: %u accounts, %llu transactions in %llu hours",
              settings.accounts(),
              static_cast<unsigned long long>(settings.transactions()),
              static_cast<unsigned long long>(settings.hours));
  constexpr const char *Names[Rules] = {"amount", "velocity", "structuring",
                                        "circular"};
  for (std::uint32_t rule = 0; rule < Rules; ++rule)
    result.line(
        "alerts, %s: %llu", Names[rule],
        static_cast<unsigned long long>(countOf(found.alerts, Rule(rule))));
  result.line("fingerprint of all alerts: %016llx",
              static_cast<unsigned long long>(fingerprint(found.alerts)));
  result.check("every transaction was handled",
               found.handled == settings.transactions());
  result.check("the alerts are those of the oracle", found.alerts == expected);
  result.check("nothing was forgotten too early",
               found.forgotten == 0 && found.auditorsHadRoom);
  result.check("no dead letters", found.deadLetters == 0);
}

//===- Command line ---------------------------------------------------------//

Settings readCommandLine(example::CommandLine &command, int count,
                         char **arguments) {
  Settings settings;
  command.number("branches", settings.branches, 1, MaxBranches,
                 "branches of 256 accounts");
  command.number("hours", settings.hours, 1, 10'000,
                 "hours of event time; 4 transactions an account in each");
  command.number("window", settings.window, 1, 128,
                 "transactions of 16 accounts that may be under way");
  example::addFeedOptions(command, settings, "runs, each with a new system",
                          "transactions");
  command.parse(count, arguments);
  return settings;
}

void printRecord(const Settings &settings, std::vector<double> rates,
                 std::size_t alerts) {
  example::printRow(settings.fromHost() ? "fraud-host" : "fraud-device",
                    "M transactions/s", std::move(rates),
                    "alerts equal to the oracle's, one by one",
                    "\"accounts\": " + std::to_string(settings.accounts()) +
                        ", \"window\": " + std::to_string(settings.window) +
                        ", \"alerts\": " + std::to_string(alerts));
}

int run(int count, char **arguments) {
  example::CommandLine command(
      "fraud", "Accounts watch their transactions by four rules.");
  const Settings settings = readCommandLine(command, count, arguments);
  const std::vector<Alert> expected =
      expectedAlerts(settings.generator(), std::uint32_t(settings.hours));
  rk::SystemOptions options;
  options.backend = command.backend;
  options.workers = std::uint32_t(settings.workers);
  options.maxActors =
      std::uint32_t(settings.branches + settings.feeders() +
                    settings.accounts() + auditorsFor(expected.size()) + 1);

  std::vector<double> rates;
  for (std::uint64_t i = 0;; ++i) {
    rk::System system(options);
    const Found found = watch(system, settings, expected.size());
    rates.push_back(double(settings.transactions()) / found.seconds / 1e6);
    example::Result result;
    report(result, settings, found, expected);
    // What earlier runs found wrong must not be lost behind the last one.
    if (i + 1 < settings.runs && result.isGood())
      continue;
    const int code = result.finish(command);
    example::printSpeed(system, found.seconds, double(settings.transactions()),
                        "transactions");
    if (settings.json && code == 0)
      printRecord(settings, rates, expected.size());
    return code;
  }
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("fraud", [&] { return run(count, arguments); });
}
