//===- Samples.cpp - Modules and files to test with ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Samples.h"

#include "rk/modfile/Writer.h"

#include "HashInternal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <tuple>

namespace rk::modfile::test {
namespace {

std::vector<std::byte> bytesOf(const std::string &text) {
  auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string counting(const std::string &start, int count) {
  std::string text = start;
  for (int i = 0; i < count; ++i)
    text += static_cast<char>(i);
  return text;
}

/// FNV-1a of a type name, as host code computes it.
std::uint64_t typeHash(const char *name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (; *name; ++name)
    hash = (hash ^ static_cast<unsigned char>(*name)) * 0x100000001b3;
  return hash;
}

template <class Number>
Number get(const File &file, std::size_t at, std::size_t bytes) {
  Number value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value |= static_cast<Number>(std::to_integer<Number>(file.at(at + i))
                                 << (8 * i));
  return value;
}

void put(File &file, std::size_t at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i)
    file.at(at + i) = static_cast<std::byte>(value >> (8 * i));
}

/// Draws the parts of a random module.
class Source {
public:
  explicit Source(std::uint64_t seed) : engine_(seed) {}

  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(engine_() % bound);
  }
  std::uint64_t word() { return engine_(); }

  /// Any bytes but zero; the empty text is likely.
  std::string text() {
    std::string text;
    const std::uint32_t size = below(4) ? below(40) : 0;
    for (std::uint32_t i = 0; i < size; ++i)
      text += static_cast<char>(1 + below(255));
    return text;
  }
  /// A text that no other call gives, not empty.
  std::string name() { return text() + "#" + std::to_string(++names_); }

  template <class Type> Type type(std::uint32_t index, std::uint32_t maxBytes) {
    Type type;
    type.name = name();
    type.hash = word();
    type.align = 1u << below(5);
    type.size = type.align * (1 + below(maxBytes / type.align));
    type.index = index;
    return type;
  }

private:
  std::mt19937_64 engine_;
  int names_ = 0;
};

ActorType randomActor(Source &source, std::uint32_t index) {
  auto actor = source.type<ActorType>(index, abi::MaxStateBytes);
  actor.whenFull = abi::WhenFull(source.below(abi::WhenFullCount));
  actor.file = source.text();
  actor.line = source.below(100000);
  const std::uint32_t count = source.below(6);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t offset = source.below(actor.size + 1);
    actor.fields.push_back(
        {source.text(), offset, source.below(actor.size - offset + 1)});
  }
  return actor;
}

void addHandlers(Source &source, Module &module) {
  const auto messages = static_cast<std::uint32_t>(module.messages.size());
  for (std::uint32_t actor = 0; actor < module.actors.size(); ++actor)
    for (std::uint32_t message = 0; message < messages; ++message) {
      if (source.below(3))
        continue;
      Handler handler;
      handler.actor = actor;
      handler.message = message;
      if (source.below(2))
        handler.reply = source.below(messages);
      handler.lanes = source.below(2) ? 32 : 1;
      handler.file = source.text();
      handler.line = source.below(1000);
      handler.column = source.below(200);
      module.handlers.push_back(handler);
    }
}

void addImages(Source &source, Module &module) {
  const std::uint32_t count = source.below(5);
  for (std::uint32_t i = 0; i < count; ++i) {
    Image image;
    image.kind = ImageKind(1 + source.below(3));
    image.target = source.name();
    image.entry = source.text();
    image.registers = source.below(256);
    image.stackBytes = source.below(5000);
    image.spillBytes = source.below(5000);
    image.sharedBytes = source.below(200000);
    image.payload.resize(1 + source.below(300));
    for (std::byte &byte : image.payload)
      byte = static_cast<std::byte>(source.below(256));
    module.images.push_back(image);
  }
}

} // namespace

