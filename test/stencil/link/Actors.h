//===- Actors.h - Actors that talk to a stencil -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil.h"
#include "rk/stencil_port.h"

#include <cstdint>

namespace linked {

/// A rod that loses heat at its ends.
class [[rk::stencil]] Rod {
public:
  rk::Field<double> heat;

  [[rk::update]] void update(rk::Cell<1> &cell) const {
    const double around = cell.at<-1>(heat) + cell.at<1>(heat);
    cell.set(heat, cell.at(heat) + 0.25 * (around - 2 * cell.at(heat)));
  }
};

/// Counts its steps in each cell.
class [[rk::stencil]] Steps {
public:
  rk::Field<std::int32_t> made;

  [[rk::update]] void update(rk::Cell<2> &cell) const {
    cell.set(made, cell.at(made) + 1);
  }
};

/// A wave in three dimensions, for the plans that keep or walk.
class [[rk::stencil]] Sound {
public:
  rk::Field<float, 2> pressure;

  [[rk::update]] void update(rk::Cell<3, 1, rk::Shape::Star> &cell) const {
    const float here = cell.at(pressure);
    const float around =
        cell.at<1, 0, 0>(pressure) + cell.at<-1, 0, 0>(pressure) +
        cell.at<0, 1, 0>(pressure) + cell.at<0, -1, 0>(pressure) +
        cell.at<0, 0, 1>(pressure) + cell.at<0, 0, -1>(pressure);
    cell.set(pressure,
             2 * here - cell.previous(pressure) + 0.1f * (around - 6 * here));
  }
};

struct Reading {
  std::int64_t step;
  double value;
};

/// Heats a rod by what is missing.
class [[rk::actor]] Controller {
public:
  Controller(rk::ActorRef<rk::StencilPort> port, double wanted)
      : port_(port), wanted_(wanted) {}
  [[rk::handler]] void on(const Reading &reading, rk::Context &context) {
    context.send(port_, rk::Injection{(wanted_ - reading.value) * 0.5});
  }

private:
  rk::ActorRef<rk::StencilPort> port_;
  double wanted_;
};

struct Ask {};
struct Heard {
  std::int64_t count, lastStep, outOfOrder;
  double sum;
};

/// Keeps account of what it hears.
class [[rk::actor]] Listener {
public:
  [[rk::handler]] void on(const Reading &reading) {
    heard_.outOfOrder += reading.step <= heard_.lastStep;
    heard_.lastStep = reading.step;
    ++heard_.count;
    heard_.sum += reading.value;
  }
  [[rk::handler]] Heard on(Ask) { return heard_; }

private:
  Heard heard_ = {};
};

/// Injections to be sent `times`.
struct Order {
  rk::ActorRef<rk::StencilPort> port;
  rk::Injection injection;
  std::int32_t times;
};

class [[rk::actor]] Sender {
public:
  [[rk::handler]] void on(const Order &order, rk::Context &context) {
    for (std::int32_t sent = 0; sent < order.times; ++sent)
      context.send(order.port, order.injection);
  }
};

} // namespace linked
