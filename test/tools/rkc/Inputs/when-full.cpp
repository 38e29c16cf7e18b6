// What the driver's tests of full mailboxes compile.

#include <rk/actor.h>

struct Add {
  int amount;
};

class [[rk::actor(rk::WhenFull::DropOldest)]] Gauge {
public:
  [[rk::handler]] void on(Add add) { last_ = add.amount; }

private:
  int last_ = 0;
};
class [[rk::actor(rk::WhenFull::DeadLetter)]] Log {
public:
  [[rk::handler]] void on(Add add) { sum_ += add.amount; }

private:
  int sum_ = 0;
};
class [[rk::actor]] Usual {
public:
  [[rk::handler]] void on(Add add) { sum_ += add.amount; }

private:
  int sum_ = 0;
};
