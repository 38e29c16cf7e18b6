//===- ImageChoiceTest.cpp - Images against GPUs --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/ImageChoice.h"

#include <gtest/gtest.h>

using namespace rk;
using namespace rk::runtime;
using namespace rk::runtime::cuda;
using modfile::ImageKind;

namespace {

std::string choose(const std::vector<std::pair<ImageKind, const char *>> &has,
                   std::uint32_t major, std::uint32_t minor) {
  modfile::Module module;
  module.name = "m";
  for (const auto &[kind, target] : has) {
    modfile::Image image;
    image.kind = kind;
    image.target = target;
    module.images.push_back(image);
  }
  const modfile::ModuleView view = modfile::viewOf(module);
  const auto chosen = chooseImage(view, major, minor);
  if (!chosen.isOk())
    return chosen.status().detail();
  return std::string(modfile::imageKindName((*chosen)->kind)) + " " +
         std::string((*chosen)->target);
}

TEST(GpuTarget, Parsing) {
  const auto plain = parseGpuTarget("sm_90");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->major, 9u);
  EXPECT_EQ(plain->minor, 0u);
  EXPECT_EQ(plain->variant, 0);
  const auto special = parseGpuTarget("sm_103a");
  ASSERT_TRUE(special);
  EXPECT_EQ(special->major, 10u);
  EXPECT_EQ(special->minor, 3u);
  EXPECT_EQ(special->variant, 'a');
  EXPECT_EQ(parseGpuTarget("compute_100f")->variant, 'f');
  for (const char *bad : {"", "sm", "sm_", "sm_9", "sm_90b", "sm_90aa",
                          "x86_64-v3", "sm_-90", "90"})
    EXPECT_FALSE(parseGpuTarget(bad)) << bad;
}

TEST(ImageChoice, TheNearestMachineCode) {
  const std::vector<std::pair<ImageKind, const char *>> has = {
      {ImageKind::Cubin, "sm_80"},  {ImageKind::Cubin, "sm_86"},
      {ImageKind::Cubin, "sm_90"},  {ImageKind::Cubin, "sm_90a"},
      {ImageKind::Ptx, "sm_80"},    {ImageKind::HostObject, "x86_64-v3"},
      {ImageKind::Cubin, "sm_100f"}};
  EXPECT_EQ(choose(has, 9, 0), "cubin sm_90a");
  EXPECT_EQ(choose(has, 8, 0), "cubin sm_80");
  EXPECT_EQ(choose(has, 8, 9), "cubin sm_86");
  EXPECT_EQ(choose(has, 10, 0), "cubin sm_100f");
  EXPECT_EQ(choose(has, 10, 3), "cubin sm_100f");
  EXPECT_EQ(choose(has, 12, 0), "ptx sm_80");
}

TEST(ImageChoice, SpecialCodeRunsOnItsOwnGpuAlone) {
  EXPECT_EQ(choose({{ImageKind::Cubin, "sm_100a"}, {ImageKind::Ptx, "sm_100a"}},
                   10, 3),
            "this GPU is sm_103, and module 'm' has cubin sm_100a, ptx "
            "sm_100a; add --arch=sm_103");
  EXPECT_EQ(choose({{ImageKind::Ptx, "sm_90a"}}, 9, 0), "ptx sm_90a");
}

TEST(ImageChoice, NewerCodeDoesNotRunOnOlderGpus) {
  EXPECT_EQ(
      choose({{ImageKind::Cubin, "sm_90"}, {ImageKind::Ptx, "sm_90"}}, 8, 0),
      "this GPU is sm_80, and module 'm' has cubin sm_90, ptx sm_90; add "
      "--arch=sm_80");
  EXPECT_EQ(choose({{ImageKind::Cubin, "sm_86"}}, 8, 0),
            "this GPU is sm_80, and module 'm' has cubin sm_86; add "
            "--arch=sm_80");
}

TEST(ImageChoice, NothingAtAll) {
  EXPECT_EQ(choose({}, 9, 0),
            "this GPU is sm_90, and module 'm' has no image; add --arch=sm_90");
}

TEST(ImageChoice, MachineCodeBeforePtxOfTheSameTarget) {
  EXPECT_EQ(choose({{ImageKind::Ptx, "sm_90"},
                    {ImageKind::Cubin, "sm_80"},
                    {ImageKind::Cubin, "sm_90"}},
                   9, 0),
            "cubin sm_90");
}

} // namespace
