//===- Example.h - What the example programs share -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The command line of the examples, and their output: a result that is the
/// same on every back end and every run, and apart from it one line about
/// where the program ran and how fast.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/system.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace example {

/// The options of one example; `--help`, `--backend` and `--result` are common
/// to all.
///
/// Errors    a word that is no option, or a value that is no number in range,
///           ends the program with code 2 and says what is known.
class CommandLine {
public:
  CommandLine(std::string name, std::string purpose)
      : name_(std::move(name)), purpose_(std::move(purpose)) {}

  void number(std::string option, std::uint64_t &value, std::uint64_t least,
              std::uint64_t most, std::string meaning) {
    numbers_.push_back(
        {std::move(option), &value, least, most, std::move(meaning)});
  }
  /// One word of a few, the first of which is the default; `value` becomes its
  /// place among them.
  void choice(std::string option, std::size_t &value,
              std::vector<std::string> words, std::string meaning) {
    choices_.push_back(
        {std::move(option), &value, std::move(words), std::move(meaning)});
  }
  void flag(std::string option, bool &value, std::string meaning) {
    flags_.push_back({std::move(option), &value, std::move(meaning)});
  }
  /// At most one word without a dash.
  void word(std::string placeholder, std::string &value, std::string meaning) {
    wordName_ = std::move(placeholder);
    word_ = &value;
    wordMeaning_ = std::move(meaning);
  }

  void parse(int count, char **arguments) {
    for (int i = 1; i < count; ++i)
      if (!accept(arguments[i]))
        refuse(std::string("unknown argument: ") + arguments[i]);
  }

  /// Ends the program with code 2: for options that do not go together.
  [[noreturn]] void refuse(const std::string &why) const {
    std::fprintf(stderr, "%s: %s; see --help\n", name_.c_str(), why.c_str());
    std::exit(2);
  }

  rk::BackendKind backend = rk::BackendKind::Automatic;
  /// Where the result is written too; empty for nowhere.
  std::string resultFile;

private:
  struct Number {
    std::string option;
    std::uint64_t *value;
    std::uint64_t least, most;
    std::string meaning;
  };
  struct Choice {
    std::string option;
    std::size_t *value;
    std::vector<std::string> words;
    std::string meaning;

    std::string list() const {
      std::string text = words.front();
      for (std::size_t i = 1; i < words.size(); ++i)
        text += (i + 1 < words.size() ? ", " : " or ") + words[i];
      return text;
    }
  };
  struct Flag {
    std::string option;
    bool *value;
    std::string meaning;
  };

