#include "oracle.h"

#include <algorithm>

namespace {

/// Adds `time` and forgets what is `window` or more before it.
void slide(std::deque<std::uint32_t> &times, std::uint32_t time,
           std::uint32_t window) {
  times.push_back(time);
  while (time - times.front() >= window)
    times.pop_front();
}

} // namespace

void Oracle::add(std::uint32_t number, const Transaction &transaction) {
  Account &payer = accounts_[transaction.payer];
  const auto raise = [&](Rule rule) {
    alerts_.push_back({number, number, rule});
  };
  if (transaction.cents > AmountLimit)
    raise(Rule::Amount);
  slide(payer.recent, transaction.time, VelocityWindow);
  if (payer.recent.size() > VelocityLimit)
    raise(Rule::Velocity);
  if (transaction.isStructured()) {
    slide(payer.structured, transaction.time, StructuringWindow);
    if (payer.structured.size() >= StructuringCount)
      raise(Rule::Structuring);
  }
  if (transaction.isLarge())
    payer.large.push_back({number, transaction});
}

std::vector<Alert> Oracle::alerts() {
  std::vector<Alert> withoutCircles = alerts_;
  for (const Account &account : accounts_)
    for (const Large &first : account.large)
      follow(first, first.transaction, 1);
  std::vector<Alert> all = std::move(alerts_);
  alerts_ = std::move(withoutCircles);
  std::sort(all.begin(), all.end());
  return all;
}

/// Looks for payments that pass on what came in with `last`, the `legs`th
/// payment of a way that began with `first`.
void Oracle::follow(const Large &first, const Transaction &last,
                    std::uint32_t legs) {
  const std::uint32_t until = first.transaction.time + CircularWindow;
  const std::vector<Large> &payments = accounts_[last.payee].large;
  auto next = std::upper_bound(payments.begin(), payments.end(), last.time,
                               [](std::uint32_t time, const Large &large) {
                                 return time < large.transaction.time;
                               });
  for (; next != payments.end() && next->transaction.time <= until; ++next) {
    const Transaction &payment = next->transaction;
    const double kept = 1 - double(payment.cents) / double(last.cents);
    if (kept < 0 || kept > 0.1)
      continue;
    if (payment.payee == first.transaction.payer)
      alerts_.push_back({first.number, next->number, Rule::Circular});
    else if (legs + 1 < CircularLegs)
      follow(first, payment, legs + 1);
  }
}

std::vector<Alert> expectedAlerts(const Generator &generator,
                                  std::uint32_t hours) {
  Oracle oracle(std::size_t(generator.feeders) * AccountsPerFeeder);
  for (std::uint32_t hour = 0; hour < hours; ++hour)
    for (std::uint32_t feeder = 0; feeder < generator.feeders; ++feeder)
      for (std::uint32_t slot = 0; slot < PerHour; ++slot)
        oracle.add(generator.number(feeder, hour, slot),
                   generator.make(feeder, hour, slot));
  return oracle.alerts();
}
