// RUN: %refuse %s 2>&1 | FileCheck %s
// RUN: not %gxx %s 2>&1 | FileCheck %s --check-prefix=GXX

// Sending what nobody handles is refused by both compilers.

#include <rk/actor.h>

struct Deposit { int cents; };
struct Withdraw { int cents; };

class [[rk::actor]] Account {
public:
  [[rk::handler]] void on(Deposit) {}
};

class [[rk::actor]] Client {
public:
  [[rk::handler]] void on(Withdraw withdraw, rk::Context &context) {
    // CHECK: unhandled-message.cpp:[[@LINE+3]]:13: error: actor 'Account' has no handler for message 'Withdraw': add '{{\[\[}}rk::handler]] void on(Withdraw)' to it, or send another message
    // CHECK-NOT: note:
    // GXX: error: static assertion failed: the receiving actor has no handler for this message
    context.send(account_, withdraw);
  }

private:
  rk::ActorRef<Account> account_;
};
