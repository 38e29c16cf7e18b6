//===- DeviceRules.cpp - Rules on what handlers reach ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "check/DeviceRulesInternal.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Support/Path.h"

#include <deque>
#include <map>
#include <tuple>

using namespace llvm;

namespace rkc::frontend {
namespace {

/// One step of the way from a handler to a violation.
struct Frame {
  SourcePoint where;
  std::string function;
};

SourcePoint pointOf(const DILocation &location) {
  SmallString<128> path(location.getFilename());
  if (!sys::path::is_absolute(path)) {
    path = location.getDirectory();
    sys::path::append(path, location.getFilename());
  }
  return {path.str().str(), location.getLine(), location.getColumn()};
}

bool samePlace(const SourcePoint &left, const SourcePoint &right) {
  return left.line == right.line && left.column == right.column &&
         left.file == right.file;
}

/// Adds the global values that `value` refers to, through constants.
void addReferences(const Value *value,
                   SmallSetVector<const GlobalValue *, 8> &found) {
  if (const auto *global = dyn_cast<GlobalValue>(value)) {
    found.insert(global);
    return;
  }
  if (const auto *constant = dyn_cast<Constant>(value))
    for (const Use &operand : constant->operands())
      addReferences(operand.get(), found);
}

/// Walks the code from the handlers and remembers how each function and
/// variable was first reached.
class Checker {
public:
  Checker(const Module &code, const Program &program,
          const FunctionNames &names, const SourceQueries &sources)
      : code(code), program(program), names(names), sources(sources) {}

  std::vector<Finding> run() {
    for (const ActorRecord &actor : program.actors)
      for (const HandlerRecord &handler : actor.handlers)
        if (const Function *thunk = code.getFunction(handler.thunk)) {
          starts[thunk] = {handler.where, "on"};
          if (reached.insert({thunk, nullptr}).second)
            queue.push_back(thunk);
        }
    for (const StencilRecord &stencil : program.stencils)
      for (const StencilMethodRecord *method : stencil.methods())
        if (const Function *thunk = code.getFunction(method->thunk)) {
          starts[thunk] = {method->where, method->name};
          if (reached.insert({thunk, nullptr}).second)
            queue.push_back(thunk);
        }
    while (!queue.empty()) {
      const GlobalValue *next = queue.front();
      queue.pop_front();
      if (const auto *function = dyn_cast<Function>(next))
        visitFunction(*function);
      else if (const auto *variable = dyn_cast<GlobalVariable>(next))
        visitVariable(*variable);
    }
    std::vector<Finding> result;
    for (auto &[place, finding] : findings)
      result.push_back(std::move(finding.second));
    return result;
  }

private:
  void reach(const GlobalValue *value, const Instruction *from) {
    if (reached.insert({value, from}).second)
      queue.push_back(value);
  }

  void visitFunction(const Function &function) {
    for (const BasicBlock &block : function) {
      bool throws = any_of(block, [](const Instruction &instruction) {
        return isThrowCall(instruction);
      });
      for (const Instruction &instruction : block) {
        if (throws && !isThrowCall(instruction))
          continue; // part of making the exception
        visitInstruction(instruction);
      }
    }
  }

  static bool isThrowCall(const Instruction &instruction) {
    const auto *call = dyn_cast<CallBase>(&instruction);
    const Function *callee = call ? call->getCalledFunction() : nullptr;
    return callee && callee->getName() == "__cxa_throw";
  }

  void visitInstruction(const Instruction &instruction) {
    if (isa<DbgInfoIntrinsic>(instruction))
      return;
    if (auto violation = judgeInstruction(instruction))
      add(*violation, instruction);
    SmallSetVector<const GlobalValue *, 8> used;
    if (isThrowCall(instruction))
      used.insert(cast<CallBase>(instruction).getCalledFunction());
    else
      for (const Use &operand : instruction.operands())
        addReferences(operand.get(), used);
    for (const GlobalValue *global : used) {
      if (global->isDeclaration()) {
        if (auto violation = judgeExternal(*global))
          add(*violation, instruction);
        continue;
      }
      reach(global, &instruction);
    }
  }

  void visitVariable(const GlobalVariable &variable) {
    const Instruction *from = reached.lookup(&variable);
    checkVariable(variable, from);
    SmallSetVector<const GlobalValue *, 8> used;
    if (variable.hasInitializer())
      addReferences(variable.getInitializer(), used);
    for (const GlobalValue *global : used) {
      if (!global->isDeclaration())
        reach(global, from);
      else if (auto violation = judgeExternal(*global); violation && from)
        add(*violation, *from);
    }
  }

