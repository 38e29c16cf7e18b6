//===- BadInputTest.cpp - What cannot be, and what goes wrong -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What is refused when a program is compiled: test/compiler/check. Steps that
/// are too long, checkpoints of others and faces: StencilTest.cpp,
/// FieldTest.cpp and PlanTest.cpp.
///
//===----------------------------------------------------------------------===//

#include "ForcedPlan.h"
#include "FunctionStencils.h"
#include "Reference.h"
#include "Stencils.h"
#include "Testing.h"

#include <limits>

using namespace reference;
using namespace stencils;

namespace {

//===----------------------------------------------------------------------===//
// Numbers that are not finite
//===----------------------------------------------------------------------===//

TEST(NotFinite, isFoundWhereItIsFirst) {
  rk::StencilOptions options;
  options.checksFinite = true;
  auto made = rk::Stencil<Stiff>::create({{}, 0.5}, {6, 0, 0}, options);
  ASSERT_TRUE(made.isOk()) << made.status().message();
  std::vector<float> values = {1, 1, 1, 1, 1e20f, 1e15f};
  ASSERT_TRUE(made->set(&Stiff::value, values).isOk());
  EXPECT_EQ(made->run(10).detail(),
            "field 'value' is not finite in cell (3, 0, 0) after step 2, for "
            "the first time");
}

constexpr float Infinity = std::numeric_limits<float>::infinity();

class NotFiniteByPlan : public ::testing::TestWithParam<const char *> {};
RK_FOR_EACH_PLAN(NotFiniteByPlan);

/// In a step after the first 64, which are searched together, and in a launch
/// that would make several steps. Of all cells that are wrong then, the first
/// is named.
TEST_P(NotFiniteByPlan, namesCellAndStep) {
  for (const std::uint32_t threads : {1u, 3u}) {
    rk::StencilOptions options;
    options.plan = GetParam();
    options.checksFinite = true;
    options.threads = threads;
    constexpr rk::GridPoint Size = {70, 37, 41};
    auto made = make(Wave(), Size, options);
    if (*GetParam() != 0) {
      EXPECT_EQ(made.plan(), GetParam());
    }
    isOk(made.set(&Wave::speed, std::vector<float>(70 * 37 * 41, 0.1f)));
    isOk(made.run(10));
    isOk(made.drive(&Wave::pressure, {20, 11, 12}, std::vector<float>{Infinity},
                    75));
    EXPECT_EQ(made.run(300).detail(),
              "field 'pressure' is not finite in cell (20, 11, 11) after step "
              "75, for the first time");
    EXPECT_LE(made.step(), 75 + 64);
    EXPECT_GE(made.step(), 75);
  }
}

/// Of two fields that go wrong in one run, the one that did so earlier is
/// named, though the other is first in the class.
TEST(NotFinite, isFoundInShortNumbersAndStructures) {
  rk::StencilOptions options;
  options.checksFinite = true;
  auto halves = make(Halves(), {6, 5, 0}, options);
  isOk(halves.drive(&Halves::half, {2, 2, 0},
                    std::vector<_Float16>{_Float16(Infinity)}, 5));
  isOk(halves.drive(&Halves::brain, {3, 3, 0},
                    std::vector<rk::bf16>{rk::bf16(-Infinity)}, 4));
  EXPECT_EQ(halves.run(9).detail(),
            "field 'brain' is not finite in cell (3, 4, 0) after step 4, for "
            "the first time");
  auto flow = make(Flow(), {4, 4, 0}, options);
  std::vector<Vector> speed(16, {0, 0, 0});
  speed[6].y = Infinity;
  isOk(flow.set(&Flow::speed, speed));
  EXPECT_EQ(flow.run(3).detail(),
            "field 'speed.1' is not finite in cell (2, 1, 0) after step 1, for "
            "the first time");
}

//===----------------------------------------------------------------------===//
// Grids that do not fit
//===----------------------------------------------------------------------===//

TEST(Fit, fieldsLargerThanTheDeviceAreRefused) {
  for (const char *plan : {"", "global"}) {
    rk::StencilOptions options;
    options.plan = plan;
    const rk::Status status =
        rk::Stencil<Far>::create({}, {std::int64_t(1) << 38, 0, 0}, options)
            .status();
    EXPECT_EQ(status.code(), rk::StatusCode::OutOfMemory) << status.message();
    EXPECT_NE(status.detail().find("make the grid smaller"), std::string::npos)
        << status.message();
  }
  EXPECT_EQ(rk::Stencil<Wave>::create({}, {1 << 20, 1 << 20, 1 << 20})
                .status()
                .detail(),
            "the grid has more than 2^38 cells");
  // What was refused has left nothing behind.
  auto made = make(Far(), {1000, 0, 0});
  isOk(made.run(3));
}

/// Which message tells of a grid, without a GPU: test/unit/modfile/
/// StencilChoiceTest.cpp.
TEST(Fit, tilesThatCannotFitAreRefused) {
  rk::StencilOptions options;
  options.faces[4].boundary = options.faces[5].boundary =
      rk::Boundary::Periodic;
  if (make(Far(), {4, 0, 0}, options).device() == "cpu")
    GTEST_SKIP() << "the CPU cuts tiles to the grid";
  options.plan = "temporal";
  const rk::Status small =
      rk::Stencil<Wave>::create({}, {3, 3, 1}, options).status();
  EXPECT_TRUE(small.detail().starts_with(
      "plan 'temporal' cannot run stencil 'stencils::Wave' on this grid: it "
      "needs "))
      << small.message();
  options.plan = "resident";
  const rk::Status large =
      rk::Stencil<Wave>::create({}, {512, 512, 512}, options).status();
  EXPECT_TRUE(large.detail().starts_with(
      "plan 'resident' cannot run stencil 'stencils::Wave' on this grid: the "
      "fields do not fit the shared memory of "))
      << large.message();
}

/// Where tiles are cut to the grid, the smallest ones run.
TEST(Fit, tilesAreCutToTheGridOnTheCpu) {
  rk::StencilOptions options;
  options.backend = rk::BackendKind::Cpu;
  options.faces[4].boundary = options.faces[5].boundary =
      rk::Boundary::Periodic;
  options.plan = "temporal";
  auto small = make(Wave(), {3, 3, 1}, options);
  isOk(small.run(9));
}

} // namespace