Module sampleModule() {
  Module module;
  module.name = "bank";
  module.producer = "rkc 0.1.0";
  module.runtimeVersion = 1;
  module.messages = {{"Balance", typeHash("7Balance"), 8, 8, 0},
                     {"Deposit", typeHash("7Deposit"), 8, 8, 1},
                     {"Query", typeHash("5Query"), 1, 1, 2},
                     {"geo::Move", typeHash("N3geo4MoveE"), 24, 4, 3}};
  const std::string file = "bank/actors.cpp";
  module.actors = {{"Account",
                    typeHash("7Account"),
                    16,
                    8,
                    0,
                    file,
                    12,
                    {{"auditor_", 0, 8}, {"cents_", 8, 8}}},
                   {"Auditor",
                    typeHash("7Auditor"),
                    4,
                    4,
                    1,
                    file,
                    31,
                    {{"overdrawn_", 0, 4}},
                    abi::WhenFull::Fail,
                    true},
                   {"Empty", typeHash("5Empty"), 1, 1, 2, file, 40, {}}};
  module.handlers = {{0, 1, abi::NoMessage, 1, file, 14, 3},
                     {0, 2, 0, 1, file, 18, 3},
                     {1, 0, abi::NoMessage, 32, file, 33, 3}};
  const std::string elf = "\x7f"
                          "ELF ";
  module.images = {{ImageKind::Cubin, "sm_80", "rk_kernel", 40, 0, 0, 1024,
                    bytesOf(counting(elf + "sm_80", 200))},
                   {ImageKind::Cubin, "sm_90a", "rk_kernel", 42, 16, 8, 2048,
                    bytesOf(elf + "sm_90a" + std::string(117, '\x5a'))},
                   {ImageKind::Ptx, "sm_90", "rk_kernel", 0, 0, 0, 0,
                    bytesOf(".version 9.0\n.target sm_90\n")},
                   {ImageKind::HostObject, "x86_64-v3", "rk_agent_run", 0, 0, 0,
                    0, bytesOf(elf + "host" + std::string(54, '\xc3'))}};
  return module;
}

Module sampleWithStencil() {
  Module module = sampleModule();
  Stencil stencil;
  stencil.name = "Wave";
  stencil.hash = typeHash("4Wave");
  stencil.size = 8;
  stencil.align = 4;
  stencil.dimensions = 3;
  stencil.file = "bank/actors.cpp";
  stencil.line = 51;
  stencil.arrays = {
      {"pressure", 0, 4, true, false, 2, 2, false, true, {1, 1, 1}, 0},
      {"speed", 1, 4, true, false, 1, 1, true, false, {0, 0, 0}, 0}};
  stencil.plans = {
      {"global", "rk_stencil_0_global", {64, 4, 1}, {64, 4, 1}, 1, 0}};
  module.stencils = {stencil};
  return module;
}

Module sampleWithFunctions() {
  Module module = sampleWithStencil();
  Stencil &stencil = module.stencils.front();
  stencil.arrays.push_back(
      {"flow.0", 2, 2, true, true, 1, 2, false, true, {0, 1, 0}, 0});
  stencil.arrays.push_back(
      {"flow.1", 2, 2, false, false, 1, 2, false, true, {0, 1, 0}, 1});
  stencil.boundary = {"rk_stencil_0_boundary", 5, 1, true};
  stencil.reductions = {
      {"energy",
       typeHash("N2rk6detail12ReductionTagIXadL_ZNK4Wave6energyEvEEEE"),
       "rk_stencil_0_reduce_energy", "rk_stencil_0_reduce_energy_fold", 16, 8}};
  return module;
}

static void addStencils(Source &source, Module &module) {
  const std::uint32_t count = source.below(3);
  for (std::uint32_t i = 0; i < count; ++i) {
    Stencil stencil = sampleWithFunctions().stencils.front();
    stencil.name = "stencil " + std::to_string(i);
    stencil.hash = source.below(1000);
    stencil.radius = 1 + source.below(8);
    stencil.neighbours = rk::abi::StencilNeighbours(source.below(3));
    stencil.boundary.reach = source.below(10);
    stencil.arrays.resize(source.below(5));
    stencil.reductions.resize(source.below(2));
    if (stencil.arrays.empty() || source.below(2) == 0)
      stencil.boundary = {};
    else
      stencil.boundary.sets = 1;
    stencil.plans.resize(source.below(2));
    stencil.file = source.text();
    module.stencils.push_back(std::move(stencil));
  }
}

