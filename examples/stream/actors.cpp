#include "actors.h"

void Source::on(Produce produce, rk::Context &context) {
  end_ += produce.count;
  emit(context);
}

void Source::on(Ack ack, rk::Context &context) {
  inFlight_ -= ack.count;
  emit(context);
  answerIfRoom(context);
}

void Source::emit(rk::Context &context) {
  for (; next_ != end_ && inFlight_ < window_; ++next_, ++inFlight_) {
    const EventId id{chain_, next_};
    context.send(validator_, Raw{id, Frame::make(seed_, id)});
  }
}

void Source::on(const Chunk &chunk, rk::Context &context) {
  for (std::uint32_t i = 0; i < chunk.count; ++i)
    context.send(validator_,
                 Raw{{chain_, chunk.first + i}, chunk.frames[i % ChunkFrames]});
  inFlight_ += chunk.count;
  asker_ = context.replyLater<Room>();
  answerIfRoom(context);
}

void Source::answerIfRoom(rk::Context &context) {
  if (!asker_ || inFlight_ + ChunkFrames > window_)
    return;
  context.reply(asker_, Room{});
  asker_ = {};
}

void Validator::on(Raw raw, rk::Context &context) {
  report_.outOfOrder += raw.id.sequence != std::uint32_t(report_.handled);
  ++report_.handled;
  const std::uint32_t word = raw.frame.words[0];
  context.send(enricher_, Event{raw.id, word & 0xff, word >> 8 & 0xff,
                                std::int32_t(raw.frame.words[1]),
                                raw.frame.isGood(raw.id)});
}

void Enricher::on(Event event, rk::Context &context) {
  report_.outOfOrder += event.id.sequence != std::uint32_t(report_.handled);
  ++report_.handled;
  const std::uint32_t key = event.key % KeysPerGroup;
  context.send(aggregators_[key / KeysPerAggregator],
               Enriched{event.id, valueOf(event.amount, event.currency), key,
                        event.good});
}

void Aggregator::on(Enriched event, rk::Context &context) {
  const std::uint32_t chain = event.id.chain % ChainsPerGroup;
  totals_.stage.outOfOrder += event.id.sequence < next_[chain];
  next_[chain] = event.id.sequence + 1;
  ++totals_.stage.handled;
  std::uint64_t rank = 0;
  if (event.good) {
    KeyTotal &total = totals_.keys[event.key % KeysPerAggregator];
    rank = ++total.count;
    total.sum += event.value;
  }
  context.send(sinks_[chain], Aggregated{event.id, event.value, rank, number_});
}

void Sink::on(Aggregated event, rk::Context &context) {
  const std::uint32_t sequence = event.id.sequence;
  const std::uint32_t aggregator = event.aggregator % ChainsPerGroup;
  report_.outOfOrder += sequence < next_[aggregator];
  next_[aggregator] = sequence + 1;
  ++report_.received;
  report_.idSum += event.id.bits();
  report_.idXor ^= event.id.bits();
  report_.rankSum += event.rank;
  if (event.rank == 0)
    ++report_.rejected;
  else
    report_.valueSum += event.value;
  note(sequence);
  const std::uint32_t complete = std::uint32_t(report_.firstMissing) - acked_;
  if (complete >= batch_) {
    context.send(source_, Ack{complete});
    acked_ += complete;
  }
}

/// Marks a sequence number as seen, and moves the window past what is complete.
void Sink::note(std::uint32_t sequence) {
  auto first = std::uint32_t(report_.firstMissing);
  const auto word = [&](std::uint32_t number) -> std::uint64_t & {
    return seen_[number / 64 % seen_.size()];
  };
  const auto bit = [](std::uint32_t number) {
    return std::uint64_t(1) << number % 64;
  };
  // Behind the window it was seen before. A source never gets ahead of it, as
  // only what is complete is acknowledged: an event can be overtaken by many.
  if (sequence - first >= MaxWindow || (word(sequence) & bit(sequence)) != 0) {
    ++report_.duplicated;
    return;
  }
  word(sequence) |= bit(sequence);
  for (; (word(first) & bit(first)) != 0; ++first)
    word(first) &= ~bit(first);
  report_.firstMissing = first;
}
