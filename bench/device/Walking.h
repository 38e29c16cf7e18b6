//===- Walking.h - Messages that go on among pooled actors ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Walkers pass a step on to one of four others, or to all four. Every byte of
/// a step follows from the seed that its walk began with and from how many
/// steps it has made, and each receiver adds up a hash of all of them. What all
/// hashes must add up to the host computes from the seeds, so a message that
/// was lost, doubled or damaged shows, and one that was lost while another was
/// doubled does too.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <rk/actor.h>

#include <array>
#include <type_traits>

namespace rkbench {

struct TallyQuery {};
struct Tally {
  std::uint64_t received;
  std::uint64_t sum; ///< of hashes of what was received
};

/// A message of `Size` bytes; 32 is the most that one packet holds.
template <unsigned Size> struct Step {
  using Word = std::conditional_t<Size == 8, std::uint32_t, std::uint64_t>;
  static constexpr unsigned Words = Size / sizeof(Word);

  /// A random number, the steps left, and what is carried along.
  std::array<Word, Words> words;
};
/// The same to all four: one passes it on, for the others no step is left.
template <unsigned Size> struct Tidings {
  Step<Size> step;
};

/// Returns the message that begins a walk.
template <unsigned Size>
constexpr Step<Size> beginWalk(typename Step<Size>::Word seed,
                               std::uint64_t left) {
  using Word = typename Step<Size>::Word;
  Step<Size> step{};
  for (unsigned i = 0; i < Step<Size>::Words; ++i)
    step.words[i] = i == 1 ? Word(left) : Word(seed + i);
  return step;
}

/// Returns the step after `step`: the same random number never comes twice in
/// a walk, and at the same step never in two walks of different seeds.
template <unsigned Size> constexpr Step<Size> stepAfter(Step<Size> step) {
  using Word = typename Step<Size>::Word;
  step.words[0] = Word(step.words[0] * Word(6364136223846793005u) +
                       Word(1442695040888963407u));
  --step.words[1];
  for (unsigned i = 2; i < Step<Size>::Words; ++i)
    step.words[i] += step.words[0];
  return step;
}

/// Which of the four neighbours a step goes to: no address has to be known.
template <unsigned Size> constexpr unsigned wayOf(const Step<Size> &step) {
  return unsigned(step.words[0] >> (8 * sizeof(step.words[0]) - 2));
}

/// A sum of all words, each times an odd number of its own: any byte changes
/// it, and so does an exchange of two words.
template <unsigned Size>
constexpr typename Step<Size>::Word hashOf(const Step<Size> &step) {
  typename Step<Size>::Word hash = 0;
  for (unsigned i = 0; i < Step<Size>::Words; ++i)
    hash += step.words[i] * (2 * i + 1);
  return hash;
}

class Walker;
class Ledger;

struct Neighbours {
  std::array<rk::ActorRef<Walker>, 4> walkers;
};
/// Asks for a tally to be sent to a ledger.
struct Report {
  rk::ActorRef<Ledger> to;
};

class [[rk::actor]] Walker {
public:
  [[rk::handler]] void on(Neighbours neighbours) { neighbours_ = neighbours; }

  [[rk::handler]] void on(Step<8> step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const Step<16> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const Step<32> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const Step<48> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const Step<112> &step, rk::Context &context) {
    pass(step, context);
  }
  [[rk::handler]] void on(const Step<1024> &step, rk::Context &context) {
    pass(step, context);
  }

  [[rk::handler]] void on(const Tidings<16> &tidings, rk::Context &context) {
    tell(tidings.step, context);
  }
  [[rk::handler]] void on(const Tidings<48> &tidings, rk::Context &context) {
    tell(tidings.step, context);
  }
  [[rk::handler]] void on(const Tidings<112> &tidings, rk::Context &context) {
    tell(tidings.step, context);
  }
  [[rk::handler]] void on(const Tidings<1024> &tidings, rk::Context &context) {
    tell(tidings.step, context);
  }

  [[rk::handler]] Tally on(TallyQuery) { return tally_; }
  [[rk::handler]] void on(Report report, rk::Context &context) {
    context.send(report.to, tally_);
  }

private:
  template <unsigned Size> void count(const Step<Size> &step) {
    ++tally_.received;
    tally_.sum += hashOf(step);
  }

  template <unsigned Size>
  void pass(const Step<Size> &step, rk::Context &context) {
    count(step);
    if (step.words[1] == 0)
      return;
    const Step<Size> next = stepAfter(step);
    context.send(neighbours_.walkers[wayOf(next)], next);
  }

  template <unsigned Size>
  void tell(const Step<Size> &step, rk::Context &context) {
    count(step);
    if (step.words[1] == 0)
      return;
    Tidings<Size> next{stepAfter(step)};
    const unsigned chosen = wayOf(next.step);
    const auto left = next.step.words[1];
    for (unsigned i = 0; i < neighbours_.walkers.size(); ++i) {
      next.step.words[1] = i == chosen ? left : 0;
      context.send(neighbours_.walkers[i], next);
    }
  }

  Neighbours neighbours_{};
  Tally tally_{};
};

/// Adds up tallies until it is asked.
class [[rk::actor]] Ledger {
public:
  [[rk::handler]] void on(Tally tally) {
    total_.received += tally.received;
    total_.sum += tally.sum;
  }
  [[rk::handler]] Tally on(TallyQuery) {
    const Tally total = total_;
    total_ = {};
    return total;
  }

private:
  Tally total_{};
};

} // namespace rkbench