Module randomModule(std::uint64_t seed) {
  Source source(seed);
  Module module;
  module.name = source.text();
  module.producer = source.text();
  module.runtimeVersion = source.below(1000);
  const std::uint32_t messages = source.below(12), actors = source.below(9);
  for (std::uint32_t i = 0; i < messages; ++i)
    module.messages.push_back(
        source.type<MessageType>(i, abi::MaxMessageBytes));
  for (std::uint32_t i = 0; i < actors; ++i)
    module.actors.push_back(randomActor(source, i));
  addHandlers(source, module);
  addImages(source, module);
  addStencils(source, module);
  std::mt19937_64 order(seed);
  std::shuffle(module.messages.begin(), module.messages.end(), order);
  std::shuffle(module.actors.begin(), module.actors.end(), order);
  std::shuffle(module.handlers.begin(), module.handlers.end(), order);
  std::shuffle(module.images.begin(), module.images.end(), order);
  return module;
}

File written(const Module &module) {
  auto result = writeModule(module);
  if (result)
    return *result;
  ADD_FAILURE() << result.error().text();
  return {};
}

File fileContent(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_TRUE(stream.good() || stream.eof()) << "cannot read " << path;
  return bytesOf(text);
}

std::uint16_t get16(const File &file, std::size_t at) {
  return get<std::uint16_t>(file, at, 2);
}
std::uint32_t get32(const File &file, std::size_t at) {
  return get<std::uint32_t>(file, at, 4);
}
std::uint64_t get64(const File &file, std::size_t at) {
  return get<std::uint64_t>(file, at, 8);
}
void put16(File &file, std::size_t at, std::uint16_t value) {
  put(file, at, value, 2);
}
void put32(File &file, std::size_t at, std::uint32_t value) {
  put(file, at, value, 4);
}
void put64(File &file, std::size_t at, std::uint64_t value) {
  put(file, at, value, 8);
}

std::size_t record(const File &file, unsigned kind, std::size_t index) {
  return get64(file, row(kind) + 8) + index * get32(file, row(kind) + 4);
}

void fixHash(File &file) { put64(file, 24, contentHash(file)); }

void expectSame(const ModuleView &read, Module expected) {
  auto byIndex = [](const auto &a, const auto &b) { return a.index < b.index; };
  std::sort(expected.messages.begin(), expected.messages.end(), byIndex);
  std::sort(expected.actors.begin(), expected.actors.end(), byIndex);
  std::sort(expected.handlers.begin(), expected.handlers.end(),
            [](const Handler &a, const Handler &b) {
              return std::tie(a.actor, a.message) <
                     std::tie(b.actor, b.message);
            });
  std::sort(expected.images.begin(), expected.images.end(),
            [](const Image &a, const Image &b) {
              return std::tie(a.kind, a.target) < std::tie(b.kind, b.target);
            });
  const Module found = ownedCopy(read);
  EXPECT_TRUE(found.stencils == expected.stencils);
  EXPECT_EQ(found.name, expected.name);
  EXPECT_EQ(found.producer, expected.producer);
  EXPECT_EQ(found.runtimeVersion, expected.runtimeVersion);
  EXPECT_TRUE(found.messages == expected.messages);
  EXPECT_TRUE(found.actors == expected.actors);
  EXPECT_TRUE(found.handlers == expected.handlers);
  ASSERT_EQ(found.images.size(), expected.images.size());
  for (std::size_t i = 0; i < found.images.size(); ++i) {
    const Image &a = found.images[i], &b = expected.images[i];
    auto fields = [](const Image &image) {
      return std::tie(image.kind, image.target, image.entry, image.registers,
                      image.stackBytes, image.spillBytes, image.sharedBytes,
                      image.payload);
    };
    EXPECT_TRUE(fields(a) == fields(b)) << "image " << i;
  }
}

} // namespace rk::modfile::test
