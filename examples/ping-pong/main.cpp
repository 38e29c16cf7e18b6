// ping-pong: pairs of players exchange messages on the device, without the
// host; then the host asks every player what it received, and checks it.
#include "../common/Example.h"
#include "actors.h"

namespace {

struct Match {
  rk::ActorRef<Player> server, receiver;
};

/// What a player received if it got every `first`, `first + 2`, ... in order.
Score expectedScore(std::uint64_t first, std::uint64_t hits) {
  Score score{0, 0};
  for (std::uint64_t hit = first; hit <= hits; hit += 2) {
    ++score.received;
    score.checksum = (score.checksum + hit) * 0x9e3779b97f4a7c15;
  }
  return score;
}

bool equal(const Score &a, const Score &b) {
  return a.received == b.received && a.checksum == b.checksum;
}

int play(int count, char **arguments) {
  std::uint64_t pairs = 64, hits = 10000;
  example::CommandLine command(
      "ping-pong", "Pairs of actors hit a ball to and fro on the device.");
  command.number("pairs", pairs, 1, 100000, "pairs of players");
  command.number("hits", hits, 1, 1000000000, "hits of each pair's ball");
  command.parse(count, arguments);

  rk::SystemOptions options;
  options.backend = command.backend;
  rk::System system(options);

  std::vector<Match> matches(pairs);
  for (Match &match : matches)
    match = {system.spawn<Player>(), system.spawn<Player>()};

  const example::StopWatch watch;
  for (const Match &match : matches)
    example::require(system.send(match.server, Serve{match.receiver, hits}));
  example::require(system.waitIdle());
  const double seconds = watch.seconds();

  const Score serverScore = expectedScore(2, hits);
  const Score receiverScore = expectedScore(1, hits);
  std::uint64_t received = 0, wrong = 0;
  for (const Match &match : matches) {
    const Score server = system.ask(match.server, ScoreQuery{}).get();
    const Score receiver = system.ask(match.receiver, ScoreQuery{}).get();
    received += server.received + receiver.received;
    wrong += !equal(server, serverScore);
    wrong += !equal(receiver, receiverScore);
  }

  example::Result result;
  result.line("ping-pong: %llu pairs, %llu hits each",
              static_cast<unsigned long long>(pairs),
              static_cast<unsigned long long>(hits));
  result.line("balls received: %llu",
              static_cast<unsigned long long>(received));
  result.check("every ball arrived", received == pairs * hits);
  result.check("every player saw its balls in order", wrong == 0);
  result.check("no dead letters", system.counters().deadLetters.total() == 0);
  const int code = result.finish(command);
  example::printSpeed(system, seconds, double(received), "messages");
  return code;
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("ping-pong", [&] { return play(count, arguments); });
}
