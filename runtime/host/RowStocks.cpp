//===- RowStocks.cpp - Free rows of a table, by threads -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "RowStocks.h"

#include <algorithm>
#include <atomic>

namespace rk::runtime {

std::size_t RowStocks::numberOfThread() {
  static constinit std::atomic<std::size_t> next = 0;
  thread_local const std::size_t mine =
      next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

RowStocks::Stock &RowStocks::stockOfThread() {
  return stocks_[numberOfThread() % StockCount];
}

std::uint32_t RowStocks::takeLast(std::vector<std::uint32_t> &rows) {
  const std::uint32_t row = rows.back();
  rows.pop_back();
  return row;
}

void RowStocks::moveBatch(std::vector<std::uint32_t> &from,
                          std::vector<std::uint32_t> &to) {
  const auto begin = from.end() - std::ptrdiff_t(std::min(from.size(), Batch));
  to.insert(to.end(), begin, from.end());
  from.erase(begin, from.end());
}

std::uint32_t RowStocks::takeFromAny() {
  for (Stock &stock : stocks_) {
    const std::lock_guard lock(stock.mutex);
    if (!stock.rows.empty())
      return takeLast(stock.rows);
  }
  return NoRow;
}

void RowStocks::give(std::uint32_t row) {
  Stock &mine = stockOfThread();
  const std::lock_guard lock(mine.mutex);
  if (mine.rows.size() == 2 * Batch) {
    const std::lock_guard storeLock(storeMutex_);
    moveBatch(mine.rows, store_);
  }
  mine.rows.push_back(row);
}

} // namespace rk::runtime
