//===- WaveProgram.h - What the wave programs share ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Sources of waves, and checks and comparisons of a stencil S that has the
/// members `pressure`, `neighbours`, `loss` and `courant2`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "PlainWave.h"
#include "Room.h"
#include "StencilProgram.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <string>
#include <vector>

namespace example {

inline const std::vector<std::string> SourceNames = {"sine", "pulse",
                                                     "impulse"};

/// The pressure that a source has in each of its steps: a sine that begins
/// softly, a Gaussian pulse as wide as half a period, or one step.
inline std::vector<float> sourceSignal(std::size_t kind, double period,
                                       std::int64_t steps) {
  std::vector<float> signal;
  if (kind == 2)
    return {1};
  const double width = period / 6;
  const auto length = kind == 0 ? steps : std::int64_t(8 * width) + 1;
  for (std::int64_t step = 0; step < length; ++step) {
    const double phase = 2 * std::numbers::pi * double(step) / period;
    const double from = (double(step) - 4 * width) / width;
    signal.push_back(
        float(kind == 0 ? std::sin(phase) * std::min(1.0, double(step) / period)
                        : std::exp(-from * from / 2)));
  }
  return signal;
}

/// Makes a grid for a room.
template <class S>
rk::Stencil<S> gridOf(const S &parameters, const Room &room,
                      rk::GridPoint extent, const rk::StencilOptions &options) {
  auto grid = rk::Stencil<S>::create(parameters, extent, options).value();
  require(grid.set(&S::neighbours, room.neighbours()));
  require(
      grid.set(&S::loss, room.losses(std::sqrt(double(parameters.courant2)))));
  return grid;
}

/// How a plane pulse comes back from the far end of a channel that is `room`:
/// its height there, of that which it had. It is a Gaussian hill, or if there
/// is a wavelength, a few of such waves.
template <class S>
double echoOf(const Room &room, rk::GridPoint extent, double wavelength,
              const rk::StencilOptions &options) {
  const S parameters;
  auto channel = gridOf(parameters, room, extent, options);
  const double courant = std::sqrt(double(parameters.courant2));
  const double width = wavelength == 0 ? 12 : wavelength;
  // The grid's own relation between the length of a wave and its period.
  const double wave = wavelength == 0 ? 0 : 2 * std::numbers::pi / wavelength;
  const double frequency = 2 * std::asin(courant * std::sin(wave / 2));
  for (std::uint32_t level = 0; level < 2; ++level) {
    std::vector<float> values;
    for (std::int64_t cell = 0; cell < channel.cells(); ++cell) {
      const double x = double(cell % extent.x) - double(extent.x) / 2;
      const double from = (x + level * courant) / width;
      values.push_back(float(std::exp(-from * from / 2) *
                             std::cos(wave * x + frequency * level)));
    }
    require(channel.set(&S::pressure, values, level));
  }
  // To the far end and back to where it was.
  require(channel.run(std::int64_t(double(extent.x) / courant)));
  double echo = 0;
  for (const float value : valuesOf(channel, &S::pressure))
    echo = std::abs(double(value)) > std::abs(echo) ? double(value) : echo;
  return echo;
}

/// What walls and absorbers give back of a pulse.
template <class S>
void checkEchoes(unsigned dimensions, const rk::StencilOptions &options,
                 Result &result) {
  const rk::GridPoint extent = {256, 2, dimensions == 3 ? 2 : 1};
  for (const double reflection : {1.0, 0.5, 0.0, -0.5}) {
    Room room(extent, dimensions);
    room.setFace(1, reflection);
    const double echo = echoOf<S>(room, extent, 0, options);
    result.line("a wall of reflection %4.1f gives back %6.3f of a pulse",
                reflection, echo);
    result.check("as it should", std::abs(echo - reflection) < 0.02);
  }
  Room room(extent, dimensions);
  room.addAbsorber(1, 32);
  const double echo = echoOf<S>(room, extent, 16, options);
  result.line("an absorber of 32 cells gives back %.3f of waves of 16",
              std::abs(echo));
  result.check("almost nothing", std::abs(echo) < 0.02);
}

/// Room, source and length of one computation.
template <class S> struct Scene {
  S parameters;
  rk::GridPoint extent;
  const Room *room;
  rk::GridPoint source;
  std::vector<float> signal;
  std::int64_t steps;
};

struct ModelRun {
  std::vector<float> values;
  double seconds = 0;
};

template <unsigned Dimensions, class S>
ModelRun runPlain(const Scene<S> &scene, bool inPlace) {
  const auto neighbours = scene.room->neighbours();
  const auto loss =
      scene.room->losses(std::sqrt(double(scene.parameters.courant2)));
  PlainWave<Dimensions> wave(scene.extent, neighbours, loss,
                             scene.parameters.courant2);
  const StopWatch watch;
  for (std::int64_t step = 0; step < scene.steps; ++step) {
    if (std::size_t(step) < scene.signal.size())
      wave.set(scene.source, scene.signal[std::size_t(step)]);
    if (inPlace)
      wave.stepInPlace();
    else
      wave.step();
  }
  const double seconds = watch.seconds();
  return {wave.values(), seconds};
}

template <class S>
ModelRun runStencil(const Scene<S> &scene, rk::Stencil<S> &grid) {
  require(grid.set(&S::neighbours, scene.room->neighbours()));
  require(grid.set(&S::loss, scene.room->losses(std::sqrt(
                                 double(scene.parameters.courant2)))));
  require(grid.drive(&S::pressure, scene.source, scene.signal));
  const StopWatch watch;
  require(grid.run(scene.steps));
  const double seconds = watch.seconds();
  return {valuesOf(grid, &S::pressure), seconds};
}

/// In how many cells two results have other bits.
inline std::size_t differences(const std::vector<float> &left,
                               const std::vector<float> &right) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < left.size(); ++i)
    count += std::memcmp(&left[i], &right[i], sizeof(float)) != 0;
  return count;
}

