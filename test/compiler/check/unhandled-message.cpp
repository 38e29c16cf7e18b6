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
    // CHECK: error: static assertion failed due to requirement 'Handles<Account, Withdraw>': the receiving actor has no handler for this message: add {{'\[\[rk::handler]] void on\(Message\)'}} to it, or send another message
    // CHECK: note: in instantiation of function template specialization 'rk::detail::requireHandler<Account, Withdraw>' requested here
    // CHECK: unhandled-message.cpp:[[@LINE+2]]:13: note: in instantiation of function template specialization 'rk::Context::send<Account, Withdraw>' requested here
    // GXX: error: static assertion failed: the receiving actor has no handler for this message
    context.send(account_, withdraw);
  }

private:
  rk::ActorRef<Account> account_;
};
