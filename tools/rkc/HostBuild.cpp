//===- HostBuild.cpp - The host part of a program -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "HostBuild.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

namespace rkc::driver {

HostBuild::HostBuild(const CommandLine &line, const std::string &includeDir,
                     const std::string &libraryDir)
    : line(line), includeDir(includeDir), libraryDir(libraryDir) {}

HostBuild::~HostBuild() {
  std::string ignored;
  for (Job &job : jobs)
    if (job.isRunning)
      llvm::sys::Wait(job.process, std::nullopt, &ignored);
}

bool HostBuild::findCompiler(std::string &error) {
  std::string name = line.hostCompiler;
  const char *source = "--host-compiler";
  if (name.empty())
    if (const char *fromEnvironment = std::getenv("CXX")) {
      name = fromEnvironment;
      source = "CXX";
    }
  if (name.empty()) {
    name = "c++";
    source = "the default";
  }
  if (!findProgram(name, compiler)) {
    error = "the host compiler '" + name + "' (" + source +
            ") is not found; install one, or set --host-compiler";
    return false;
  }
  isClang = llvm::StringRef(runProgram(compiler, {"--version"}).output)
                .contains("clang");
  return true;
}

std::vector<std::string> HostBuild::compileFlags() const {
  std::vector<std::string> flags = {"-std=" + line.standard,
                                    "-O" + std::to_string(line.optLevel)};
  if (line.debugInfo)
    flags.push_back("-g");
  if (line.sanitizeThread)
    flags.push_back("-fsanitize=thread");
  flags.push_back(isClang ? "-Wno-unknown-attributes" : "-Wno-attributes=rk::");
  for (const std::string &folder : line.includeDirs)
    flags.push_back("-I" + folder);
  flags.insert(flags.end(), line.languageFlags.begin(),
               line.languageFlags.end());
  flags.insert(flags.end(), line.hostFlags.begin(), line.hostFlags.end());
  // Named explicitly, /usr/include would come before the C++ library's headers.
  if (includeDir != "/usr/include")
    flags.push_back("-I" + includeDir);
  return flags;
}

bool HostBuild::start(std::string &error) {
  if (!folder) {
    error = "cannot make a temporary folder";
    return false;
  }
  if (!findCompiler(error))
    return false;
  std::vector<std::string> flags = compileFlags();
  for (const std::string &source : line.sources) {
    Job job;
    job.source = source;
    job.object = folder.file(std::to_string(jobs.size()) + ".o");
    job.log = folder.file(std::to_string(jobs.size()) + ".log");
    std::vector<llvm::StringRef> words = {compiler};
    words.insert(words.end(), flags.begin(), flags.end());
    words.insert(words.end(), {"-c", source, "-o", job.object});
    job.process =
        llvm::sys::ExecuteNoWait(compiler, words, std::nullopt,
                                 {llvm::StringRef(""), llvm::StringRef(job.log),
                                  llvm::StringRef(job.log)},
                                 0, &error);
    job.isRunning = job.process.Pid != llvm::sys::ProcessInfo::InvalidPid;
    if (!job.isRunning) {
      error = "cannot run the host compiler '" + compiler + "': " + error;
      return false;
    }
    jobs.push_back(std::move(job));
  }
  return true;
}

bool HostBuild::wait(std::string &error) {
  std::vector<std::string> failed;
  for (Job &job : jobs) {
    std::string message, log;
    llvm::sys::ProcessInfo ended =
        llvm::sys::Wait(job.process, std::nullopt, &message);
    job.isRunning = false;
    if (readFile(job.log, log, message))
      llvm::errs() << log;
    if (ended.ReturnCode != 0)
      failed.push_back("'" + job.source + "'");
  }
  if (failed.empty())
    return true;
  error = "the host compiler '" + compiler + "' refused " +
          llvm::join(failed, ", ");
  return false;
}

bool HostBuild::link(llvm::StringRef moduleObject, llvm::StringRef output,
                     std::string &error) {
  std::string module = folder.file("module.o");
  if (!writeFile(module, moduleObject, error))
    return false;
  std::vector<std::string> words;
  if (line.sanitizeThread)
    words.push_back("-fsanitize=thread");
  words.insert(words.end(), line.hostFlags.begin(), line.hostFlags.end());
  for (const Job &job : jobs)
    words.push_back(job.object);
  words.push_back(module);
  words.insert(words.end(), line.linkArguments.begin(),
               line.linkArguments.end());
  for (const char *name : {"librk_runtime.a", "librk_modfile.a"}) {
    llvm::SmallString<128> library(libraryDir);
    llvm::sys::path::append(library, name);
    if (!llvm::sys::fs::exists(library)) {
      error = ("the runtime library '" + library +
               "' is missing; install RingKernel again")
                  .str();
      return false;
    }
    words.push_back(std::string(library));
  }
  // Beside its place, then renamed: the program is complete or not there.
  llvm::SmallString<128> partial;
  if (std::error_code problem =
          llvm::sys::fs::createUniqueFile(output + ".%%%%%%.tmp", partial)) {
    error = ("cannot write '" + output + "': ").str() + problem.message();
    return false;
  }
  words.insert(words.end(), {"-pthread", "-ldl", "-o", std::string(partial)});
  ProcessResult result = runProgram(compiler, words);
  llvm::errs() << result.output;
  std::error_code problem;
  if (result.status == 0)
    problem = llvm::sys::fs::rename(partial, output);
  if (result.status == 0 && !problem)
    return true;
  llvm::sys::fs::remove(partial);
  error = problem
              ? ("cannot write '" + output + "': ").str() + problem.message()
              : "linking '" + output.str() + "' failed";
  return false;
}

} // namespace rkc::driver
