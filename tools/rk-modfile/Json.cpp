//===- Json.cpp - A module as JSON ---------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Json.h"

#include "Listing.h"

#include <nlohmann/json.hpp>

namespace rk::tools {
namespace {

using namespace rk::modfile;
using Json = nlohmann::ordered_json;

template <class Type> Json typeJson(const Type &type) {
  return {{"index", type.index},
          {"name", type.name},
          {"hash", hexWord(type.hash)},
          {"size", type.size},
          {"align", type.align}};
}

Json messageJson(const MessageTypeView &message) {
  Json json = typeJson(message);
  if (message.isBulk)
    json["bulk"] = true;
  return json;
}

Json actorJson(const ActorTypeView &actor) {
  Json json = typeJson(actor);
  json["file"] = actor.file;
  json["line"] = actor.line;
  if (actor.whenFull != abi::WhenFull::Fail)
    json["whenFull"] = whenFullName(actor.whenFull);
  json["resident"] = actor.isResident;
  json["fields"] = Json::array();
  for (const FieldView &field : actor.fields)
    json["fields"].push_back(
        {{"name", field.name}, {"offset", field.offset}, {"size", field.size}});
  return json;
}

Json handlerJson(const ModuleView &module, const HandlerView &handler) {
  Json json = {{"actor", module.actors[handler.actor].name},
               {"message", module.messages[handler.message].name},
               {"reply", nullptr},
               {"lanes", handler.lanes},
               {"file", handler.file},
               {"line", handler.line},
               {"column", handler.column}};
  if (handler.reply != abi::NoMessage)
    json["reply"] = module.messages[handler.reply].name;
  return json;
}

Json imageJson(const ModuleView &module, const ImageView &image) {
  Json json = {{"kind", imageKindName(image.kind)},
               {"target", image.target},
               {"entry", image.entry},
               {"bytes", image.payload.size()},
               {"hash", hexWord(hashOf(image.payload))},
               {"registers", image.registers},
               {"stackBytes", image.stackBytes},
               {"spillBytes", image.spillBytes},
               {"sharedBytes", image.sharedBytes}};
  const Tiers tiers = tiersOf(module, image);
  if (!tiers.block.empty())
    json["residentMessages"] = {{"block", tiers.block},
                                {"cluster", tiers.cluster},
                                {"device", tiers.device}};
  if (const std::string_view copies = teamCopiesOf(module, image);
      !copies.empty())
    json["teamCopies"] = copies;
  return json;
}

Json moduleJson(const Found &module) {
  const ModuleView &content = module.content;
  Json json = {{"offset", module.offset},
               {"name", content.name},
               {"format", std::to_string(module.info.major) + "." +
                              std::to_string(module.info.minor)},
               {"producer", content.producer},
               {"runtimeVersion", content.runtimeVersion},
               {"bytes", module.info.bytes},
               {"hash", hexWord(module.info.hash)}};
  for (const char *list : {"messages", "actors", "handlers", "images"})
    json[list] = Json::array();
  for (const MessageTypeView &message : content.messages)
    json["messages"].push_back(messageJson(message));
  for (const ActorTypeView &actor : content.actors)
    json["actors"].push_back(actorJson(actor));
  for (const HandlerView &handler : content.handlers)
    json["handlers"].push_back(handlerJson(content, handler));
  for (const ImageView &image : content.images)
    json["images"].push_back(imageJson(content, image));
  return json;
}

} // namespace

std::string jsonOf(const Input &input) {
  Json json = {{"file", input.path}, {"modules", Json::array()}};
  for (const Found &module : input.modules)
    json["modules"].push_back(moduleJson(module));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace rk::tools
