//===- CommandLine.cpp - What rkc is asked to do --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

namespace rkc::driver {

using llvm::StringRef;

std::string stem(StringRef path) { return llvm::sys::path::stem(path).str(); }

std::string shellQuoted(StringRef word) {
  auto isPlain = [](char c) {
    return llvm::isAlnum(c) || StringRef("-_=./+,:@%").contains(c);
  };
  if (!word.empty() && llvm::all_of(word, isPlain))
    return word.str();
  std::string quoted = "'";
  for (char c : word)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

bool CommandLine::fromMlir() const {
  return sources.size() == 1 && StringRef(sources.front()).ends_with(".mlir");
}

namespace {

/// Flags without a value, and flags whose value follows. "--remarks" is both:
/// its value can only stand behind "=".
constexpr StringRef plainFlags[] = {
    "-c",        "-g",       "-MD",       "-MMD",      "-MP",
    "-w",        "-pthread", "--time",    "--remarks", "--help",
    "--version", "-h",       "--no-cache"};
constexpr StringRef shortFlags[] = {"-o", "-I",  "-D",  "-U", "-L",
                                    "-l", "-MF", "-MT", "-MQ"};
constexpr StringRef wordFlags[] = {"-isystem", "-iquote", "-include", "-Xhost"};
constexpr StringRef longFlags[] = {
    "--emit",        "--arch",          "--gate",         "--stop-after",
    "--sanitize",    "--host-compiler", "--resource-dir", "--remarks",
    "--debug-crash", "--debug-start-at"};
constexpr StringRef emitNames = "ast, rk, llvm, ptx, cubin, host, rkm, object";

class Parser {
public:
  Parser(llvm::ArrayRef<const char *> arguments, CommandLine &line,
         std::string &error)
      : arguments(arguments), line(line), error(error) {}

  bool parse();

private:
  bool fail(const llvm::Twine &text) {
    error = text.str();
    return false;
  }
  bool takeValue(StringRef flag, StringRef &value);
  bool parseArgument(StringRef argument);
  bool parseInput(StringRef path);
  bool parsePlain(StringRef flag);
  bool parseShort(StringRef flag, StringRef value);
  bool parseWord(StringRef flag, StringRef value);
  bool parseLong(StringRef flag, StringRef value);
  bool parseEmit(StringRef value);
  bool parseRemarks(StringRef value);
  bool parsePrefixed(StringRef argument, bool &known);
  bool parseStandard(StringRef value);
  bool unknownFlag(StringRef argument);
  bool check();
  bool checkTargets();
  bool checkRemarks();

  llvm::ArrayRef<const char *> arguments;
  CommandLine &line;
  std::string &error;
  bool objectOnly = false, emitGiven = false;
};

} // namespace

bool Parser::takeValue(StringRef flag, StringRef &value) {
  if (arguments.empty())
    return fail("'" + flag + "' needs a value");
  value = arguments.front();
  arguments = arguments.drop_front();
  return true;
}

bool Parser::parseInput(StringRef path) {
  StringRef extension = llvm::sys::path::extension(path);
  if (llvm::is_contained({".cpp", ".cc", ".cxx", ".C", ".c++", ".mlir"},
                         extension)) {
    line.sources.push_back(path.str());
    return true;
  }
  if (llvm::is_contained({".o", ".a", ".so"}, extension)) {
    line.linkArguments.push_back(path.str());
    return true;
  }
  return fail("cannot tell what '" + path +
              "' is; rkc takes C++ sources (.cpp .cc .cxx), rk programs "
              "(.mlir), objects (.o) and libraries (.a .so)");
}

bool Parser::parsePlain(StringRef flag) {
  if (flag == "-c")
    objectOnly = true;
  else if (flag == "-g")
    line.debugInfo = true;
  else if (flag == "-MD" || flag == "-MMD") {
    line.dependencies.enabled = true;
    line.dependencies.withoutSystem |= flag == "-MMD";
  } else if (flag == "-MP")
    line.dependencies.phonyTargets = true;
  else if (flag == "--time")
    line.showTimes = true;
  else if (flag == "--no-cache")
    line.noCache = true;
  else if (flag == "--remarks")
    line.remarks = "";
  else if (flag == "--help" || flag == "-h")
    line.showHelp = true;
  else if (flag == "--version")
    line.showVersion = true;
  else if (flag == "-w")
    line.languageFlags.push_back("-w");
  else
    line.linkArguments.push_back(flag.str());
  return true;
}

bool Parser::parseShort(StringRef flag, StringRef value) {
  if (flag == "-o")
    line.output = value.str();
  else if (flag == "-I")
    line.includeDirs.push_back(value.str());
  else if (flag == "-D" || flag == "-U")
    line.languageFlags.push_back((flag + value).str());
  else if (flag == "-L" || flag == "-l")
    line.linkArguments.push_back((flag + value).str());
  else if (flag == "-MF")
    line.dependencies.file = value.str();
  else if (flag == "-MT")
    line.dependencies.targets.push_back(value.str());
  else // -MQ
    line.dependencies.targets.push_back(
        StringRef(value).str()); // quoted when written, as -MT is
  return true;
}

bool Parser::parseWord(StringRef flag, StringRef value) {
  if (flag == "-Xhost")
    line.hostFlags.push_back(value.str());
  else
    line.languageFlags.insert(line.languageFlags.end(),
                              {flag.str(), value.str()});
  return true;
}

bool Parser::parseEmit(StringRef value) {
  auto emit = llvm::StringSwitch<std::optional<Emit>>(value)
                  .Case("ast", Emit::Ast)
                  .Case("rk", Emit::Rk)
                  .Case("llvm", Emit::Llvm)
                  .Case("ptx", Emit::Ptx)
                  .Case("cubin", Emit::Cubin)
                  .Case("host", Emit::HostImage)
                  .Case("rkm", Emit::Module)
                  .Case("object", Emit::Object)
                  .Default(std::nullopt);
  if (!emit)
    return fail("--emit cannot be '" + value + "'; it is one of " + emitNames);
  line.emit = *emit;
  emitGiven = true;
  return true;
}

bool Parser::parseRemarks(StringRef value) {
  std::string problem;
  if (!llvm::Regex(value).isValid(problem))
    return fail("--remarks: '" + value +
                "' is no regular expression: " + problem);
  line.remarks = value.str();
  return true;
}

bool Parser::parseLong(StringRef flag, StringRef value) {
  if (flag == "--emit")
    return parseEmit(value);
  if (flag == "--remarks")
    return parseRemarks(value);
  if (flag == "--arch") {
    std::string problem;
    if (!parseTargets(value, line.targets, problem))
      return fail("--arch: " + problem);
    return true;
  }
  if (flag == "--gate") {
    if (value != "policy" && value != "hardware")
      return fail("--gate cannot be '" + value + "'; it is policy or hardware");
    line.gate = value == "policy" ? Gate::Policy : Gate::Hardware;
    return true;
  }
  if (flag == "--stop-after") {
    line.stopAfter = parsePhase(value);
    return line.stopAfter || fail("--stop-after cannot be '" + value +
                                  "'; the phases are " + phaseNames());
  }
  if (flag == "--sanitize") {
    line.sanitizeThread = value == "thread";
    return line.sanitizeThread ||
           fail("--sanitize cannot be '" + value + "'; it is thread");
  }
  if (flag == "--host-compiler")
    line.hostCompiler = value.str();
  else if (flag == "--resource-dir")
    line.resourceDir = value.str();
  else if (flag == "--debug-start-at") {
    line.isLowered = value == "emit";
    return line.isLowered || fail("--debug-start-at takes emit");
  } else { // --debug-crash
    auto [step, kind] = value.split(':');
    line.crashStep = step.str();
    line.crashKind = kind.str();
  }
  return true;
}

bool Parser::parseStandard(StringRef value) {
  StringRef year = value;
  if (!year.consume_front("gnu++"))
    year.consume_front("c++");
  if (!llvm::is_contained({"20", "2a", "23", "2b", "26", "2c"}, year))
    return fail("-std cannot be '" + value +
                "'; actors need C++20 or later: c++20, c++23, c++26, or the "
                "same with gnu++");
  line.standard = value.str();
  return true;
}

/// Flags known by how they begin.
bool Parser::parsePrefixed(StringRef argument, bool &known) {
  known = true;
  StringRef value = argument;
  if (value.consume_front("-O")) {
    std::optional<unsigned> level =
        llvm::StringSwitch<std::optional<unsigned>>(value)
            .Case("0", 0u)
            .Cases({"1", "", "g"}, 1u)
            .Cases({"2", "s", "z"}, 2u)
            .Case("3", 3u)
            .Default(std::nullopt);
    if (!level)
      return fail("'" + argument +
                  "' is no level of optimisation; use -O0, "
                  "-O1, -O2 or -O3");
    line.optLevel = *level;
    return true;
  }
  if (value.consume_front("-std="))
    return parseStandard(value);
  if (argument.starts_with("-g") && argument != "-g") {
    line.debugInfo = argument != "-g0";
    return true;
  }
  if (argument.starts_with("-Wl,")) {
    line.linkArguments.push_back(argument.str());
    return true;
  }
  if (argument.starts_with("-W") || argument == "-ffast-math" ||
      argument == "-fno-fast-math" || argument.starts_with("-ffp-contract=")) {
    line.languageFlags.push_back(argument.str());
    return true;
  }
  if (argument.starts_with("-f") || argument.starts_with("-m"))
    return fail("rkc has no flag '" + argument +
                "'; if it is for the host compiler, write -Xhost " + argument);
  known = false;
  return true;
}

bool Parser::unknownFlag(StringRef argument) {
  StringRef name = argument.split('=').first;
  StringRef best;
  unsigned bestDistance = 3;
  auto look = [&](llvm::ArrayRef<StringRef> flags) {
    for (StringRef flag : flags) {
      unsigned distance = name.edit_distance(flag, true, bestDistance);
      if (distance < bestDistance && !flag.starts_with("--debug")) {
        bestDistance = distance;
        best = flag;
      }
    }
  };
  look(plainFlags);
  look(wordFlags);
  look(longFlags);
  if (best.empty())
    return fail("unknown flag '" + argument + "'; rkc --help lists all");
  return fail("unknown flag '" + argument + "'; did you mean '" + best + "'?");
}

bool Parser::parseArgument(StringRef argument) {
  if (argument == "-" || !argument.starts_with("-"))
    return parseInput(argument);
  if (llvm::is_contained(plainFlags, argument))
    return parsePlain(argument);
  StringRef value;
  if (llvm::is_contained(wordFlags, argument))
    return takeValue(argument, value) && parseWord(argument, value);
  for (StringRef flag : longFlags) {
    if (argument == flag)
      return takeValue(flag, value) && parseLong(flag, value);
    value = argument;
    if (value.consume_front(flag) && value.consume_front("="))
      return parseLong(flag, value);
  }
  // The longest first: -MF is not -M with the value "F".
  if (llvm::is_contained(shortFlags, argument))
    return takeValue(argument, value) && parseShort(argument, value);
  for (StringRef flag : shortFlags) {
    value = argument;
    if (flag.size() == 2 && value.consume_front(flag))
      return parseShort(flag, value);
  }
  bool known = false;
  if (!parsePrefixed(argument, known))
    return false;
  return known || unknownFlag(argument);
}

bool Parser::checkTargets() {
  auto isGpu = [](const Target &target) { return target.isGpu(); };
  bool anyGpu = llvm::any_of(line.targets, isGpu);
  bool anyHost = !llvm::all_of(line.targets, isGpu);
  if ((line.emit == Emit::Ptx || line.emit == Emit::Cubin) && !anyGpu)
    return fail("--emit=ptx and --emit=cubin need a GPU in --arch");
  if (line.emit == Emit::HostImage && !anyHost)
    return fail("--emit=host needs host in --arch");
  if (line.sanitizeThread && !anyHost)
    return fail("--sanitize=thread is for the host, which --arch leaves out");
  if (line.isLowered && (line.targets.size() != 1 || !line.fromMlir()))
    return fail("--debug-start-at needs one target and one .mlir source");
  return true;
}

/// Remarks are about the program in the rk dialect.
bool Parser::checkRemarks() {
  if (!line.remarks)
    return true;
  if (line.emit == Emit::Ast)
    return fail("--remarks says nothing with --emit=ast; leave one out");
  if (line.stopAfter && *line.stopAfter < Phase::Analyze)
    return fail("--remarks needs the phase analyze; --stop-after=" +
                phaseName(*line.stopAfter) + " ends before it");
  return true;
}

bool Parser::check() {
  if (line.showHelp || line.showVersion)
    return true;
  if (objectOnly && emitGiven && line.emit != Emit::Object)
    return fail("-c makes an object, --emit asks for something else; leave "
                "one out");
  if (objectOnly)
    line.emit = Emit::Object;
  if (line.sources.empty())
    return fail("no source file; rkc --help shows examples");
  bool anyMlir = llvm::any_of(
      line.sources, [](StringRef source) { return source.ends_with(".mlir"); });
  if (anyMlir && line.sources.size() > 1)
    return fail("a .mlir file must be the only source");
  if (anyMlir && (line.emit == Emit::Program || line.emit == Emit::Ast))
    return fail("a .mlir file has no host part; use -c or --emit");
  if (line.emit != Emit::Program && !line.linkArguments.empty())
    return fail("'" + line.linkArguments.front() +
                "' is for linking, and -c, --emit do not link");
  if (line.dependencies.enabled && line.dependencies.file.empty() &&
      (line.output.empty() || line.output == "-") && line.emit != Emit::Object)
    return fail("-MD needs -o or -MF to know where to write");
  if (!line.dependencies.enabled &&
      (!line.dependencies.file.empty() || !line.dependencies.targets.empty()))
    return fail("-MF, -MT and -MQ need -MD");
  if (line.targets.empty()) {
    std::string ignored;
    parseTargets("sm_90,host", line.targets, ignored);
  }
  return checkTargets() && checkRemarks();
}

bool Parser::parse() {
  line.text = "rkc";
  for (StringRef argument : arguments)
    line.text += " " + shellQuoted(argument);
  while (!arguments.empty()) {
    StringRef argument = arguments.front();
    arguments = arguments.drop_front();
    if (!parseArgument(argument))
      return false;
  }
  return check();
}

bool parseCommandLine(llvm::ArrayRef<const char *> arguments, CommandLine &line,
                      std::string &error) {
  return Parser(arguments, line, error).parse();
}

} // namespace rkc::driver
