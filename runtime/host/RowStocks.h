//===- RowStocks.h - Free rows of a table, by threads -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace rk::runtime {

/// Numbers of rows that nobody uses. Each thread takes from one of several
/// stocks and gives back to it, and the stocks exchange rows with a store that
/// all share, many at a time: so up to `StockCount` threads share no lock and
/// no line on the usual way.
///
/// Threads   any. A stock belongs to no thread, so nothing is left behind when
///           one ends.
/// Ordering  rows come back in the order last in, first out, by each thread.
class RowStocks {
public:
  static constexpr std::uint32_t NoRow = ~0u;
  static constexpr std::size_t StockCount = 32;
  /// Rows that a stock exchanges with the store; it keeps at most twice as
  /// many.
  static constexpr std::size_t Batch = 64;

  /// Returns a free row, or `NoRow`. Before it does, `grow` is asked for more:
  /// it returns new rows, of which the last is used first, or none, and is
  /// called by one thread at a time. Rows in others' stocks are found, unless
  /// they move to the store meanwhile.
  template <class Grow> std::uint32_t take(Grow grow) {
    {
      Stock &mine = stockOfThread();
      const std::lock_guard lock(mine.mutex);
      if (mine.rows.empty())
        refill(mine.rows, grow);
      if (!mine.rows.empty())
        return takeLast(mine.rows);
    }
    return takeFromAny();
  }

  void give(std::uint32_t row);

private:
  struct alignas(64) Stock {
    std::mutex
        mutex; ///< the store's may be taken under it, another stock's not
    std::vector<std::uint32_t> rows;
  };

  /// From 0 on, in the order of the threads' first use.
  static std::size_t numberOfThread();
  Stock &stockOfThread();
  std::uint32_t takeFromAny();
  static std::uint32_t takeLast(std::vector<std::uint32_t> &rows);
  /// Moves the last rows of one to the other, a batch at most.
  static void moveBatch(std::vector<std::uint32_t> &from,
                        std::vector<std::uint32_t> &to);

  template <class Grow>
  void refill(std::vector<std::uint32_t> &rows, Grow grow) {
    const std::lock_guard lock(storeMutex_);
    if (store_.empty())
      store_ = grow();
    moveBatch(store_, rows);
  }

  std::array<Stock, StockCount> stocks_;
  std::mutex storeMutex_;
  std::vector<std::uint32_t> store_;
};

} // namespace rk::runtime
