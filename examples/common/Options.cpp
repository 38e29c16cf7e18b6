//===- Options.cpp - The command line of a stencil program ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace example {

Options::Options(std::string name, const std::string &purpose)
    : name_(std::move(name)), app_(std::make_unique<CLI::App>(purpose, name_)) {
  app_->get_formatter()->column_width(34);
  choice("--backend", backend_, {"auto", "cpu", "cuda"}, "where to run");
  number("--threads", threads_, 0, 4096,
         "threads of the CPU back end, 0 for all");
  text("--plan", plan_, "the plan, in place of the one chosen");
  text("--result", resultFile, "write the result to this file too");
}

Options::~Options() = default;

void Options::number(const std::string &option, std::int64_t &value,
                     std::int64_t least, std::int64_t most,
                     const std::string &meaning) {
  app_->add_option(option, value, meaning)
      ->check(CLI::Range(least, most))
      ->capture_default_str();
}

void Options::number(const std::string &option, double &value, double least,
                     double most, const std::string &meaning) {
  app_->add_option(option, value, meaning)
      ->check(CLI::Range(least, most))
      ->capture_default_str();
}

void Options::choice(const std::string &option, std::size_t &value,
                     const std::vector<std::string> &words,
                     const std::string &meaning) {
  std::string *word =
      words_.emplace_back(std::make_unique<std::string>(words[value])).get();
  app_->add_option(option, *word, meaning)
      ->check(CLI::IsMember(words))
      ->capture_default_str();
  afterwards_.emplace_back([word, words, &value] {
    value = std::size_t(std::find(words.begin(), words.end(), *word) -
                        words.begin());
  });
}

void Options::text(const std::string &option, std::string &value,
                   const std::string &meaning) {
  app_->add_option(option, value, meaning);
}

void Options::flag(const std::string &option, bool &value,
                   const std::string &meaning) {
  app_->add_flag(option, value, meaning);
}

void Options::parse(int count, char **arguments) {
  try {
    app_->parse(count, arguments);
  } catch (const CLI::CallForHelp &asked) {
    std::exit(app_->exit(asked));
  } catch (const CLI::ParseError &error) {
    refuse(error.what());
  }
  for (const auto &finish : afterwards_)
    finish();
}

void Options::refuse(const std::string &why) const {
  std::fprintf(stderr, "%s: %s; see --help\n", name_.c_str(), why.c_str());
  std::exit(2);
}

rk::StencilOptions Options::stencil() const {
  constexpr rk::BackendKind Kinds[] = {
      rk::BackendKind::Automatic, rk::BackendKind::Cpu, rk::BackendKind::Cuda};
  rk::StencilOptions options;
  options.backend = Kinds[backend_];
  options.threads = std::uint32_t(threads_);
  options.plan = plan_;
  return options;
}

} // namespace example
