#include "actors.h"

//===- Account --------------------------------------------------------------//

void Account::on(Pay pay, rk::Context &context) {
  std::uint32_t weight = WholeWeight;
  const auto raise = [&](Rule rule) {
    context.send(auditor_, Report{feeder_, {pay.number, pay.number, rule}, 1});
    --weight;
  };
  if (pay.cents > AmountLimit)
    raise(Rule::Amount);
  if (isHurried(pay.time))
    raise(Rule::Velocity);
  const Transaction transaction{0, pay.payee, pay.cents, pay.time};
  if (transaction.isStructured() && isStructuring(pay.time))
    raise(Rule::Structuring);
  if (transaction.isLarge())
    remember(pay);
  ++report_.handled;
  context.send(feeder_, Settled{weight});
}

bool Account::isHurried(std::uint32_t time) {
  std::uint32_t &place = recent_[report_.handled % recent_.size()];
  const bool hurried =
      report_.handled >= recent_.size() && time - place < VelocityWindow;
  place = time;
  return hurried;
}

bool Account::isStructuring(std::uint32_t time) {
  std::uint32_t &place = structured_[structuredCount_ % structured_.size()];
  const bool structuring = structuredCount_ >= structured_.size() &&
                           time - place < StructuringWindow;
  place = time;
  ++structuredCount_;
  return structuring;
}

void Account::remember(const Pay &pay) {
  Pay &place = ledger_[ledgerCount_ % LedgerSize];
  // Chases need the payments of this hour and of the two before it.
  report_.forgotten +=
      ledgerCount_ >= LedgerSize &&
      place.time / SecondsPerHour + 2 >= pay.time / SecondsPerHour;
  place = pay;
  ++ledgerCount_;
}

void Account::on(Chase chase, rk::Context &context) {
  const std::uint32_t share = chaseWeight(chase.legs - 1u);
  std::uint32_t weight = chaseWeight(chase.legs);
  for (std::uint32_t i = 0; i < LedgerSize && i < ledgerCount_; ++i) {
    const Pay &next = ledger_[i];
    const bool follows =
        next.time > chase.time && next.time <= chase.until &&
        next.cents <= chase.cents &&
        std::uint64_t(next.cents) * 10 >= std::uint64_t(chase.cents) * 9;
    if (!follows)
      continue;
    if (next.payee == chase.origin) {
      const Alert alert{chase.number, next.number, Rule::Circular};
      context.send(auditor_, Report{chase.feeder, alert, share});
    } else if (chase.legs > 1) {
      Chase onward = chase;
      onward.at = next.payee;
      onward.legs = chase.legs - 1u;
      onward.cents = next.cents;
      onward.time = next.time;
      context.send(branch_, onward);
    } else {
      continue;
    }
    weight -= share;
  }
  if (weight != 0)
    context.send(chase.feeder, Settled{weight});
}

//===- Auditor and branch ---------------------------------------------------//

void Auditor::on(Report report, rk::Context &context) {
  if (count_ < AuditorCapacity)
    alerts_[count_] = report.alert;
  ++count_;
  context.send(report.feeder, Settled{report.weight});
}

Page Auditor::on(PageQuery query) {
  Page page{count_, {}};
  for (std::uint32_t i = 0; i < PageSize; ++i)
    page.alerts[i] = alerts_[(query.first + i) % AuditorCapacity];
  return page;
}

void Branch::on(Chase chase, rk::Context &context) {
  const std::uint32_t branch = chase.at / AccountsPerBranch;
  if (branch == number_)
    context.send(members_.accounts[chase.at % AccountsPerBranch], chase);
  else
    context.send(directory_.branches[branch % MaxBranches], chase);
}

void Branch::on(BeginStep begin, rk::Context &context) {
  for (rk::ActorRef<Feeder> feeder : members_.feeders)
    context.send(feeder, begin);
}

void Branch::on(StepDone done, rk::Context &context) {
  if (++feedersDone_ < FeedersPerBranch)
    return;
  feedersDone_ = 0;
  context.send(members_.clock, done);
}

//===- Feeder ---------------------------------------------------------------//

void Feeder::on(const Hour &brought, rk::Context &context) {
  hour(hoursFed_++) = brought.transactions;
  beginIfReady(context);
}

void Feeder::on(BeginStep, rk::Context &context) {
  ++stepsBegun_;
  beginIfReady(context);
}

void Feeder::on(Settled settled, rk::Context &context) {
  outstanding_ -= settled.weight;
  sendWhileRoom(context);
}

void Feeder::beginIfReady(rk::Context &context) {
  if (running_ || step_ == stepsBegun_)
    return;
  if (step_ < hoursInAll_) {
    if (fromHost_ && hoursFed_ <= step_)
      return;
    for (std::uint32_t i = 0; i < PerHour && !fromHost_; ++i)
      hour(step_)[i] = generator_.make(number_, step_, i);
  }
  running_ = true;
  next_ = 0;
  sendWhileRoom(context);
}

void Feeder::sendWhileRoom(rk::Context &context) {
  for (; next_ < 2 * PerHour && outstanding_ <= (window_ - 1) * WholeWeight;
       ++next_)
    if (next_ < PerHour)
      pay(next_, context);
    else
      chase(next_ - PerHour, context);
  if (next_ < 2 * PerHour || outstanding_ != 0)
    return;
  running_ = false;
  ++step_;
  context.send(branch_, StepDone{});
}

void Feeder::pay(std::uint32_t slot, rk::Context &context) {
  if (step_ >= hoursInAll_)
    return;
  const Transaction &transaction = hour(step_)[slot];
  context.send(clients_.accounts[transaction.payer % AccountsPerFeeder],
               Pay{generator_.number(number_, step_, slot), transaction.payee,
                   transaction.cents, transaction.time});
  outstanding_ += WholeWeight;
}

void Feeder::chase(std::uint32_t slot, rk::Context &context) {
  if (step_ < 2)
    return;
  const Transaction &first = hour(step_ - 2)[slot];
  if (!first.isLarge())
    return;
  Chase chase{};
  chase.feeder = context.self(this);
  chase.number = generator_.number(number_, step_ - 2, slot);
  chase.origin = first.payer;
  chase.at = first.payee;
  chase.legs = CircularLegs - 1;
  chase.cents = first.cents;
  chase.time = first.time;
  chase.until = first.time + CircularWindow;
  context.send(branch_, chase);
  outstanding_ += WholeWeight;
}

//===- Clock ----------------------------------------------------------------//

void Clock::beginStep(rk::Context &context) {
  for (std::uint32_t i = 0; i < count_; ++i)
    context.send(branches_[i], BeginStep{});
}

void Clock::on(StepDone, rk::Context &context) {
  if (++branchesDone_ < count_)
    return;
  branchesDone_ = 0;
  ++stepsOver_;
  answerIfOver(context);
  if (stepsOver_ < steps_)
    beginStep(context);
}

void Clock::on(Await await, rk::Context &context) {
  awaited_ = await.step;
  asker_ = context.replyLater<StepOver>();
  answerIfOver(context);
}

void Clock::answerIfOver(rk::Context &context) {
  if (!asker_ || stepsOver_ <= awaited_)
    return;
  context.reply(asker_, StepOver{});
  asker_ = {};
}
