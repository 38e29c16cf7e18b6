// Actors that misbehave, or that never end, for the fault trials.
#pragma once

#include <rk/actor.h>

struct Spin {};
struct Question {};
struct Answer {
  std::uint32_t value;
};

class [[rk::actor]] Looper {
public:
  /// Never returns.
  [[rk::handler]] void on(Spin);
  [[rk::handler]] Answer on(Question) { return {42}; }
};

class [[rk::actor]] Chatterer {
public:
  struct Chat {
    rk::ActorRef<Chatterer> partner;
  };
  [[rk::handler]] void on(Chat chat, rk::Context &context) {
    context.send(chat.partner, Chat{context.self(this)});
  }
};