  bool accept(std::string_view argument) {
    if (argument == "--help")
      help();
    if (argument.substr(0, 2) != "--") {
      if (word_)
        *word_ = argument;
      return word_ != nullptr;
    }
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos)
      return acceptFlag(argument.substr(2));
    const std::string_view option = argument.substr(2, equals - 2);
    const std::string value(argument.substr(equals + 1));
    if (option == "result") {
      resultFile = value;
      return true;
    }
    if (option == "backend")
      return acceptBackend(value);
    for (const Number &number : numbers_)
      if (number.option == option)
        return acceptNumber(number, value);
    for (const Choice &choice : choices_)
      if (choice.option == option)
        return acceptChoice(choice, value);
    return false;
  }

  bool acceptFlag(std::string_view option) {
    for (const Flag &flag : flags_)
      if (flag.option == option)
        return *flag.value = true;
    return false;
  }

  bool acceptChoice(const Choice &choice, const std::string &value) {
    const auto word =
        std::find(choice.words.begin(), choice.words.end(), value);
    if (word == choice.words.end())
      refuse("--" + choice.option + " is " + choice.list() + ", not " + value);
    *choice.value = std::size_t(word - choice.words.begin());
    return true;
  }

  bool acceptBackend(const std::string &value) {
    if (value == "cpu")
      backend = rk::BackendKind::Cpu;
    else if (value == "cuda")
      backend = rk::BackendKind::Cuda;
    else if (value != "auto")
      refuse("--backend is cpu, cuda or auto, not " + value);
    return true;
  }

  bool acceptNumber(const Number &number, const std::string &text) {
    char *end = nullptr;
    const std::uint64_t value = std::strtoull(text.c_str(), &end, 10);
    const bool digits = !text.empty() && text[0] >= '0' && text[0] <= '9';
    if (!digits || *end || value < number.least || value > number.most)
      refuse("--" + number.option + " is a number from " +
             std::to_string(number.least) + " to " +
             std::to_string(number.most) + ", not " + text);
    *number.value = value;
    return true;
  }

  [[noreturn]] void help() const {
    std::printf("Usage: %s [OPTION]...%s%s%s\n\n%s\n\nOptions:\n",
                name_.c_str(), word_ ? " [" : "", wordName_.c_str(),
                word_ ? "]" : "", purpose_.c_str());
    if (word_)
      std::printf("  %-20s %s (%s)\n", wordName_.c_str(), wordMeaning_.c_str(),
                  word_->c_str());
    for (const Number &number : numbers_)
      std::printf("  --%-18s %s (%llu)\n", (number.option + "=N").c_str(),
                  number.meaning.c_str(),
                  static_cast<unsigned long long>(*number.value));
    for (const Choice &choice : choices_)
      std::printf("  --%-18s %s: %s (%s)\n", (choice.option + "=WORD").c_str(),
                  choice.meaning.c_str(), choice.list().c_str(),
                  choice.words[*choice.value].c_str());
    for (const Flag &flag : flags_)
      std::printf("  --%-18s %s\n", flag.option.c_str(), flag.meaning.c_str());
    std::puts("  --backend=KIND       cpu, cuda or auto (auto)\n"
              "  --result=FILE        write the result to FILE too");
    std::exit(0);
  }

  std::string name_, purpose_;
  std::vector<Number> numbers_;
  std::vector<Choice> choices_;
  std::vector<Flag> flags_;
  std::string wordName_, wordMeaning_;
  std::string *word_ = nullptr;
};

/// Collects the lines of the result and whether every check held.
class Result {
public:
  /// Adds one line, as `printf` does.
  template <class... Values> void line(const char *format, Values... values) {
    const int size = std::snprintf(nullptr, 0, format, values...);
    std::string text(std::size_t(size) + 1, '\0');
    std::snprintf(text.data(), text.size(), format, values...);
    text.back() = '\n';
    text_ += text;
  }
  void line(const char *text) { text_ += std::string(text) + "\n"; }

  /// Adds "what: ok" or "what: FAILED".
  void check(const char *what, bool holds) {
    line("%s: %s", what, holds ? "ok" : "FAILED");
    good_ = good_ && holds;
  }

  [[nodiscard]] bool isGood() const { return good_; }

  /// Prints the result, writes it where the command line asks for, and returns
  /// the program's exit code.
  int finish(const CommandLine &command) const {
    return finish(command.resultFile);
  }
  int finish(const std::string &resultFile) const {
    std::fputs(text_.c_str(), stdout);
    if (!resultFile.empty() && !(std::ofstream(resultFile) << text_)) {
      std::fprintf(stderr, "cannot write %s\n", resultFile.c_str());
      return 1;
    }
    return good_ ? 0 : 1;
  }

private:
  std::string text_;
  bool good_ = true;
};

/// Prints the one line that differs between back ends.
inline void printSpeed(const rk::System &system, double seconds, double amount,
                       const char *unit) {
  std::printf("ran on %s\ntook %.3f s, %.3g %s/s\n",
              system.description().text().c_str(), seconds,
              seconds > 0 ? amount / seconds : 0, unit);
}

/// A stop watch that starts when it is made.
class StopWatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         begin_)
        .count();
  }

private:
  std::chrono::steady_clock::time_point begin_ =
      std::chrono::steady_clock::now();
};

/// Ends the program with the status's own words unless it is `Ok`.
inline void require(const rk::Status &status) {
  if (!status.isOk())
    throw rk::StatusError(status);
}

/// Runs `body` and turns a failure into a message and exit code 1.
template <class Body> int guarded(const char *name, Body body) {
  try {
    return body();
  } catch (const std::exception &failure) {
    std::fprintf(stderr, "%s: %s\n", name, failure.what());
    return 1;
  }
}

} // namespace example
