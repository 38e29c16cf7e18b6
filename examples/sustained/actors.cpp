#include "actors.h"

void Relay::on(Begin begin, rk::Context &context) {
  for (std::uint32_t i = 0; i < begin.parcels; ++i)
    sendOn(context);
}

void Relay::on(Parcel parcel, rk::Context &context) {
  check(parcel, context);
  if (!halted_)
    sendOn(context);
}

void Relay::check(const Parcel &parcel, rk::Context &context) {
  const std::uint32_t link = parcel.link % Links;
  ++report_.received[link];
  std::uint64_t &expected = expected_[link];
  Failures failures{};
  if (parcel.number < expected)
    failures.duplicated = 1;
  else
    failures.lost = parcel.number - expected;
  failures.altered =
      parcel.content != contentOf(neighbours_.from[link], link, parcel.number);
  if (parcel.number >= expected)
    expected = parcel.number + 1;
  if (failures.lost + failures.duplicated + failures.altered != 0) [[unlikely]]
    context.send(monitor_, failures);
}

/// Takes the links in an order that differs between relays and rounds, so that
/// parcels do not gather in one part of the system.
void Relay::sendOn(rk::Context &context) {
  const std::uint32_t mixed = (handled_++ + number_) * 0x9e3779b9u;
  const std::uint32_t link = mixed >> 30;
  const std::uint64_t number = report_.sent[link]++;
  context.send(neighbours_.to[link],
               Parcel{number, contentOf(number_, link, number), link});
}
