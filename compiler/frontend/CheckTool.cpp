//===- CheckTool.cpp - Runs the frontend alone -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// `rk-frontend-check [--summary|--check] [-I dir]... source...` prints the
/// module, or the program's summary, or nothing but messages.
///
//===----------------------------------------------------------------------===//

#include "rkc/frontend/Frontend.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static cl::list<std::string> sources(cl::Positional, cl::OneOrMore,
                                     cl::desc("sources"));
static cl::list<std::string> includeDirs("I", cl::Prefix,
                                         cl::desc("search this folder"));
static cl::list<std::string> dsl("dsl", cl::desc("folder that holds rk/"));
static cl::list<std::string> extra("X", cl::desc("pass this to Clang"));
static cl::opt<bool> summary("summary", cl::desc("print actors and messages"));
static cl::opt<bool> checkOnly("check", cl::desc("stop after the rules"));
static cl::opt<bool> locations("locations", cl::desc("print locations"));
static cl::opt<bool> timing("time", cl::desc("print times"));

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "Runs the frontend alone\n");
  rkc::frontend::FrontendOptions options;
  options.sources = sources;
  options.includeDirs = includeDirs;
  options.dslIncludeDirs = dsl;
  options.extraArgs = extra;
  options.checkOnly = checkOnly;
  mlir::DialectRegistry registry;
  rkc::frontend::registerFrontendDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto result = rkc::frontend::compile(options, context);
  if (mlir::failed(result))
    return 1;
  if (timing)
    for (const auto &phase : result->times)
      errs() << phase.name << " " << format("%.1f", phase.milliseconds)
             << " ms\n";
  if (summary)
    outs() << result->summary;
  else if (!checkOnly)
    result->program->print(outs(),
                           mlir::OpPrintingFlags().enableDebugInfo(locations));
  return 0;
}
