//===- SharedObject.cpp - The CPU image -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/Images.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace rkc {

/// Where distributions keep the C library.
static std::vector<std::string> libraryFolders() {
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string multiarch = (triple.getArchName() + "-linux-gnu").str();
  std::vector<std::string> folders;
  for (const std::string &folder :
       {"/lib/" + multiarch, "/usr/lib/" + multiarch, std::string("/lib64"),
        std::string("/usr/lib64"), std::string("/lib"),
        std::string("/usr/lib")})
    if (llvm::sys::fs::is_directory(folder))
      folders.push_back(folder);
  return folders;
}

bool linkSharedObject(llvm::StringRef object, llvm::StringRef soname,
                      const Toolchain &toolchain, bool allowUndefined,
                      std::string &image, std::string &error) {
  std::string linker;
  if (!toolchain.findLinker(linker, error))
    return false;
  TemporaryFolder folder;
  if (!folder) {
    error = "cannot make a temporary folder for the linker";
    return false;
  }
  std::string input = folder.file("module.o");
  std::string output = folder.file("module.so");
  if (!writeFile(input, object, error))
    return false;
  std::vector<std::string> arguments = {"-shared",
                                        "--build-id=none",
                                        "--hash-style=gnu",
                                        "-soname",
                                        soname.str(),
                                        "-z",
                                        "noexecstack",
                                        "-z",
                                        "relro",
                                        "-z",
                                        "now"};
  if (!allowUndefined)
    arguments.insert(arguments.end(), {"-z", "defs"});
  for (const std::string &path : libraryFolders())
    arguments.push_back("-L" + path);
  arguments.insert(arguments.end(),
                   {"-o", output, input, "-l:libm.so.6", "-l:libc.so.6"});
  ProcessResult result = runProgram(linker, arguments);
  if (result.status != 0) {
    error = "the linker '" + linker + "' failed for target host";
    if (result.output.empty())
      error += " with exit status " + std::to_string(result.status);
    else
      error += ":\n" + llvm::StringRef(result.output).rtrim().str();
    return false;
  }
  return readFile(output, image, error);
}

} // namespace rkc
