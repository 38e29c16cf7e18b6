//===- Options.h - The command line of a stencil program -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/stencil_run.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace example {

/// The options of one program. Common to all: `--help`, `--backend`,
/// `--threads`, `--plan` and `--result`.
///
/// Errors    `parse` ends the program with code 2 for a word that is no option,
///           or a value that is not in its range.
class Options {
public:
  Options(std::string name, const std::string &purpose);
  ~Options();

  void number(const std::string &option, std::int64_t &value,
              std::int64_t least, std::int64_t most,
              const std::string &meaning);
  void number(const std::string &option, double &value, double least,
              double most, const std::string &meaning);
  /// One word of a few; `value` is its place among them.
  void choice(const std::string &option, std::size_t &value,
              const std::vector<std::string> &words,
              const std::string &meaning);
  void text(const std::string &option, std::string &value,
            const std::string &meaning);
  void flag(const std::string &option, bool &value, const std::string &meaning);

  void parse(int count, char **arguments);
  /// Ends the program with code 2: for options that do not go together.
  [[noreturn]] void refuse(const std::string &why) const;

  /// Where and how to run, as the command line has it.
  [[nodiscard]] rk::StencilOptions stencil() const;

  /// Where the result is written too; empty for nowhere.
  std::string resultFile;

private:
  std::string name_;
  std::unique_ptr<CLI::App> app_;
  std::size_t backend_ = 0;
  std::int64_t threads_ = 0;
  std::string plan_;
  std::vector<std::unique_ptr<std::string>> words_;
  std::vector<std::function<void()>> afterwards_;
};

} // namespace example
