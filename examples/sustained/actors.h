// Relays pass parcels to each other for as long as the host likes.
//
// Each relay has four links to others and four from others. The parcels of a
// link are numbered, so its receiver sees at once when one is lost, comes
// twice, or is not what was sent. The number of parcels never changes: for each
// that arrives, one is sent on.
#pragma once

#include <rk/actor.h>

#include <array>

constexpr std::uint32_t Links = 4;

class Monitor;
class Relay;

/// The content of a parcel, which its receiver can work out as well.
constexpr std::uint64_t contentOf(std::uint32_t sender, std::uint32_t link,
                                  std::uint64_t number) {
  std::uint64_t value = (std::uint64_t(sender) << 2 | link) + 1;
  value = (value ^ number) * 0x9e3779b97f4a7c15;
  return value ^ value >> 29;
}

struct Parcel {
  std::uint64_t number, content;
  std::uint32_t link;
};
struct Neighbours {
  std::array<rk::ActorRef<Relay>, Links> to;
  std::array<std::uint32_t, Links> from; ///< numbers of the relays that send
};
/// Sends `parcels` on their way.
struct Begin {
  std::uint32_t parcels;
};
/// From now on what arrives stays.
struct Halt {};

struct Failures {
  std::uint64_t lost, duplicated, altered;
};
struct FailuresQuery {};

struct RelayQuery {};
struct RelayReport {
  std::array<std::uint64_t, Links> sent, received;
};

/// Adds up what relays find wrong, so that the host can ask in one place.
class [[rk::actor]] Monitor {
public:
  [[rk::handler]] void on(Failures failures) {
    total_.lost += failures.lost;
    total_.duplicated += failures.duplicated;
    total_.altered += failures.altered;
  }
  [[rk::handler]] Failures on(FailuresQuery) { return total_; }

private:
  Failures total_{};
};

class [[rk::actor]] Relay {
public:
  Relay(rk::ActorRef<Monitor> monitor, std::uint32_t number)
      : monitor_(monitor), number_(number) {}

  [[rk::handler]] void on(Neighbours neighbours) { neighbours_ = neighbours; }
  [[rk::handler]] void on(Begin begin, rk::Context &context);
  [[rk::handler]] void on(Parcel parcel, rk::Context &context);
  [[rk::handler]] void on(Halt) { halted_ = true; }
  [[rk::handler]] RelayReport on(RelayQuery) { return report_; }

private:
  void check(const Parcel &parcel, rk::Context &context);
  void sendOn(rk::Context &context);

  rk::ActorRef<Monitor> monitor_;
  Neighbours neighbours_{};
  std::uint32_t number_;
  std::uint32_t handled_ = 0;
  bool halted_ = false;
  /// By link: the number that the next parcel must have.
  std::array<std::uint64_t, Links> expected_{};
  RelayReport report_{};
};
