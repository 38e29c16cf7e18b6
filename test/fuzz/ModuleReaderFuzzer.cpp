//===- ModuleReaderFuzzer.cpp - Any bytes give a module or an error ------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What must hold for any bytes that the reader is given. A broken promise
/// aborts; memory errors are for the sanitizer.
///
//===----------------------------------------------------------------------===//

#include "rk/modfile/Reader.h"
#include "rk/modfile/Writer.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace rk::modfile;
using Bytes = std::span<const std::byte>;

void require(bool holds, const char *promise) {
  if (holds)
    return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

bool isInside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() &&
          part.data() + part.size() < whole.data() + whole.size());
}

bool isInside(std::string_view text, Bytes whole) {
  return isInside(std::as_bytes(std::span(text)), whole) &&
         (text.empty() || text.data()[text.size()] == '\0');
}

void checkViews(const ModuleView &module, Bytes file) {
  bool inside = isInside(module.name, file) && isInside(module.producer, file);
  for (const MessageTypeView &message : module.messages)
    inside &= isInside(message.name, file);
  for (const ActorTypeView &actor : module.actors) {
    inside &= isInside(actor.name, file) && isInside(actor.file, file);
    for (const FieldView &field : actor.fields)
      inside &= isInside(field.name, file) &&
                std::uint64_t(field.offset) + field.size <= actor.size;
  }
  for (const HandlerView &handler : module.handlers)
    inside &= isInside(handler.file, file) &&
              handler.actor < module.actors.size() &&
              handler.message < module.messages.size();
  for (const ImageView &image : module.images)
    inside &= isInside(image.target, file) && isInside(image.entry, file) &&
              !image.payload.empty() && isInside(image.payload, file) &&
              image.payload.data()[image.payload.size()] == std::byte(0);
  require(inside, "everything that was read lies in the file");
}

/// A module that was read can be written, and what is written is stable.
void checkRewrite(const ModuleView &module) {
  auto once = writeModule(module);
  require(bool(once), "what was read can be written");
  auto read = readModule(*once);
  require(bool(read), "what was written can be read");
  auto twice = writeModule(ownedCopy(*read));
  require(twice && *twice == *once, "writing again gives the same bytes");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  const Bytes file(reinterpret_cast<const std::byte *>(data), size);
  for (Bytes part : findModules(file))
    require(part.data() >= file.data() &&
                part.data() + part.size() <= file.data() + file.size(),
            "a module that is found lies in the file");
  auto module = readModule(file);
  if (module) {
    checkViews(*module, file);
    checkRewrite(*module);
    return 0;
  }
  require(module.error().offset <= size && !module.error().message.empty(),
          "an error has an offset in the file and a reason");
  return 0;
}
