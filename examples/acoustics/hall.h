// A room in which a source plays and microphones listen.
#pragma once

#include "../common/Room.h"
#include "../common/StencilProgram.h"
#include "../wave-3d/stencil.h"
#include "air.h"

#include <array>
#include <string>
#include <vector>

namespace acoustics {

/// In metres, from the corner at the low end of all axes.
struct Position {
  double x = 0, y = 0, z = 0;
};

/// Reads "1,2.5,3".
///
/// Errors    throws `Failure`; `what` says what the text is to be.
Position parsePosition(const std::string &text, const std::string &what);
/// Several, with colons between them.
std::vector<Position> parsePositions(const std::string &text,
                                     const std::string &what);

/// A room of air in the shape of a box, cut into cells.
class Hall {
public:
  /// `rate` is the number of steps in a second; it decides how large a cell is.
  /// `reflection` is that of the walls, the floor and the ceiling: low x, high
  /// x, low y, ...
  Hall(const Position &size, const std::array<double, 6> &reflection,
       const Air &air, double rate);

  [[nodiscard]] rk::GridPoint extent() const { return extent_; }
  [[nodiscard]] double cellSize() const { return cellSize_; }
  [[nodiscard]] double rate() const { return rate_; }
  [[nodiscard]] const Air &air() const { return air_; }
  /// The cell at a place, and the middle of a cell.
  ///
  /// Errors    throws `Failure` for a place outside of the room.
  [[nodiscard]] rk::GridPoint cellAt(const Position &place,
                                     const std::string &what) const;
  [[nodiscard]] Position middleOf(rk::GridPoint cell) const;

  /// Plays a signal and returns what each microphone hears in `steps` steps: a
  /// value for the same time as that of the signal. A metre from the source, in
  /// free air, it is the signal itself.
  std::vector<std::vector<float>>
  play(const std::vector<float> &signal, rk::GridPoint source,
       const std::vector<rk::GridPoint> &microphones, std::int64_t steps,
       const rk::StencilOptions &options, example::Film &film);

  /// How long the last call of `play` computed, and where.
  [[nodiscard]] double seconds() const { return seconds_; }
  [[nodiscard]] const std::string &place() const { return place_; }

private:
  Air air_;
  double rate_, cellSize_ = 0;
  rk::GridPoint extent_;
  std::vector<std::int8_t> neighbours_;
  std::vector<float> loss_;
  double seconds_ = 0;
  std::string place_;
};

/// What a microphone hears in a box whose walls reflect all: the source and its
/// mirror images, each later and fainter by its distance.
std::vector<double> heardByMirrors(const Hall &hall,
                                   const std::vector<float> &signal,
                                   rk::GridPoint source,
                                   rk::GridPoint microphone,
                                   std::int64_t steps);

} // namespace acoustics
