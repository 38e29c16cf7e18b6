//===- PlanChoice.cpp - In which order plans are tried --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/PlanChoice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace rk::runtime {

namespace {

using modfile::PlanForecast;
using modfile::StencilPlanView;
using modfile::StencilView;
using Kind = modfile::StencilPlanKind;

Status invalid(std::string text) {
  return Status(StatusCode::InvalidArgument, std::move(text));
}

bool isSingle(const StencilPlanView &plan) {
  return plan.steps == 1 &&
         modfile::stencilPlanKind(plan.name) != Kind::Resident;
}

/// How many steps a run has at least so that starting the plan pays.
std::int64_t leastSteps(const PlanForecast &plan, double singleStep,
                        const modfile::DeviceFigures &device) {
  // Short runs are no graphs: each launch is a call of its own.
  const double single = std::max(singleStep, device.callSeconds);
  if (plan.startSeconds <= 0 || single <= plan.stepSeconds)
    return 1;
  return std::int64_t(
      std::ceil(plan.startSeconds / (single - plan.stepSeconds)));
}

double bytesOfStep(const StencilView &stencil) {
  double bytes = 0;
  for (const auto &array : stencil.arrays)
    bytes +=
        double(array.elementBytes) * (array.levels + (array.isWritten ? 1 : 0));
  return bytes;
}

/// Orders plans, and keeps what the model says of each.
class Orderer {
public:
  Orderer(const StencilView &stencil, const std::vector<StencilPlanView> &plans,
          const PlanRequest &request, const modfile::DeviceFigures &device)
      : stencil(stencil), plans(plans), request(request), device(device) {}

  Result<PlanOrder> run();

private:
  struct Rated {
    const StencilPlanView *plan;
    PlanForecast forecast;
  };

  void rate(const StencilPlanView &plan);
  Status takeAsked();
  void takeAll();
  [[nodiscard]] PlanCandidate candidateOf(const Rated &rated) const {
    return {rated.plan, rated.forecast.depth,
            request.asked.empty()
                ? leastSteps(rated.forecast, singleStep, device)
                : 1};
  }

