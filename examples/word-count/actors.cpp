#include "actors.h"

namespace {

std::uint32_t hashOf(const Word &word) {
  std::uint32_t hash = 2166136261u;
  for (char letter : word.letters)
    hash = (hash ^ std::uint32_t(letter)) * 16777619u;
  return hash ^ hash >> 15;
}

char lowerCase(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }

bool isLetter(char c) { return c >= 'a' && c <= 'z'; }

} // namespace

void Mapper::on(const Chunk &chunk, rk::Context &context) {
  Word word{};
  std::uint32_t length = 0;
  for (std::uint32_t i = 0; i < chunk.length; ++i) {
    const char c = lowerCase(chunk.text[i]);
    if (!isLetter(c))
      flush(word, length, context);
    else if (length < WordLetters)
      word.letters[length++] = c;
  }
  flush(word, length, context);
}

void Mapper::flush(Word &word, std::uint32_t &length, rk::Context &context) {
  if (length == 0)
    return;
  word.count = 1;
  context.send(reducers_[hashOf(word) % Reducers], word);
  word = {};
  length = 0;
}

void Reducer::on(const Word &word) {
  std::uint32_t place = hashOf(word) / Reducers % Capacity;
  while (words_[place].count != 0 && words_[place].letters != word.letters)
    place = (place + 1) % Capacity;
  // One place stays free, so that the search above always ends.
  if (words_[place].count == 0) {
    if (used_ == Capacity - 1) {
      dropped_ += word.count;
      return;
    }
    ++used_;
    words_[place].letters = word.letters;
  }
  words_[place].count += word.count;
}

Page Reducer::on(PageQuery query) {
  Page page{};
  page.total = used_;
  page.dropped = dropped_;
  std::uint32_t number = 0;
  for (const Word &word : words_) {
    if (word.count == 0)
      continue;
    if (number++ >= query.first && page.used < Page::Capacity)
      page.words[page.used++] = word;
  }
  return page;
}
