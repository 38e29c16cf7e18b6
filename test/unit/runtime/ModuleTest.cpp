//===- ModuleTest.cpp - Modules from files and linked in ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LoadedModule.h"

#include "rk/modfile/Writer.h"
#include "rk/module.h"
#include "rk/system.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

using namespace rk;

namespace {

struct Known {
  std::int64_t value;
};
struct Unknown {
  std::int64_t value;
};
struct Grown {
  std::int64_t value[2];
};

std::vector<std::byte> fileBytes(const std::string &name) {
  modfile::Module module;
  module.name = name;
  module.producer = "test";
  const auto &known = detail::typeKey<Known>();
  const auto &grown = detail::typeKey<Grown>();
  module.messages = {{"Known", known.hash, 8, 8, 0},
                     {"Grown", grown.hash, 8, 8, 1}};
  module.actors = {{"Actor", 77, 8, 8, 0, "a.cpp", 3, {}}};
  module.handlers = {{0, 0, 1, 1, "a.cpp", 5, 1}};
  return *modfile::writeModule(module);
}

TEST(TypeKey, HashIsFnv1aOfTheRttiName) {
  // Reference values of the algorithm.
  EXPECT_EQ(detail::fnv1a64(""), 0xcbf29ce484222325u);
  EXPECT_EQ(detail::fnv1a64("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(detail::fnv1a64("foobar"), 0x85944171f73967e8u);
  EXPECT_EQ(detail::typeKey<long>().hash, detail::fnv1a64("l"));
}

TEST(Module, BytesAreReadAndLookedUp) {
  const Module module = Module::fromBytes(fileBytes("bank"), "here").value();
  EXPECT_EQ(module.name(), "bank");
  EXPECT_EQ(module.origin(), "here");
  std::uint32_t index = 99;
  EXPECT_TRUE(
      module.loaded().findMessage(detail::typeKey<Known>(), index).isOk());
  EXPECT_EQ(index, 0u);
  EXPECT_EQ(module.loaded().handlerName(0), "Actor::on(Known)");
}

TEST(Module, MissingTypesAreNamed) {
  const Module module = Module::fromBytes(fileBytes("bank"), "here").value();
  std::uint32_t index = 99;
  const Status missing =
      module.loaded().findMessage(detail::typeKey<Unknown>(), index);
  EXPECT_EQ(missing.code(), StatusCode::NotFound);
  EXPECT_EQ(missing.detail(), "module 'bank' (here) has no message type "
                              "(anonymous namespace)::Unknown");
  const Status actor =
      module.loaded().findActor(detail::typeKey<Unknown>(), index);
  EXPECT_EQ(actor.detail(), "module 'bank' (here) has no actor type "
                            "(anonymous namespace)::Unknown");
  EXPECT_EQ(index, 99u);
}

TEST(Module, DisagreementOnALayoutIsNamed) {
  const Module module = Module::fromBytes(fileBytes("bank"), "here").value();
  std::uint32_t index = 99;
  const Status status =
      module.loaded().findMessage(detail::typeKey<Grown>(), index);
  EXPECT_EQ(status.code(), StatusCode::LayoutMismatch);
  EXPECT_EQ(status.detail(),
            "message type Grown has 16 bytes aligned to 8 in this program, but "
            "8 aligned to 8 in module 'bank'");
}

TEST(Module, FilesAreRead) {
  const std::string path = testing::TempDir() + "rk-module-test.rkm";
  const auto bytes = fileBytes("fromfile");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char *>(bytes.data()),
             std::streamsize(bytes.size()));
  EXPECT_EQ(Module::load(path).value().name(), "fromfile");
  std::remove(path.c_str());
  const auto gone = Module::load(path);
  EXPECT_EQ(gone.code(), StatusCode::IoError);
  EXPECT_EQ(gone.status().detail(), path + ": No such file or directory");
  EXPECT_EQ(Module::load(testing::TempDir()).code(), StatusCode::IoError);
}

TEST(Module, DamageIsRefused) {
  auto bytes = fileBytes("bank");
  bytes.resize(bytes.size() - 1);
  EXPECT_EQ(Module::fromBytes(bytes, "short").code(),
            StatusCode::CorruptModule);
  EXPECT_EQ(Module::fromBytes({}, "empty").code(), StatusCode::CorruptModule);
  const auto refused = Module::fromBytes({}, "empty");
  EXPECT_EQ(refused.status().detail().rfind("empty: ", 0), 0u);
}

/// The registry is the process's own, so one test tells the whole story.
TEST(Module, Registration) {
  const auto none = System::create();
  EXPECT_EQ(none.code(), StatusCode::NotFound);
  EXPECT_EQ(none.status().detail(),
            "no module is linked into this program; link an object that rkc -c "
            "made, or load a file and set SystemOptions::module");

  static const std::byte broken[16] = {};
  rk_register_module(broken, sizeof(broken), "broken.o");
  EXPECT_EQ(Module::registrationErrors().size(), 1u);
  EXPECT_EQ(System::create().code(), StatusCode::CorruptModule);

  static const auto second = fileBytes("second"), first = fileBytes("first");
  rk_register_module(second.data(), second.size(), "s.o");
  rk_register_module(second.data(), second.size(), "s.o");
  EXPECT_EQ(Module::registered().size(), 1u);
  // It has no code for any place to run.
  SystemOptions cpu;
  cpu.backend = BackendKind::Cpu;
  EXPECT_EQ(System::create(cpu).status().detail(),
            "module 'second' has no code for the CPU back end; add "
            "--arch=host");

  rk_register_module(first.data(), first.size(), "f.o");
  const auto modules = Module::registered();
  ASSERT_EQ(modules.size(), 2u);
  EXPECT_EQ(modules[0].name(), "first");
  const auto refused = System::create();
  EXPECT_EQ(refused.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(refused.status().detail(),
            "2 modules are linked into this program: 'first' (f.o), 'second' "
            "(s.o); choose one with SystemOptions::module");
  cpu.module = &modules[0];
  EXPECT_EQ(System::create(cpu).code(), StatusCode::NoImage);
}

} // namespace