  const StencilView &stencil;
  const std::vector<StencilPlanView> &plans;
  const PlanRequest &request;
  const modfile::DeviceFigures &device;
  std::vector<Rated> rated; ///< those that can run
  double singleStep = 0;
  std::string known;
  PlanOrder order;
};

void Orderer::rate(const StencilPlanView &plan) {
  known += (known.empty() ? "" : ", ") + std::string(plan.name);
  PlanForecast made =
      modfile::forecast(stencil, plan, request.extent, request.faces, device);
  PlanPrediction said;
  said.plan = plan.name;
  said.steps = modfile::stencilPlanKind(plan.name) == Kind::Resident
                   ? 0
                   : std::int64_t(plan.steps);
  said.refusal = made.refusal;
  if (made.refusal.empty() && !isSingle(plan) && !request.looksAtSteps.empty())
    said.refusal = "not taken, as " + request.looksAtSteps +
                   ": its steps would be made one by one";
  if (made.refusal.empty()) {
    if (said.refusal.empty()) {
      const double cells = double(request.extent[0]) *
                           double(request.extent[1]) *
                           double(request.extent[2]);
      said.cellsPerSecond = cells / made.stepSeconds;
      said.bytesPerSecond = said.cellsPerSecond * bytesOfStep(stencil);
      said.limit = made.limit;
    }
    if (isSingle(plan) &&
        (!order.single.plan || made.stepSeconds < singleStep)) {
      order.single = {&plan, made.depth, 1};
      singleStep = made.stepSeconds;
    }
    rated.push_back({&plan, std::move(made)});
  }
  order.choice.predictions.push_back(std::move(said));
}

Status Orderer::takeAsked() {
  const std::string name(stencil.name);
  for (const Rated &one : rated)
    if (one.plan->name == request.asked) {
      order.candidates.push_back(candidateOf(one));
      if (isSingle(*one.plan))
        order.single = order.candidates.back();
      return {};
    }
  for (const PlanPrediction &said : order.choice.predictions)
    if (said.plan == request.asked)
      return invalid("plan '" + request.asked + "' cannot run stencil '" +
                     name + "' on this grid: " + said.refusal);
  return invalid("stencil '" + name + "' has no plan '" + request.asked +
                 "'; it has " + known);
}

void Orderer::takeAll() {
  std::erase_if(rated, [&](const Rated &one) {
    return !request.looksAtSteps.empty() && !isSingle(*one.plan);
  });
  std::vector<StencilPlanView> views;
  for (const Rated &one : rated)
    views.push_back(*one.plan);
  const std::size_t first = modfile::fastestPlan(stencil, views, request.extent,
                                                 request.faces, device);
  std::swap(rated.front(), rated[first]);
  std::sort(rated.begin() + 1, rated.end(), [](const Rated &a, const Rated &b) {
    return std::pair(a.forecast.stepSeconds, a.plan) <
           std::pair(b.forecast.stepSeconds, b.plan);
  });
  for (const Rated &one : rated)
    order.candidates.push_back(candidateOf(one));
  if (isSingle(*rated.front().plan))
    order.single = order.candidates.front();
}

Result<PlanOrder> Orderer::run() {
  StencilChoice &choice = order.choice;
  choice.stencil = stencil.name;
  std::copy_n(request.extent.begin(), 3, choice.extent);
  choice.isForced = !request.asked.empty();
  choice.possibleBytesPerSecond = device.memoryRate;
  choice.possibleCellsPerSecond = device.memoryRate / bytesOfStep(stencil);
  for (const StencilPlanView &plan : plans)
    rate(plan);
  if (choice.isForced)
    if (Status status = takeAsked(); !status.isOk())
      return status;
  if (!order.single.plan)
    return invalid("stencil '" + std::string(stencil.name) +
                   "' has no plan for single steps; it has " + known);
  if (!choice.isForced)
    takeAll();
  return std::move(order);
}

std::string rateText(double cells, double bytes) {
  char text[64];
  // Three digits at least.
  auto digits = [](double value) {
    return value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  };
  cells *= 1e-9, bytes *= 1e-9;
  std::snprintf(text, sizeof(text), "%.*f Gcells/s, %.*f GB/s", digits(cells),
                cells, digits(bytes), bytes);
  return text;
}

} // namespace

Result<PlanOrder> orderPlans(const StencilView &stencil,
                             const std::vector<StencilPlanView> &plans,
                             const PlanRequest &request,
                             const modfile::DeviceFigures &device) {
  return Orderer(stencil, plans, request, device).run();
}

} // namespace rk::runtime

namespace rk {

std::string StencilChoice::text() const {
  std::string text = "stencil '" + stencil + "' on " + device + ", " +
                     std::to_string(extent[0]) + " x " +
                     std::to_string(extent[1]) + " x " +
                     std::to_string(extent[2]) + " cells: plan '" + plan +
                     (isForced ? "', asked for by StencilOptions::plan"
                               : "', predicted to be the fastest");
  if (singleSteps != plan)
    text += "; single steps by '" + singleSteps + "'";
  if (leastSteps > 1)
    text += ", and runs of fewer than " + std::to_string(leastSteps) + " steps";
  text += "\n";
  for (const PlanPrediction &one : predictions) {
    text += "  " + one.plan + ": ";
    text += one.refusal.empty()
                ? runtime::rateText(one.cellsPerSecond, one.bytesPerSecond) +
                      ", limited by " + one.limit
                : one.refusal;
    text += "\n";
  }
  for (const std::string &given : fallbacks)
    text += "  given up: " + given + "\n";
  return text + "  possible, if each step reads and writes all values once: " +
         runtime::rateText(possibleCellsPerSecond, possibleBytesPerSecond) +
         "\n";
}

} // namespace rk
