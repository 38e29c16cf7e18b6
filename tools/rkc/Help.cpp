//===- Help.cpp - What rkc --help prints ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"

namespace rkc::driver {

static constexpr const char *text =
    R"(rkc compiles C++ classes marked [[rk::actor]] to persistent GPU actors.

Usage:
  rkc [flags] source.cpp... -o program       compile, and link a program
  rkc [flags] -c source.cpp... -o actors.o   compile the actors only
  rkc [flags] --emit=KIND source.cpp...      show what the compiler makes

Examples:
  rkc bank.cpp -o bank
      One file with actors and main. The program runs on a GPU of compute
      capability 9.0 and later, and on the CPU where there is none.
  rkc -c actors.cpp -o actors.o --arch=sm_80,sm_90a,host
      An object with the actors for three targets. Link it into a program whose
      host part your own compiler made, with librk_runtime.a:
      c++ main.cpp actors.cpp actors.o -lrk_runtime -lrk_modfile -pthread -ldl
  rkc --emit=ptx --arch=sm_90 actors.cpp
      The PTX of the actors, on standard output.
  rkc --stop-after=check actors.cpp
      Only check the rules of the language.

What to make:
  -o FILE              write to FILE ("-": standard output)
  -c                   make an object with the actors, embedded and registered
  --emit=KIND          ast     actors, handlers and messages as text
                       rk      the program in the rk dialect
                       llvm    LLVM IR, optimised, for the first target
                       ptx     PTX for the first GPU of --arch
                       cubin   machine code for the first GPU of --arch
                       host    the shared object for the CPU
                       rkm     the module file (see rk-modfile)
                       object  as -c
                       ast, rk, llvm and ptx go to standard output without -o;
                       the others to the source's name with the extension
                       .cubin, .so, .rkm or .o
  --stop-after=PHASE   stop when PHASE is done: check, import, analyze,
                       optimize, lower, emit or pack; with -o, write what the
                       program is then (check to lower)

For what:
  --arch=LIST          targets, separated by commas (default: sm_90,host).
                       sm_90 runs on GPUs of compute capability 9.0, and its
                       PTX on later ones; sm_90a on 9.0 only, with all of its
                       features; sm_100f on the family of 10.0; host is the CPU
                       Known: @TARGETS@
  --gate=policy        refuse features where they are not worth having (default)
  --gate=hardware      refuse only what the hardware cannot do

The language:
  -I DIR, -isystem DIR, -iquote DIR, -include FILE
  -D NAME[=VALUE], -U NAME
  -std=STANDARD        c++20 (default), c++23, c++26, or gnu++...
  -W..., -w            warnings, as for Clang
  -ffast-math, -ffp-contract=...
  -O0 to -O3           optimisation (default: -O3)
  -g                   keep source lines in the images
  --sanitize=thread    check the CPU code for data races (ThreadSanitizer)

Looking inside:
  --remarks            say what is done to each handler and to what it sends,
                       and what prevented better, to standard error
  --remarks=REGEX      ... for handlers, as in 'Account::on(Deposit)', and
                       functions whose name matches ('rk_kernel': the kernel)
  --time               print how long each phase took, to standard error

Programs:
  file.o file.a file.so -l NAME -L DIR -Wl,... -pthread
                       given to the linker
  --host-compiler=CXX  compiles the host part and links (default: $CXX, or c++)
  -Xhost FLAG          a flag for the host compiler only

Build systems:
  -MD, -MMD            write what the output depends on, for make and ninja
                       (-MMD: without system headers)
  -MF FILE             ... to FILE (default: the output's name with .d)
  -MT NAME             ... for the target NAME (default: the output)
  -MP                  ... with an empty rule for each header
  --no-cache           compile even what was compiled before, and keep nothing
  --resource-dir=DIR   folder of the device library
                       (default: ../lib/ringkernel, from rkc)
  --version, --help

Environment:
  RK_PTXAS, CUDA_HOME  where ptxas is
  RK_LD                the linker for CPU code (default: ld.lld-22, ld.lld, ld)
  CXX                  the host compiler
  RK_CACHE_DIR         folder of outputs kept for the next time; empty: none
                       (default: $XDG_CACHE_HOME/ringkernel, or
                       ~/.cache/ringkernel)
  RK_CACHE_MIB         how large it may get, in MiB (default: 1024)

Exit status: 0 done; 1 the input was refused, or a file could not be read or
written; 2 the command line makes no sense. Output files are complete or
untouched.
)";

std::string helpText() {
  std::string result = text;
  const std::string mark = "@TARGETS@";
  size_t at = result.find(mark);
  std::string targets = knownTargets();
  // Wrapped at 80 columns, indented as the text around it.
  std::string wrapped;
  size_t column = 30;
  for (size_t start = 0; start < targets.size();) {
    size_t end = targets.find(", ", start);
    std::string word = end == std::string::npos
                           ? targets.substr(start)
                           : targets.substr(start, end - start) + ",";
    if (column + word.size() + 1 > 79) {
      wrapped += "\n" + std::string(23, ' ');
      column = 23;
    } else if (!wrapped.empty()) {
      wrapped += " ";
    }
    wrapped += word;
    column += word.size() + 1;
    start = end == std::string::npos ? targets.size() : end + 2;
  }
  return result.replace(at, mark.size(), wrapped);
}

} // namespace rkc::driver
