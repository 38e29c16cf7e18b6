// Sound in a duct, and an actor that silences it.
#pragma once

#include <rk/actor.h>
#include <rk/stencil.h>
#include <rk/stencil_port.h>

#include <cstdint>

/// Sound along a line of cells. It moves by one cell in a step, so that waves
/// keep their shape exactly.
class [[rk::stencil]] Duct {
public:
  rk::Field<double, 2> pressure;

  [[rk::update]] void update(rk::Cell<1> &cell) const {
    cell.set(pressure, cell.at<-1>(pressure) + cell.at<1>(pressure) -
                           cell.previous(pressure));
  }
};

/// What the microphone hears after a step.
struct Heard {
  std::int64_t step;
  double pressure;
};
struct HowMany {};
struct Count {
  std::int64_t heard;
};

/// Has the loudspeaker give the opposite of the noise when it arrives there.
class [[rk::actor]] Canceller {
public:
  /// Cells from the microphone to the loudspeaker.
  static constexpr std::int64_t Distance = 64;

  explicit Canceller(rk::ActorRef<rk::StencilPort> port) : port_(port) {}

  [[rk::handler]] void on(const Heard &heard, rk::Context &context) {
    const std::int64_t step = heard.step;
    ++count_;
    // The loudspeaker's own sound comes back to the microphone, too.
    noiseAt(step) = heard.pressure + noiseAt(step - 2 * Distance);
    // What is added to a cell goes on to both sides for ever, at every other
    // step; so the loudspeaker takes it back two steps later.
    const double opposite = noiseAt(step - 2) - noiseAt(step);
    context.send(port_, rk::Injection{opposite, step + Distance + 1, 0});
  }
  [[rk::handler]] Count on(HowMany) { return {count_}; }

private:
  double &noiseAt(std::int64_t step) { return noise_[step & 255]; }

  rk::ActorRef<rk::StencilPort> port_;
  std::int64_t count_ = 0;
  double noise_[256] = {};
};
