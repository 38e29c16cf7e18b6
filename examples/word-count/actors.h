// Counting words: mappers cut text into words, reducers count them.
//
// A word is a run of the letters A to Z and a to z, in lower case; letters
// after the 28th are dropped. Every reducer has the words of one shard.
#pragma once

#include <rk/actor.h>

#include <array>

constexpr std::uint32_t Reducers = 64;
constexpr std::uint32_t WordLetters = 28;

/// Part of the text. It neither begins nor ends inside a word.
struct Chunk {
  static constexpr std::uint32_t Capacity = 1020;
  std::uint32_t length;
  char text[Capacity];
};

/// One word, once or several times. Unused letters are zero.
struct Word {
  std::array<char, WordLetters> letters;
  std::uint32_t count;
};

/// Asks for the words from number `first` on, in no particular order.
struct PageQuery {
  std::uint32_t first;
};
struct Page {
  static constexpr std::uint32_t Capacity = 100;
  std::uint32_t total;   ///< distinct words of this reducer
  std::uint32_t dropped; ///< words that found no room
  std::uint32_t used;    ///< words of this page
  std::array<Word, Capacity> words;
};

class [[rk::actor]] Reducer {
public:
  [[rk::handler]] void on(const Word &word);
  [[rk::handler]] Page on(PageQuery query);

private:
  static constexpr std::uint32_t Capacity = 1024;
  std::array<Word, Capacity> words_{}; ///< open addressing; free if count is 0
  std::uint32_t used_ = 0;
  std::uint32_t dropped_ = 0;
};

using ReducerTable = std::array<rk::ActorRef<Reducer>, Reducers>;

class [[rk::actor]] Mapper {
public:
  explicit Mapper(const ReducerTable &reducers) : reducers_(reducers) {}

  [[rk::handler]] void on(const Chunk &chunk, rk::Context &context);

private:
  void flush(Word &word, std::uint32_t &length, rk::Context &context);

  ReducerTable reducers_;
};
