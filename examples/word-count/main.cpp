// word-count: the host sends a text file in chunks to actors that count its
// words; what they found is compared with a plain count on the host.
#include "../common/Example.h"
#include "actors.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace {

using Counts = std::map<std::string, std::uint64_t>;

bool isLetter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string readText(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw rk::StatusError(rk::Status(rk::StatusCode::IoError, path));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The independent count.
Counts countOnHost(const std::string &text) {
  Counts counts;
  std::string word;
  for (char c : text + " ") {
    if (isLetter(c)) {
      word += char(c | 0x20);
    } else if (!word.empty()) {
      ++counts[word.substr(0, WordLetters)];
      word.clear();
    }
  }
  return counts;
}

/// Takes the next chunk of `text` at `position`. A chunk ends between words; a
/// word longer than a chunk loses letters that would be dropped anyway.
Chunk nextChunk(const std::string &text, std::size_t &position) {
  Chunk chunk{};
  std::size_t end = std::min(text.size(), position + Chunk::Capacity);
  std::size_t cut = end;
  while (end < text.size() && cut > position && isLetter(text[cut - 1]))
    --cut;
  std::size_t next = cut;
  if (cut == position && end > position) {
    cut = end;
    next = end;
    while (next < text.size() && isLetter(text[next]))
      ++next;
  }
  chunk.length = std::uint32_t(cut - position);
  std::memcpy(chunk.text, text.data() + position, chunk.length);
  position = next;
  return chunk;
}

/// Sends the text to the mappers in turn. A chunk can become 510 words, so the
/// host lets them be counted before it sends more than the mailboxes hold.
void sendText(rk::System &system, const std::string &text,
              const std::vector<rk::ActorRef<Mapper>> &mappers) {
  constexpr std::size_t ChunksUnderWay = 64;
  std::size_t position = 0;
  for (std::size_t sent = 0; position < text.size();) {
    const Chunk chunk = nextChunk(text, position);
    example::require(system.send(mappers[sent % mappers.size()], chunk));
    if (++sent % ChunksUnderWay == 0)
      example::require(system.waitIdle());
  }
  example::require(system.waitIdle());
}

Counts collect(rk::System &system, const ReducerTable &reducers,
               std::uint64_t &dropped) {
  Counts counts;
  for (rk::ActorRef<Reducer> reducer : reducers) {
    Page page{};
    std::uint32_t seen = 0;
    do {
      page = system.ask(reducer, PageQuery{seen}).get();
      for (std::uint32_t i = 0; i < page.used; ++i) {
        const Word &word = page.words[i];
        const std::string letters(word.letters.data(),
                                  strnlen(word.letters.data(), WordLetters));
        counts[letters] += word.count;
      }
      seen += page.used;
    } while (page.used > 0 && seen < page.total);
    dropped += page.dropped;
  }
  return counts;
}

void reportWords(example::Result &result, const Counts &counts,
                 std::uint64_t top) {
  std::vector<std::pair<std::string, std::uint64_t>> words(counts.begin(),
                                                           counts.end());
  std::ranges::sort(words, [](const auto &a, const auto &b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  words.resize(std::min<std::size_t>(words.size(), top));
  for (const auto &[word, count] : words)
    result.line("%7llu %s", static_cast<unsigned long long>(count),
                word.c_str());
}

std::uint64_t total(const Counts &counts) {
  std::uint64_t sum = 0;
  for (const auto &[word, count] : counts)
    sum += count;
  return sum;
}

int run(int count, char **arguments) {
  std::string file = "/usr/share/common-licenses/GPL-3";
  std::uint64_t mapperCount = 64, top = 10;
  example::CommandLine command("word-count",
                               "Counts the words of a text on the device.");
  command.word("FILE", file, "the text");
  command.number("mappers", mapperCount, 1, 4096, "actors that cut the text");
  command.number("top", top, 0, 1000000, "words to print, the commonest first");
  command.parse(count, arguments);
  const std::string text = readText(file);

  rk::SystemOptions options;
  options.backend = command.backend;
  rk::System system(options);
  ReducerTable reducers;
  for (rk::ActorRef<Reducer> &reducer : reducers)
    reducer = system.spawn<Reducer>();
  std::vector<rk::ActorRef<Mapper>> mappers;
  for (std::uint64_t i = 0; i < mapperCount; ++i)
    mappers.push_back(system.spawn<Mapper>(reducers));

  const example::StopWatch watch;
  sendText(system, text, mappers);
  const double seconds = watch.seconds();
  std::uint64_t dropped = 0;
  const Counts found = collect(system, reducers, dropped);

  example::Result result;
  result.line("word-count: %llu bytes, %llu words, %zu distinct",
              static_cast<unsigned long long>(text.size()),
              static_cast<unsigned long long>(total(found)), found.size());
  reportWords(result, found, top);
  result.check("every word found room", dropped == 0);
  result.check("all counts equal the host's", found == countOnHost(text));
  result.check("no dead letters", system.counters().deadLetters.total() == 0);
  const int code = result.finish(command);
  example::printSpeed(system, seconds, double(text.size()) / 1e6, "MB");
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("word-count", [&] { return run(count, arguments); });
}
