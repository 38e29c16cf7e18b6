#include "actors.h"

void Teller::on(Open, rk::Context &context) {
  for (std::uint32_t i = 0; i < Window; ++i)
    beginTransfer(context);
}

void Teller::on(Settled, rk::Context &context) {
  ++settled_;
  beginTransfer(context);
}

void Teller::beginTransfer(rk::Context &context) {
  if (next_ == end_)
    return;
  const Order order = Order::make(seed_, next_++);
  context.send(branches_[order.payer / AccountsPerBranch],
               Transfer{context.self(this),
                        branches_[order.payee / AccountsPerBranch],
                        order.payer % AccountsPerBranch,
                        order.payee % AccountsPerBranch, order.cents});
}

void Branch::on(Transfer transfer, rk::Context &context) {
  context.send(accounts_[transfer.payer],
               Withdraw{transfer.teller, transfer.payeeBranch, transfer.payee,
                        transfer.cents});
}

void Account::on(Withdraw withdraw, rk::Context &context) {
  cents_ -= withdraw.cents;
  context.send(withdraw.payeeBranch,
               Credit{withdraw.teller, withdraw.payee, withdraw.cents});
}

void Branch::on(Credit credit, rk::Context &context) {
  context.send(accounts_[credit.payee], Deposit{credit.teller, credit.cents});
}

void Account::on(Deposit deposit, rk::Context &context) {
  cents_ += deposit.cents;
  context.send(deposit.teller, Settled{});
}
