// Two players hit a ball to and fro; both live on the device.
#pragma once

#include <rk/actor.h>

class Player;

/// Hit a ball to `opponent`; it is to be hit `hits` times in all.
struct Serve {
  rk::ActorRef<Player> opponent;
  std::uint64_t hits;
};

struct Ball {
  rk::ActorRef<Player> from;
  std::uint64_t hit;  ///< this is the hit-th time that it was hit
  std::uint64_t hits; ///< after as many hits it is let go
};

struct ScoreQuery {};
struct Score {
  std::uint64_t received;
  std::uint64_t checksum; ///< over the numbers of the hits, in order
};

class [[rk::actor]] Player {
public:
  [[rk::handler]] void on(Serve serve, rk::Context &context) {
    context.send(serve.opponent, Ball{context.self(this), 1, serve.hits});
  }

  [[rk::handler]] void on(Ball ball, rk::Context &context) {
    ++received_;
    checksum_ = (checksum_ + ball.hit) * 0x9e3779b97f4a7c15;
    if (ball.hit < ball.hits)
      context.send(ball.from,
                   Ball{context.self(this), ball.hit + 1, ball.hits});
  }

  [[rk::handler]] Score on(ScoreQuery) { return {received_, checksum_}; }

private:
  std::uint64_t received_ = 0;
  std::uint64_t checksum_ = 0;
};
