//===- RefusalTest.cpp - One broken rule at a time -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The sample, with one rule of the format broken and the hash right, gives
/// exactly the error that names it. Offsets are those of the sample.
///
//===----------------------------------------------------------------------===//

#include "Samples.h"

#include "rk/modfile/Reader.h"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>

namespace rk::modfile::test {
namespace {

// Kinds of section.
constexpr unsigned Strings = 1, Text = 2, Messages = 3, Actors = 4, Fields = 5,
                   Handlers = 6, Images = 7, Payload = 8;

struct Case {
  const char *name;
  std::function<void(File &)> damage;
  const char *text;
};

std::ostream &operator<<(std::ostream &stream, const Case &one) {
  return stream << one.name;
}

/// Damage that stores a word in a record, in a row, or in the header.
auto inRecord(unsigned kind, std::size_t index, std::size_t field,
              std::uint32_t value) {
  return [=](File &file) {
    put32(file, record(file, kind, index) + field, value);
  };
}
auto inRow(unsigned kind, std::size_t field, std::uint64_t value) {
  return [=](File &file) {
    if (field < 8)
      put32(file, row(kind) + field, static_cast<std::uint32_t>(value));
    else
      put64(file, row(kind) + field, value);
  };
}
auto inHeader(std::size_t field, std::uint32_t value) {
  return [=](File &file) { put32(file, field, value); };
}
/// Damage that stores one byte at a distance from the start of a section.
auto inSection(unsigned kind, std::size_t at, unsigned char value) {
  return [=](File &file) {
    file.at(record(file, kind, 0) + at) = std::byte(value);
  };
}
auto swapped(unsigned kind, std::size_t a, std::size_t b, std::size_t from,
             std::size_t bytes) {
  return [=](File &file) {
    for (std::size_t i = from; i < from + bytes; ++i)
      std::swap(file.at(record(file, kind, a) + i),
                file.at(record(file, kind, b) + i));
  };
}

const Case Cases[] = {
    {"HeaderBytes", inHeader(12, 65), "?"},
    {"FileBytesTooSmall", inHeader(16, 63), "?"},
    {"FileBytes", inHeader(16, 9999), "?"},
    {"HeaderReserved", inHeader(52, 1), "?"},
    {"SectionCount", inHeader(32, 7), "?"},
    {"SectionCountHuge", inHeader(32, 0xffffffff), "?"},
    {"ModuleName", inHeader(40, 17), "?"},
    {"Producer", inHeader(44, 0xffffffff), "?"},
    {"SectionKind", inRow(Messages, 0, 4), "?"},
    {"SectionUnaligned", inRow(Messages, 8, 0x23c), "?"},
    {"SectionsOverlap", inRow(Messages, 8, 0x238), "?"},
    {"SectionTooFar", inRow(Messages, 8, 0x290), "?"},
    {"SectionBehindTheEnd", inRow(Payload, 16, 0x10000), "?"},
    {"SectionBytesWrapAround", inRow(Payload, 16, ~0ull), "?"},
    {"SectionGapNotZero", inSection(Text, 164, 1), "?"},
    {"RecordBytes", inRow(Actors, 4, 48), "?"},
    {"RecordBytesZero", inRow(Actors, 4, 0), "?"},
    {"TextRecordBytes", inRow(Text, 4, 2), "?"},
    {"PartOfARecord", inRow(Images, 16, 47), "?"},
    {"BytesBehindTheLastSection", inRow(Payload, 16, 0x200), "?"},
    {"StringOffset", inRecord(Strings, 3, 0, 25), "?"},
    {"StringBytesHuge", inRecord(Strings, 3, 4, 0xffffffff), "?"},
    {"StringBytesToTheEndOfText", inRecord(Strings, 16, 4, 10), "?"},
    {"StringNotTerminated", inRecord(Strings, 3, 4, 6), "?"},
    {"StringWithZero", inSection(Text, 2, 0), "?"},
    {"StringsOutOfOrder", inSection(Text, 0, 'B'), "?"},
    {"TextNotUsed", inRow(Strings, 16, 16 * 8), "?"},
    {"MessageName", inRecord(Messages, 2, 8, 17), "?"},
    {"MessageSizeZero", inRecord(Messages, 2, 12, 0), "?"},
    {"MessageTooLarge", inRecord(Messages, 2, 12, 4097), "?"},
    {"MessageAlignZero", inRecord(Messages, 1, 16, 0), "?"},
    {"MessageAlignNoPower", inRecord(Messages, 3, 16, 3), "?"},
    {"MessageAlignDoesNotDivide", inRecord(Messages, 3, 16, 16), "?"},
    {"MessageReserved", inRecord(Messages, 3, 20, 1), "?"},
    {"MessageNameTwice", inRecord(Messages, 2, 8, 2), "?"},
    {"MessageHashTwice",
     [](File &file) {
       put64(file, record(file, Messages, 2),
             get64(file, record(file, Messages, 1)));
     },
     "?"},
    {"ActorName", inRecord(Actors, 0, 8, 99), "?"},
    {"ActorTooLarge", inRecord(Actors, 0, 12, 65537), "?"},
    {"ActorAlign", inRecord(Actors, 0, 16, 32), "?"},
    {"ActorFile", inRecord(Actors, 0, 20, 17), "?"},
    {"ActorFirstField", inRecord(Actors, 1, 28, 1), "?"},
    {"ActorFieldCount", inRecord(Actors, 1, 32, 2), "?"},
    {"ActorFieldCountHuge", inRecord(Actors, 1, 32, 0xffffffff), "?"},
    {"ActorReserved", inRecord(Actors, 1, 36, 1), "?"},
    {"ActorNameTwice", inRecord(Actors, 1, 8, 0), "?"},
    {"FieldOfNoActor",
     [](File &file) {
       put32(file, record(file, Actors, 1) + 32, 0);
       put32(file, record(file, Actors, 2) + 28, 2);
     },
     "?"},
    {"FieldName", inRecord(Fields, 2, 0, 17), "?"},
    {"FieldBehindTheState", inRecord(Fields, 1, 4, 9), "?"},
    {"FieldOffsetWrapsAround", inRecord(Fields, 1, 4, 0xffffffff), "?"},
    {"FieldReserved", inRecord(Fields, 0, 12, 1), "?"},
    {"HandlerActor", inRecord(Handlers, 2, 0, 3), "?"},
    {"HandlerMessage", inRecord(Handlers, 2, 4, 4), "?"},
    {"HandlerReply", inRecord(Handlers, 2, 8, 4), "?"},
    {"HandlerLanes", inRecord(Handlers, 2, 12, 16), "?"},
    {"HandlerFile", inRecord(Handlers, 2, 16, 17), "?"},
    {"HandlerReserved", inRecord(Handlers, 2, 28, 7), "?"},
    {"HandlerTwice", inRecord(Handlers, 1, 4, 1), "?"},
    {"HandlersOutOfOrder", swapped(Handlers, 0, 2, 0, 32), "?"},
    {"ImageKindZero", inRecord(Images, 0, 16, 0), "?"},
    {"ImageKindUnknown", inRecord(Images, 3, 16, 4), "?"},
    {"ImageTarget", inRecord(Images, 0, 20, 17), "?"},
    {"ImageEntry", inRecord(Images, 0, 24, 17), "?"},
    {"ImageReserved", inRecord(Images, 1, 44, 1), "?"},
    {"ImageTwice", inRecord(Images, 1, 20, 13), "?"},
    {"ImagesOutOfOrder", swapped(Images, 0, 1, 20, 4), "?"},
    {"PayloadOffset", inRecord(Images, 1, 0, 0x5a0), "?"},
    {"PayloadBytesHuge", inRecord(Images, 3, 12, 1), "?"},
    {"PayloadBehindTheSection", inRecord(Images, 3, 8, 64), "?"},
    {"PayloadEmpty",
     [](File &file) {
       put64(file, record(file, Images, 3) + 8, 0);
       for (std::size_t i = 0; i < 63; ++i)
         file.at(record(file, Payload, 0) + 0x200 + i) = std::byte(0);
     },
     "?"},
    {"PayloadNotFollowedByZero", inRecord(Images, 3, 8, 62), "?"},
    {"PayloadOfNoImage", inRow(Images, 16, 3 * 48), "?"},
};

class Refusal : public testing::TestWithParam<Case> {};

TEST_P(Refusal, NamesTheRuleAndThePlace) {
  File file = written(sampleModule());
  GetParam().damage(file);
  fixHash(file);
  auto read = readModule(file);
  ASSERT_FALSE(read) << "accepted";
  EXPECT_EQ(read.error().code, abi::StatusCode::CorruptModule);
  EXPECT_EQ(read.error().text(), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Sample, Refusal, testing::ValuesIn(Cases),
                         [](const auto &info) { return info.param.name; });

TEST(RefusalOfOtherFiles, Empty) {
  auto read = readModule({});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), "offset 0x0: this is no module file: it does "
                                 "not start with the magic number");
}

TEST(RefusalOfOtherFiles, TextModeTransfer) {
  File file = written(sampleModule());
  file.erase(file.begin() + 4); // CR LF became LF
  auto read = readModule(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), "offset 0x0: this is no module file: it does "
                                 "not start with the magic number");
}

TEST(RefusalOfOtherFiles, WrongHash) {
  File file = written(sampleModule());
  put32(file, 24, 1);
  auto read = readModule(file);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text(), "offset 0x18: the content does not have the "
                                 "hash that the header says");
}

} // namespace
} // namespace rk::modfile::test
