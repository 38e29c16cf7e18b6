#include "hall.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>

namespace acoustics {

Position parsePosition(const std::string &text, const std::string &what) {
  std::istringstream stream(text);
  Position place;
  char first = 0, second = 0;
  if (!(stream >> place.x >> first >> place.y >> second >> place.z) ||
      first != ',' || second != ',' || stream.peek() != EOF)
    throw example::Failure(what +
                           " is three numbers of metres, as in 1,2,1.5, "
                           "not '" +
                           text + "'");
  return place;
}

std::vector<Position> parsePositions(const std::string &text,
                                     const std::string &what) {
  std::vector<Position> places;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    places.push_back(parsePosition(text.substr(begin, end - begin), what));
    begin = end + 1;
  }
  return places;
}

/// (speed * time step / cell size) of the stencil
static double courant() { return std::sqrt(double(Wave3d().courant2)); }

Hall::Hall(const Position &size, const std::array<double, 6> &reflection,
           const Air &air, double rate)
    : air_(air), rate_(rate) {
  cellSize_ = air.speedOfSound() / (courant() * rate);
  double all = 1;
  for (const double length : {size.x, size.y, size.z}) {
    if (!(length > 0))
      throw example::Failure("the room has a side of " +
                             std::to_string(int(length)) + " m");
    all *= length / cellSize_;
  }
  if (all > 1e9)
    throw example::Failure(
        "the room has more than a thousand million cells of " +
        std::to_string(cellSize_) + " m; make it smaller, or --rate lower");
  const auto cells = [&](double length) {
    return std::max<std::int64_t>(3, std::lround(length / cellSize_));
  };
  extent_ = {cells(size.x), cells(size.y), cells(size.z)};
  example::Room room(extent_, 3);
  for (unsigned face = 0; face < 6; ++face)
    room.setFace(face, reflection[face]);
  // The cells lose at all frequencies what a tone of 1000 Hz loses.
  constexpr double DecibelsOfE = 8.685889638; // 20 log10(e)
  room.addLoss(air.absorption(1000) / DecibelsOfE * air.speedOfSound() / rate);
  neighbours_ = room.neighbours();
  loss_ = room.losses(courant());
}

rk::GridPoint Hall::cellAt(const Position &place,
                           const std::string &what) const {
  const rk::GridPoint cell = {std::int64_t(std::floor(place.x / cellSize_)),
                              std::int64_t(std::floor(place.y / cellSize_)),
                              std::int64_t(std::floor(place.z / cellSize_))};
  if (cell.x < 0 || cell.x >= extent_.x || cell.y < 0 || cell.y >= extent_.y ||
      cell.z < 0 || cell.z >= extent_.z) {
    std::ostringstream text;
    text << what << " (" << place.x << "," << place.y << "," << place.z
         << ") is outside of the room of " << double(extent_.x) * cellSize_
         << " x " << double(extent_.y) * cellSize_ << " x "
         << double(extent_.z) * cellSize_ << " m";
    throw example::Failure(text.str());
  }
  return cell;
}

Position Hall::middleOf(rk::GridPoint cell) const {
  return {(double(cell.x) + 0.5) * cellSize_,
          (double(cell.y) + 0.5) * cellSize_,
          (double(cell.z) + 0.5) * cellSize_};
}

std::vector<std::vector<float>>
Hall::play(const std::vector<float> &signal, rk::GridPoint source,
           const std::vector<rk::GridPoint> &microphones, std::int64_t steps,
           const rk::StencilOptions &options, example::Film &film) {
  auto air = rk::Stencil<Wave3d>::create({}, extent_, options).value();
  example::require(air.set(&Wave3d::neighbours, neighbours_));
  example::require(air.set(&Wave3d::loss, loss_));

  // What one cell gives spreads as the fundamental solution of the wave
  // equation, 1 / (4 pi courant² r) with r in cells.
  const double gain = 4 * std::numbers::pi * courant() * courant() / cellSize_;
  std::vector<float> pushes;
  for (const float value : signal)
    pushes.push_back(float(gain * double(value)));
  // They add to what is there, so that sound passes through the source.
  example::require(air.inject(&Wave3d::pressure, source, pushes));
  std::vector<std::size_t> probes;
  for (const rk::GridPoint &cell : microphones)
    probes.push_back(air.probe(&Wave3d::pressure, cell).value());

  const example::Slice slice{2, source.z, std::uint32_t(extent_.x),
                             std::uint32_t(extent_.y)};
  seconds_ = example::runFilmed(air, steps, film, &Wave3d::pressure, slice);
  place_ = std::string(air.device()) + ", plan " + std::string(air.plan());
  std::vector<std::vector<float>> heard;
  for (const std::size_t probe : probes) {
    std::vector<float> &one =
        heard.emplace_back(air.series(&Wave3d::pressure, probe));
    // What is added to the values of a step is a push in the step before, and
    // the record begins after the first step: two steps in all.
    one.insert(one.begin(), 2, 0.0f);
    one.resize(std::size_t(steps));
  }
  return heard;
}

std::vector<double> heardByMirrors(const Hall &hall,
                                   const std::vector<float> &signal,
                                   rk::GridPoint source,
                                   rk::GridPoint microphone,
                                   std::int64_t steps) {
  std::vector<double> heard(std::size_t(steps), 0);
  const double reach = double(steps) * hall.air().speedOfSound() / hall.rate();
  const Position from = hall.middleOf(source), to = hall.middleOf(microphone);
  // Along one axis: the distances to the source and its images.
  const auto distances = [&](double here, double there, std::int64_t cells) {
    const double length = double(cells) * hall.cellSize();
    std::vector<double> all;
    const auto most = std::int64_t(reach / (2 * length)) + 1;
    for (std::int64_t room = -most; room <= most; ++room)
      for (const double image : {here, -here})
        all.push_back(2 * double(room) * length + image - there);
    return all;
  };
  const rk::GridPoint extent = hall.extent();
  for (const double x : distances(from.x, to.x, extent.x))
    for (const double y : distances(from.y, to.y, extent.y))
      for (const double z : distances(from.z, to.z, extent.z)) {
        const double distance = std::hypot(x, y, z);
        const double late = distance / hall.air().speedOfSound() * hall.rate();
        for (std::size_t i = 0; i < signal.size(); ++i) {
          const double place = double(i) + late;
          const auto index = std::int64_t(std::floor(place));
          const double share = place - double(index);
          const double value = double(signal[i]) / distance;
          if (index >= 0 && index < steps)
            heard[std::size_t(index)] += value * (1 - share);
          if (index + 1 >= 0 && index + 1 < steps)
            heard[std::size_t(index + 1)] += value * share;
        }
      }
  return heard;
}

} // namespace acoustics
