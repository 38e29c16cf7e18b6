//===- RowStocksTest.cpp - Free rows are found by all threads -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "RowStocks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <random>
#include <set>
#include <thread>

using rk::runtime::RowStocks;

namespace {

/// Rows from 0 on, some at a time, up to a limit.
struct Growing {
  std::uint32_t perCall, limit, made = 0;

  std::vector<std::uint32_t> operator()() {
    std::vector<std::uint32_t> rows(std::min(perCall, limit - made));
    std::iota(rows.rbegin(), rows.rend(), made);
    made += std::uint32_t(rows.size());
    return rows;
  }
};

TEST(RowStocks, AThreadGetsItsLastRowAgain) {
  RowStocks stocks;
  Growing grow{100, 100};
  const auto take = [&] { return stocks.take([&] { return grow(); }); };
  const std::uint32_t first = take(), second = take();
  EXPECT_NE(first, second);
  stocks.give(first);
  EXPECT_EQ(take(), first);
}

TEST(RowStocks, EveryRowComesOnceAndThenNone) {
  RowStocks stocks;
  Growing grow{100, 1000};
  std::set<std::uint32_t> taken;
  for (int i = 0; i < 1000; ++i)
    taken.insert(stocks.take([&] { return grow(); }));
  EXPECT_EQ(taken.size(), 1000u);
  EXPECT_EQ(*taken.rbegin(), 999u);
  EXPECT_EQ(stocks.take([&] { return grow(); }), RowStocks::NoRow);
}

TEST(RowStocks, RowsThatAnotherThreadGaveBackAreFound) {
  RowStocks stocks;
  Growing grow{300, 300};
  const auto take = [&] { return stocks.take([&] { return grow(); }); };
  for (int i = 0; i < 300; ++i)
    take();
  std::thread([&] {
    for (std::uint32_t row = 0; row < 300; ++row)
      stocks.give(row);
  }).join();
  std::set<std::uint32_t> taken;
  for (int i = 0; i < 300; ++i)
    taken.insert(take());
  EXPECT_EQ(taken.size(), 300u);
  EXPECT_EQ(taken.count(RowStocks::NoRow), 0u);
  EXPECT_EQ(take(), RowStocks::NoRow);
}

TEST(RowStocks, NoRowHasTwoHolders) {
  constexpr std::uint32_t Rows = 2000;
  RowStocks stocks;
  Growing grow{256, Rows}; // `take` calls it by one thread at a time
  std::vector<std::atomic<bool>> isHeld(Rows);
  std::atomic<int> twice = 0;
  const auto use = [&](unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::uint32_t> mine;
    for (int i = 0; i < 20000; ++i) {
      if (mine.size() < 200 && random() % 2 == 0) {
        const std::uint32_t row = stocks.take([&] { return grow(); });
        if (row == RowStocks::NoRow)
          continue;
        twice += isHeld[row].exchange(true);
        mine.push_back(row);
      } else if (!mine.empty()) {
        std::swap(mine[random() % mine.size()], mine.back());
        isHeld[mine.back()] = false;
        stocks.give(mine.back());
        mine.pop_back();
      }
    }
    for (const std::uint32_t row : mine) {
      isHeld[row] = false;
      stocks.give(row);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 8; ++i)
    threads.emplace_back(use, i);
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(twice, 0);
  std::set<std::uint32_t> all;
  for (std::uint32_t i = 0; i < grow.made; ++i)
    all.insert(stocks.take([] { return std::vector<std::uint32_t>(); }));
  EXPECT_EQ(all.size(), grow.made);
  EXPECT_EQ(all.count(RowStocks::NoRow), 0u);
}

} // namespace
