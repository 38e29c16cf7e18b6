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
    {"HeaderBytes", inHeader(12, 65),
     "offset 0xc: the header says that it has 65 bytes instead of 64"},
    {"FileBytesTooSmall", inHeader(16, 63),
     "offset 0x10: the header says that the file has 63 bytes"},
    {"FileBytes", inHeader(16, 9999),
     "offset 0x10: the header says that the file has 9999 bytes; it has "
     "1728"},
    {"HeaderReserved", inHeader(52, 1),
     "offset 0x30: a reserved word holds 4294967296 instead of 0"},
    {"SectionCount", inHeader(32, 7),
     "offset 0x20: the header says that there are 7 sections; this "
     "version has 8, and 9 with stencils"},
    {"SectionCountHuge", inHeader(32, 0xffffffff),
     "offset 0x20: the header says that there are 4294967295 sections; "
     "this version has 8, and 9 with stencils"},
    {"ModuleName", inHeader(40, 19),
     "offset 0x28: string number 19 is beyond the string table of 19"},
    {"Producer", inHeader(44, 0xffffffff),
     "offset 0x2c: string number 4294967295 is beyond the string table "
     "of 19"},
    {"SectionKind", inRow(Messages, 0, 4),
     "offset 0x70: section 2 has the kind 4, which does not belong at "
     "this place"},
    {"SectionUnaligned", inRow(Messages, 8, 0x23c),
     "offset 0x78: section 3 starts at 572, which is no multiple of 8"},
    {"SectionsOverlap", inRow(Messages, 8, 0x238),
     "offset 0x78: section 3 starts at 568; what is before it ends at "
     "572"},
    {"SectionTooFar", inRow(Messages, 8, 0x290),
     "offset 0x78: section 3 starts at 656; what is before it ends at "
     "572"},
    {"SectionBehindTheEnd", inRow(Payload, 16, 0x10000),
     "offset 0xf8: section 8 ends behind the end of the file"},
    {"SectionBytesWrapAround", inRow(Payload, 16, ~0ull),
     "offset 0xf8: section 8 ends behind the end of the file"},
    {"SectionGapNotZero", inSection(Text, 164, 1),
     "offset 0x23c: a padding byte is not zero"},
    {"RecordBytes", inRow(Actors, 4, 48),
     "offset 0x8c: the actor type table has records of 48 bytes instead "
     "of 40"},
    {"RecordBytesZero", inRow(Actors, 4, 0),
     "offset 0x8c: the actor type table has records of 0 bytes instead "
     "of 40"},
    {"TextRecordBytes", inRow(Text, 4, 2),
     "offset 0x5c: the text has records of 2 bytes instead of 1"},
    {"PartOfARecord", inRow(Images, 16, 47),
     "offset 0xe0: the image table ends inside a record"},
    {"BytesBehindTheLastSection", inRow(Payload, 16, 0x200),
     "offset 0x680: bytes follow the last section"},
    {"StringOffset", inRecord(Strings, 3, 0, 25),
     "offset 0x118: string 3 starts at 25 in the text; the one before "
     "it ends at 24"},
    {"StringBytesHuge", inRecord(Strings, 3, 4, 0xffffffff),
     "offset 0x11c: string 3 ends behind the end of the text"},
    {"StringBytesToTheEndOfText", inRecord(Strings, 18, 4, 10),
     "offset 0x194: string 18 ends behind the end of the text"},
    {"StringNotTerminated", inRecord(Strings, 3, 4, 6),
     "offset 0x1b6: string 3 is not terminated by a zero byte"},
    {"StringWithZero", inSection(Text, 2, 0),
     "offset 0x19a: string 0 contains a zero byte"},
    {"StringsOutOfOrder", inSection(Text, 0, 'B'),
     "offset 0x108: string 1 does not come behind the one before it in "
     "the order of bytes"},
    {"TextNotUsed",
     [](File &file) {
       put64(file, row(Strings) + 16, 18 * 8);
       put64(file, record(file, Strings, 18), 0);
     },
     "offset 0x232: text follows the last string"},
    {"MessageName", inRecord(Messages, 2, 8, 19),
     "offset 0x278: string number 19 is beyond the string table of 19"},
    {"MessageSizeZero", inRecord(Messages, 2, 12, 0),
     "offset 0x27c: message type 'Query' has 0 bytes; 1 to 4096 are "
     "allowed"},
    {"MessageTooLarge", inRecord(Messages, 2, 12, 4097),
     "offset 0x27c: message type 'Query' has 4097 bytes; 1 to 4096 are "
     "allowed"},
    {"MessageAlignZero", inRecord(Messages, 1, 16, 0),
     "offset 0x268: message type 'Deposit' has the alignment 0, which "
     "is no power of two that divides its size 8"},
    {"MessageAlignNoPower", inRecord(Messages, 3, 16, 3),
     "offset 0x298: message type 'geo::Move' has the alignment 3, which "
     "is no power of two that divides its size 24"},
    {"MessageAlignDoesNotDivide", inRecord(Messages, 3, 16, 16),
     "offset 0x298: message type 'geo::Move' has the alignment 16, "
     "which is no power of two that divides its size 24"},
    {"MessageReserved", inRecord(Messages, 3, 20, 2),
     "offset 0x29c: a reserved word holds 2 instead of 0"},
    {"MessageTooSmallForItsBulk", inRecord(Messages, 1, 20, 1),
     "offset 0x264: message type 'Deposit' carries a bulk payload and has 8 "
     "bytes; 16 to 32 are allowed"},
    {"MessageNameTwice", inRecord(Messages, 2, 8, 2),
     "offset 0x278: message types 0 and 2 have the same name 'Balance'"},
    {"MessageHashTwice",
     [](File &file) {
       put64(file, record(file, Messages, 2),
             get64(file, record(file, Messages, 1)));
     },
     "offset 0x270: message types 'Deposit' and 'Query' have the same "
     "hash 0x18182fc3458ccb58; rename one"},
    {"ActorName", inRecord(Actors, 0, 8, 99),
     "offset 0x2a8: string number 99 is beyond the string table of 19"},
    {"ActorTooLarge", inRecord(Actors, 0, 12, 65537),
     "offset 0x2ac: actor type 'Account' has 65537 bytes; 1 to 65536 "
     "are allowed"},
    {"ActorAlign", inRecord(Actors, 0, 16, 32),
     "offset 0x2b0: actor type 'Account' has the alignment 32, which is "
     "no power of two that divides its size 16"},
    {"ActorFile", inRecord(Actors, 0, 20, 19),
     "offset 0x2b4: string number 19 is beyond the string table of 19"},
    {"ActorFirstField", inRecord(Actors, 1, 28, 1),
     "offset 0x2e4: the fields of actor type 1 start at field 1 instead "
     "of 2"},
    {"ActorFieldCount", inRecord(Actors, 1, 32, 2),
     "offset 0x2e8: actor type 'Auditor' has 2 fields; 1 are left"},
    {"ActorFieldCountHuge", inRecord(Actors, 1, 32, 0xffffffff),
     "offset 0x2e8: actor type 'Auditor' has 4294967295 fields; 1 are "
     "left"},
    {"ActorWhenFull", inRecord(Actors, 1, 36, 3),
     "offset 0x2ec: actor type 'Auditor' says 3 of messages to its full "
     "mailbox; 0 to 2 are allowed"},
    {"ActorReserved", inRecord(Actors, 1, 36, 0x200),
     "offset 0x2ec: a reserved word holds 512 instead of 0"},
    {"ActorNameTwice", inRecord(Actors, 1, 8, 0),
     "offset 0x2d0: actor types 0 and 1 have the same name 'Account'"},
    {"FieldOfNoActor",
     [](File &file) {
       put32(file, record(file, Actors, 1) + 32, 0);
       put32(file, record(file, Actors, 2) + 28, 2);
     },
     "offset 0x338: field 2 belongs to no actor type"},
    {"FieldName", inRecord(Fields, 2, 0, 19),
     "offset 0x338: string number 19 is beyond the string table of 19"},
    {"FieldBehindTheState", inRecord(Fields, 1, 4, 9),
     "offset 0x32c: field 'cents_' of actor type 'Account' ends at byte "
     "17; the state has 16"},
    {"FieldOffsetWrapsAround", inRecord(Fields, 1, 4, 0xffffffff),
     "offset 0x32c: field 'cents_' of actor type 'Account' ends at byte "
     "4294967303; the state has 16"},
    {"FieldReserved", inRecord(Fields, 0, 12, 1),
     "offset 0x324: a reserved word holds 1 instead of 0"},
    {"HandlerActor", inRecord(Handlers, 2, 0, 3),
     "offset 0x388: handler 2 names actor type 3; the module has 3"},
    {"HandlerMessage", inRecord(Handlers, 2, 4, 4),
     "offset 0x38c: handler 2 names message type 4; the module has 4"},
    {"HandlerReply", inRecord(Handlers, 2, 8, 4),
     "offset 0x390: handler 2 replies with message type 4; the module "
     "has 4"},
    {"HandlerLanes", inRecord(Handlers, 2, 12, 16),
     "offset 0x394: handler 2 runs on 16 lanes; 1, 32, 256, 2048 and 1048576 "
     "are allowed"},
    {"HandlerFile", inRecord(Handlers, 2, 16, 19),
     "offset 0x398: string number 19 is beyond the string table of 19"},
    {"HandlerReserved", inRecord(Handlers, 2, 28, 7),
     "offset 0x3a4: a reserved word holds 7 instead of 0"},
    {"HandlerTwice", inRecord(Handlers, 1, 4, 1),
     "offset 0x368: actor type 'Account' has two handlers for message "
     "type 'Deposit'"},
    {"HandlersOutOfOrder", swapped(Handlers, 0, 2, 0, 32),
     "offset 0x368: handlers 0 and 1 are not in the order of actor and "
     "message"},
    {"ImageKindZero", inRecord(Images, 0, 16, 0),
     "offset 0x3b8: image 0 has the unknown kind 0"},
    {"ImageKindUnknown", inRecord(Images, 3, 16, 4),
     "offset 0x448: image 3 has the unknown kind 4"},
    {"ImageTarget", inRecord(Images, 0, 20, 19),
     "offset 0x3bc: string number 19 is beyond the string table of 19"},
    {"ImageEntry", inRecord(Images, 0, 24, 19),
     "offset 0x3c0: string number 19 is beyond the string table of 19"},
    {"ImageReserved", inRecord(Images, 1, 44, 1),
     "offset 0x404: a reserved word holds 1 instead of 0"},
    {"ImageTwice", inRecord(Images, 1, 20, 15),
     "offset 0x3ec: two images of kind cubin for target 'sm_80'"},
    {"ImagesOutOfOrder", swapped(Images, 0, 1, 20, 4),
     "offset 0x3e8: images 0 and 1 are not in the order of kind and "
     "target"},
    {"PayloadOffset", inRecord(Images, 1, 0, 0x5a0),
     "offset 0x3d8: a payload starts at 1440 instead of 1408"},
    {"PayloadBytesHuge", inRecord(Images, 3, 12, 1),
     "offset 0x440: a payload of 4294967359 bytes ends behind the "
     "payload section"},
    {"PayloadBehindTheSection", inRecord(Images, 3, 8, 64),
     "offset 0x440: a payload of 64 bytes ends behind the payload "
     "section"},
    {"PayloadEmpty",
     [](File &file) {
       put64(file, record(file, Images, 3) + 8, 0);
       for (std::size_t i = 0; i < 63; ++i)
         file.at(record(file, Payload, 0) + 0x200 + i) = std::byte(0);
     },
     "offset 0x440: image 3 for 'x86_64-v3' is empty"},
    {"PayloadNotFollowedByZero", inRecord(Images, 3, 8, 62),
     "offset 0x6be: a padding byte is not zero"},
    {"PayloadPaddingCutOff",
     [](File &file) {
       file.resize(file.size() - 1);
       put64(file, 16, file.size());
       put64(file, row(Payload) + 16, 0x23f);
       put64(file, record(file, Images, 3) + 8, 60);
       for (std::size_t i = 60; i < 63; ++i)
         file.at(record(file, Payload, 0) + 0x200 + i) = std::byte(0);
     },
     "offset 0x440: the padding of a payload ends behind the payload "
     "section"},
    {"PayloadOfNoImage",
     [](File &file) {
       file.resize(file.size() + 64);
       put64(file, 16, file.size());
       put64(file, row(Payload) + 16, 0x280);
     },
     "offset 0x6c0: payload that belongs to no image"},
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
