//===- Main.cpp - Shows and checks module files --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Input.h"
#include "Json.h"
#include "Listing.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

using namespace rk::tools;
using namespace rk::modfile;

/// Exit codes.
constexpr int Done = 0, Refused = 1, WrongUsage = 2;

struct Options {
  std::string file, other, output;
  std::string image, kind, module;
  bool asJson = false;
};

int complain(const std::string &text) {
  std::fprintf(stderr, "rk-modfile: %s\n", text.c_str());
  return Refused;
}

int dump(const Options &options) {
  Input input{options.file, {}, false, {}};
  if (!readInput(input))
    return Refused;
  if (options.asJson) {
    std::fputs(jsonOf(input).c_str(), stdout);
    return Done;
  }
  for (const Found &module : input.modules) {
    if (!input.isModuleFile)
      std::printf("at byte %llu of %s\n",
                  static_cast<unsigned long long>(module.offset),
                  input.path.c_str());
    printListing(listModule(module));
  }
  return Done;
}

int check(const Options &options) {
  Input input{options.file, {}, false, {}};
  if (!readInput(input))
    return Refused;
  for (const Found &module : input.modules) {
    const ModuleView &content = module.content;
    std::printf("%s: module %s is sound: %zu messages, %zu actors, "
                "%zu handlers, %zu images\n",
                input.path.c_str(), printable(content.name).c_str(),
                content.messages.size(), content.actors.size(),
                content.handlers.size(), content.images.size());
  }
  return Done;
}

/// Finds the one module that the options mean; says so if there is none.
const Found *selectModule(const Input &input, const Options &options) {
  const Found *selected = nullptr;
  std::string names;
  for (const Found &module : input.modules) {
    names += " " + printable(module.content.name);
    if (!options.module.empty() && module.content.name != options.module)
      continue;
    if (selected) {
      complain(input.path +
               ": there are several modules; choose one with "
               "--module:" +
               names);
      return nullptr;
    }
    selected = &module;
  }
  if (!selected)
    complain(input.path + ": there is no module '" + options.module +
             "'; there are:" + names);
  return selected;
}

/// Finds the image that the options mean; says so if there is none.
const ImageView *selectImage(const ModuleView &module, const Options &options) {
  const ImageView *selected = nullptr;
  std::string names;
  for (const ImageView &image : module.images) {
    const std::string kind(imageKindName(image.kind));
    names += " " + kind + ":" + printable(image.target);
    if (image.target != options.image ||
        (!options.kind.empty() && kind != options.kind))
      continue;
    if (selected) {
      complain("there are several images for '" + options.image +
               "'; choose one with --kind:" + names);
      return nullptr;
    }
    selected = &image;
  }
  if (!selected)
    complain("there is no such image for '" + options.image +
             "'; there are:" + names);
  return selected;
}

int writeFile(const std::string &path, std::span<const std::byte> bytes) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  const bool isWritten =
      file && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  const int error = errno;
  const bool isClosed = file && std::fclose(file) == 0;
  if (isWritten && isClosed)
    return Done;
  return complain(path + ": " + std::strerror(isWritten ? errno : error));
}

int extract(const Options &options) {
  Input input{options.file, {}, false, {}};
  if (!readInput(input))
    return Refused;
  const Found *module = selectModule(input, options);
  if (!module)
    return Refused;
  if (options.image.empty())
    return writeFile(options.output, module->bytes);
  const ImageView *image = selectImage(module->content, options);
  return image ? writeFile(options.output, image->payload) : Refused;
}

int diff(const Options &options) {
  Input a{options.file, {}, false, {}}, b{options.other, {}, false, {}};
  if (!readInput(a) || !readInput(b))
    return Refused;
  const Found *first = selectModule(a, options);
  const Found *second = first ? selectModule(b, options) : nullptr;
  if (!second)
    return Refused;
  return printDifferences(listModule(*first), listModule(*second)) ? Refused
                                                                   : Done;
}

void addModuleOption(CLI::App *command, Options &options) {
  command
      ->add_option("--module", options.module,
                   "which module, in a file with several")
      ->type_name("NAME");
}

/// Describes the command line; each command stores its function in `chosen`.
void describe(CLI::App &app, Options &options,
              int (*&chosen)(const Options &)) {
  auto add = [&](const char *name, const char *text,
                 int (*function)(const Options &)) {
    CLI::App *command = app.add_subcommand(name, text);
    command->callback([&chosen, function] { chosen = function; });
    return command;
  };
  CLI::App *one = add("dump", "Print what a module says", dump);
  one->add_option("FILE", options.file)->required();
  one->add_flag("--json", options.asJson, "print JSON");

  one = add("check", "Say whether a module is sound", check);
  one->add_option("FILE", options.file)->required();

  one =
      add("extract", "Write a module or one of its images to a file", extract);
  one->add_option("FILE", options.file)->required();
  one->add_option("--image", options.image,
                  "the target of the image; without it, the whole module")
      ->type_name("TARGET");
  one->add_option("--kind", options.kind,
                  "which image, if a target has several")
      ->check(CLI::IsMember({"cubin", "ptx", "host-object"}));
  addModuleOption(one, options);
  one->add_option("-o", options.output, "the file to write")->required();

  one = add("diff", "Print what two modules do not have in common", diff);
  one->add_option("A", options.file)->required();
  one->add_option("B", options.other)->required();
  addModuleOption(one, options);
}

} // namespace

int main(int count, char **arguments) {
  CLI::App app{"Shows and checks module files (.rkm). FILE may also be an "
               "object, a library\nor a program with modules inside."};
  app.name("rk-modfile");
  app.footer("Ends with 0 if all is well, 1 if a file is refused or two "
             "differ, 2 for wrong usage.");
  app.set_version_flag("--version", "rk-modfile " RK_VERSION);
  app.require_subcommand(1);
  Options options;
  int (*chosen)(const Options &) = nullptr;
  describe(app, options, chosen);
  try {
    app.parse(count, arguments);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? Done : WrongUsage;
  }
  return chosen(options);
}