template <unsigned Dimensions, class S>
void checkAgainstPlain(const Scene<S> &scene, const rk::StencilOptions &options,
                       Result &result) {
  auto grid =
      rk::Stencil<S>::create(scene.parameters, scene.extent, options).value();
  result.check("equal to a plain loop, bit for bit",
               differences(runPlain<Dimensions>(scene, false).values,
                           runStencil(scene, grid).values) == 0);
}

/// Computes a scene in each way that there is here, and prints a table of their
/// speeds and of whether their results are those of a plain loop, bit for bit.
/// Returns whether those were that should be.
template <unsigned Dimensions, class S>
bool compareModels(const Scene<S> &scene, const rk::StencilOptions &options) {
  const ModelRun plain = runPlain<Dimensions>(scene, false);
  bool areEqual = true;
  const auto print = [&](const std::string &name, const ModelRun &run) {
    const std::size_t others = differences(plain.values, run.values);
    const double rate =
        double(plain.values.size()) * double(scene.steps) / run.seconds;
    std::printf("%-34s %10.3g cells/s  %s\n", name.c_str(), rate,
                others == 0
                    ? "same bits"
                    : (std::to_string(others) + " cells differ").c_str());
    return others == 0;
  };
  print("plain loop, one thread", plain);
  print("the same in place (wrong)", runPlain<Dimensions>(scene, true));

  const auto tryModel = [&](rk::BackendKind backend, std::uint32_t threads,
                            const std::string &plan) {
    rk::StencilOptions model = options;
    model.backend = backend;
    model.threads = threads;
    model.plan = plan;
    auto grid = rk::Stencil<S>::create(scene.parameters, scene.extent, model);
    if (!grid.isOk())
      return false; // no GPU, or no such plan for this stencil and size
    const ModelRun run = runStencil(scene, *grid);
    std::string name(grid->device());
    name += ", plan " + std::string(grid->plan());
    if (threads == 1)
      name += ", one thread";
    areEqual = print(name, run) && areEqual;
    return true;
  };
  tryModel(rk::BackendKind::Cpu, 1, "");
  tryModel(rk::BackendKind::Cpu, 0, "");
  bool hasGpu = false;
  if (options.backend != rk::BackendKind::Cpu)
    for (const char *plan : {"global", "streaming", "resident", "temporal"})
      hasGpu = tryModel(rk::BackendKind::Cuda, 0, plan) || hasGpu;
  if (!hasGpu)
    std::puts("no GPU used");
  return areEqual;
}

} // namespace example
