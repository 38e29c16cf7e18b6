#include <rk/actor.h>

#include <cstdint>

struct Sample {
  std::int32_t value;
};
struct Tick {};

class [[rk::actor]] Log {
public:
  [[rk::handler]] void on(Sample sample) { last_ = sample.value; }

private:
  std::int32_t last_ = 0;
};

class [[rk::actor, rk::resident]] Filter {
public:
  [[rk::handler]] void on(Sample sample) { last_ = sample.value; }

private:
  std::int32_t last_ = 0;
};

class [[rk::actor, rk::resident]] Sensor {
public:
  [[rk::handler]] void on(Tick, rk::Context &context) {
    context.send(context.self(this), Tick{});
    context.send(context.spawnAt<Filter>(
                     rk::Placement::inBlockOf(context.self(this))),
                 Sample{1});
    context.send(kept_, Sample{2});
    context.send(log_, Sample{3});
  }

private:
  rk::ActorRef<Filter> kept_;
  rk::ActorRef<Log> log_;
};