  void checkVariable(const GlobalVariable &variable, const Instruction *from) {
    std::string name = demangle(variable.getName());
    std::string fault;
    if (variable.isThreadLocal())
      fault = "a handler cannot use the thread_local variable '" + name +
              "': keep it in the actor";
    else if (sources.isDynamicallyInitialized(variable.getName()))
      fault = "'" + name +
              "' is used in a handler but initialised at run time, on the "
              "host only: make it constexpr or constinit, or keep it in the "
              "actor";
    if (fault.empty() || !from)
      return;
    std::vector<Frame> frames = framesOf(*from);
    Finding finding{{sources.declaredAt(variable.getName()), fault}, {}};
    if (finding.error.where.line == 0)
      finding.error.where = frames.front().where;
    for (const Frame &frame : frames)
      if (!sources.isLibrary(frame.where.file))
        finding.notes.push_back(
            {frame.where, "used in '" + frame.function + "' here"});
    record(Severity::Language, std::move(finding));
  }

  /// Returns an instruction with a place: this one, else one before it.
  static const Instruction *placed(const Instruction *at) {
    SmallPtrSet<const BasicBlock *, 8> visited;
    const Instruction *start = at;
    while (at && (!at->getDebugLoc() || at->getDebugLoc().getLine() == 0)) {
      if (const Instruction *previous = at->getPrevNode()) {
        at = previous;
        continue;
      }
      const BasicBlock *block = at->getParent();
      if (!visited.insert(block).second || pred_empty(block))
        return start;
      at = (*pred_begin(block))->getTerminator();
    }
    return at;
  }

  /// Returns the way from `instruction` out to its handler.
  std::vector<Frame> framesOf(const Instruction &instruction) const {
    std::vector<Frame> frames;
    const Instruction *at = &instruction;
    SmallPtrSet<const Function *, 16> visited;
    while (at && visited.insert(at->getFunction()).second) {
      for (const DILocation *location = placed(at)->getDebugLoc().get();
           location; location = location->getInlinedAt())
        addFrame(frames, *location);
      const Function *function = at->getFunction();
      auto start = starts.find(function);
      if (start != starts.end() && frames.empty())
        frames.push_back(start->second);
      at = reached.lookup(function);
    }
    if (frames.empty())
      frames.push_back({SourcePoint{}, ""});
    return frames;
  }

  void addFrame(std::vector<Frame> &frames, const DILocation &location) const {
    if (location.getLine() == 0)
      return;
    const DISubprogram *subprogram = location.getScope()->getSubprogram();
    std::string function = names.lookup(subprogram);
    if (function.empty() && subprogram)
      function = subprogram->getName().str();
    if (StringRef(function).contains("rk::detail::handlerThunk<") ||
        StringRef(function).contains("rk::detail::stencilThunk<") ||
        StringRef(function).contains("rk::detail::boundaryThunk<") ||
        StringRef(function).contains("rk::detail::reduceThunk<"))
      return;
    frames.push_back({pointOf(location), function});
  }

  /// Reports at the innermost line of the user's own; notes tell the rest.
  void add(const Violation &violation, const Instruction &instruction) {
    std::vector<Frame> frames = framesOf(instruction);
    auto own = find_if(frames, [&](const Frame &frame) {
      return !sources.isLibrary(frame.where.file);
    });
    if (own == frames.end())
      own = frames.begin();
    Finding finding{{own->where, violation.text}, {}};
    if (own != frames.begin())
      finding.notes.push_back(
          {frames.front().where,
           "in '" + frames.front().function + "', called from that line"});
    for (auto outer = std::next(own); outer < frames.end(); ++outer)
      if (!sources.isLibrary(outer->where.file) &&
          !samePlace(outer->where, std::prev(outer)->where))
        finding.notes.push_back(
            {outer->where, "called from '" + outer->function + "' here"});
    record(violation.severity, std::move(finding));
  }

  /// Keeps one finding a line: the one whose cause says most.
  void record(Severity severity, Finding &&finding) {
    auto place =
        std::make_pair(finding.error.where.file, finding.error.where.line);
    auto [it, inserted] =
        findings.try_emplace(place, severity, std::move(finding));
    if (!inserted && severity < it->second.first)
      it->second = {severity, std::move(finding)};
  }

  const Module &code;
  const Program &program;
  const FunctionNames &names;
  const SourceQueries &sources;
  DenseMap<const Function *, Frame> starts;
  DenseMap<const GlobalValue *, const Instruction *> reached;
  std::deque<const GlobalValue *> queue;
  std::map<std::pair<std::string, unsigned>, std::pair<Severity, Finding>>
      findings;
};

} // namespace

std::vector<Finding> checkDeviceCode(const Module &code, const Program &program,
                                     const FunctionNames &names,
                                     const SourceQueries &sources) {
  return Checker(code, program, names, sources).run();
}

} // namespace rkc::frontend
