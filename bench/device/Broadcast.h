//===- Broadcast.h - One message to many actors -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A herald sends the same news to all its listeners in one handler. The news
/// names one of them, which sends the next; so the number of broadcasts under
/// way stays what it is.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>

#include <array>

namespace rkbench {

class Herald;

inline constexpr std::uint32_t BroadcastCopies = 32;

struct Listeners {
  std::array<rk::ActorRef<Herald>, BroadcastCopies> heralds;
};
struct News {
  rk::ActorRef<Herald> next; ///< who broadcasts when this has come
  std::uint32_t left;        ///< broadcasts
  std::uint32_t random;
  std::uint64_t value; ///< never the same twice in a row
};
struct NewsQuery {};
struct NewsTally {
  std::uint64_t received;
  std::uint64_t sum; ///< of the values received
  std::uint64_t broadcasts;
};

/// The news that follow each other, which the host computes too.
constexpr News newsAfter(News news) {
  news.random = news.random * 1664525u + 1013904223u;
  --news.left;
  news.value = std::uint64_t(news.random) << 16 | (news.left & 0xffff);
  return news;
}

class [[rk::actor]] Herald {
public:
  [[rk::handler]] void on(const Listeners &listeners) {
    listeners_ = listeners;
  }
  [[rk::handler]] void on(const News &news, rk::Context &context) {
    ++tally_.received;
    tally_.sum += news.value;
    if (news.next == context.self(this) && news.left > 0)
      broadcast(news, context);
  }
  [[rk::handler]] NewsTally on(NewsQuery) { return tally_; }

private:
  void broadcast(const News &heard, rk::Context &context) {
    ++tally_.broadcasts;
    News news = newsAfter(heard);
    news.next = listeners_.heralds[news.random >> 27];
    for (const rk::ActorRef<Herald> listener : listeners_.heralds)
      context.send(listener, news);
  }

  static_assert(BroadcastCopies == 1u << (32 - 27));
  Listeners listeners_{};
  NewsTally tally_{};
};

} // namespace rkbench
