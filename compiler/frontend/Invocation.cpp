//===- Invocation.cpp - How Clang is asked to read device code -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/TranslationUnitInternal.h"

#include "clang/Driver/CreateInvocationFromArgs.h"
#include "clang/Lex/PreprocessorOptions.h"

using namespace clang;

namespace rkc::frontend {

static constexpr const char HostTriple[] = "x86_64-pc-linux-gnu";

/// Arguments that host and device share: language, search paths, macros.
static std::vector<std::string>
commonArguments(const FrontendOptions &options) {
  std::vector<std::string> arguments = {"-x", "c++",
                                        "-std=" + options.standard};
  arguments.push_back("-resource-dir");
  arguments.push_back(options.clangResourceDir.empty()
                          ? RKC_CLANG_RESOURCE_DIR
                          : options.clangResourceDir);
  for (const std::string &dir : options.includeDirs)
    arguments.push_back("-I" + dir);
  llvm::append_range(arguments, options.extraArgs);
  for (const std::string &dir : options.dslIncludeDirs) {
    arguments.push_back("-isystem");
    arguments.push_back(dir);
  }
  return arguments;
}

/// What makes Clang read the host's headers for nvptx64. The headers ask for an
/// x86-64 Linux; sizes and alignments follow `TargetOptions::HostTriple`.
static std::vector<std::string>
deviceArguments(const FrontendOptions &options) {
  std::vector<std::string> arguments = {RKC_CLANG_PROGRAM,
                                        "--target=nvptx64-nvidia-cuda",
                                        "-march=sm_80",
                                        "-nogpulib",
                                        "-nostdinc",
                                        "-fexceptions",
                                        "-fcxx-exceptions",
                                        "-frtti",
                                        "-O3",
                                        "-fno-math-errno",
                                        "-fomit-frame-pointer",
                                        "-fno-discard-value-names",
                                        "-D__RKC__=" +
                                            std::to_string(RKC_VERSION_NUMBER)};
  for (const char *name : {"__x86_64__", "__LP64__", "_LP64", "_GNU_SOURCE",
                           "__linux__", "__ELF__", "__unix__", "__gnu_linux__"})
    arguments.push_back("-D" + std::string(name));
  // <atomic> spins with this builtin of x86.
  arguments.push_back("-D__builtin_ia32_pause()=__rk_pause(20)");
  for (const char *flag :
       {"-Xclang", "-disable-llvm-passes", "-Xclang", "-target-feature",
        "-Xclang", "+ptx90", "-fsyntax-only", "-Wno-unknown-cuda-version",
        "-Wunknown-attributes"})
    arguments.push_back(flag);
  arguments.push_back(options.debugInfo ? "-g" : "-gline-tables-only");
  return arguments;
}

static std::unique_ptr<CompilerInvocation>
invoke(const std::vector<std::string> &arguments,
       DiagnosticsEngine &diagnostics) {
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  CreateInvocationOptions how;
  how.Diags = &diagnostics;
  return createInvocation(pointers, how);
}

std::shared_ptr<CompilerInvocation>
makeInvocation(const FrontendOptions &options, const std::string &source,
               DiagnosticsEngine &diagnostics) {
  std::vector<std::string> common = commonArguments(options);
  std::vector<std::string> device = deviceArguments(options);
  llvm::append_range(device, common);
  device.push_back(source);
  std::shared_ptr<CompilerInvocation> invocation = invoke(device, diagnostics);
  // The driver knows no C++ headers for nvptx64; the host's are the right ones.
  std::vector<std::string> host = {RKC_CLANG_PROGRAM,
                                   "--target=" + std::string(HostTriple),
                                   "-fsyntax-only", "-w"};
  llvm::append_range(host, common);
  host.push_back(source);
  // What is to be said about the arguments has been said.
  DiagnosticOptions silent;
  auto quiet = CompilerInstance::createDiagnostics(
      *llvm::vfs::getRealFileSystem(), silent, new IgnoringDiagConsumer);
  std::unique_ptr<CompilerInvocation> hostInvocation =
      invocation ? invoke(host, *quiet) : nullptr;
  if (!hostInvocation)
    return nullptr;
  HeaderSearchOptions &search = invocation->getHeaderSearchOpts();
  search.UserEntries = hostInvocation->getHeaderSearchOpts().UserEntries;
  search.UseBuiltinIncludes = true;
  search.UseStandardSystemIncludes = true;
  search.UseStandardCXXIncludes = true;
  invocation->getTargetOpts().HostTriple = HostTriple;
  invocation->getPreprocessorOpts().Includes.insert(
      invocation->getPreprocessorOpts().Includes.begin(),
      "rk/detail/Markers.h");
  invocation->getDiagnosticOpts().ShowColors = options.colorDiagnostics;
  return invocation;
}

} // namespace rkc::frontend
