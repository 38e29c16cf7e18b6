// The rules of transactions.h once more, in plain C++ on one thread, with no
// bound on what is kept: what the actors must find.
#pragma once

#include "transactions.h"

#include <cstddef>
#include <deque>
#include <vector>

/// Threads   one.
class Oracle {
public:
  explicit Oracle(std::size_t accounts) : accounts_(accounts) {}

  /// Takes the next transaction. Those of one payer come in order of time.
  void add(std::uint32_t number, const Transaction &transaction);
  /// Returns all alerts, sorted. Circles are looked for here, since they may
  /// close with a transaction that is added late.
  std::vector<Alert> alerts();

private:
  struct Large {
    std::uint32_t number;
    Transaction transaction;
  };
  struct Account {
    std::deque<std::uint32_t> recent;     ///< times within the velocity window
    std::deque<std::uint32_t> structured; ///< times within its window
    std::vector<Large> large;             ///< in order of time
  };

  void follow(const Large &first, const Transaction &last, std::uint32_t legs);

  std::vector<Account> accounts_;
  std::vector<Alert> alerts_;
};

/// Returns the alerts for `hours` of all feeders.
std::vector<Alert> expectedAlerts(const Generator &generator,
                                  std::uint32_t hours);
