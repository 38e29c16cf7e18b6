//===- GenerateDispatch.cpp - From a message to its handler ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Decisions.h"
#include "rkc/transforms/DeviceCalls.h"
#include "rkc/transforms/Passes.h"
#include "rkc/transforms/Reachability.h"

#include "rk/abi/Packet.h"
#include "rk/abi/Residents.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace rkc::transforms {

#define GEN_PASS_DEF_GENERATEDISPATCHPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

constexpr int32_t NoHandler = 0;
constexpr int32_t NoReply = 1;
constexpr int32_t FirstReply = 2;
constexpr int32_t WarpLanes = 32;
constexpr int32_t BlockAlign = 16;

/// One case of the dispatch.
struct Entry {
  int32_t key;
  /// What `rk_dispatch` returns.
  int32_t outcome;
  int32_t lanes;
  /// For an actor with a warp to itself.
  bool isResident;
  /// The message is too large for a packet: its address lies there.
  bool byReference;
  /// It may make actors.
  bool spawns;
  FlatSymbolRefAttr callee;
};

/// Knows which functions can come to a spawn.
class Spawners {
public:
  explicit Spawners(ModuleOp program) : reachability(program) {
    program.walk([&](Operation *op) {
      if (isa<SpawnOp, SpawnNOp>(op))
        functions.insert(op->getParentOfType<LLVM::LLVMFuncOp>());
    });
  }
  bool canSpawn(StringRef function) {
    Functions reached;
    Operation *root = reachability.getSymbols().lookup(function);
    if (root && !functions.empty())
      reachability.add(root, reached);
    return llvm::any_of(reached,
                        [&](Operation *op) { return functions.contains(op); });
  }

private:
  Reachability reachability;
  Functions functions;
};

/// Makes the functions; their code has no source location of its own.
class Generator {
public:
  Generator(ModuleOp program, bool servesResidents)
      : program(program), servesResidents(servesResidents),
        builder(program.getContext()), location(builder.getUnknownLoc()),
        i32(builder.getI32Type()),
        pointer(LLVM::LLVMPointerType::get(program.getContext())) {}

  LogicalResult run();

private:
  /// Makes room for the function `name`, which a program may declare.
  LogicalResult dropDeclaration(StringRef name);
  LogicalResult collect();
  FailureOr<MessageOp> numberedMessage(HandlerOp user, FlatSymbolRefAttr name);
  LLVM::LLVMFuncOp makeFunction(StringRef name, ArrayRef<Type> arguments);
  /// Fills `function` with a switch over its first argument; `makeCase` writes
  /// a case and returns the constant that the function returns.
  void makeSwitch(LLVM::LLVMFuncOp function,
                  llvm::function_ref<int32_t(const Entry &)> makeCase,
                  llvm::function_ref<bool(const Entry &)> takes);
  /// Makes the function `name`, which runs the handlers that `takes` accepts.
  void makeDispatch(StringRef name,
                    llvm::function_ref<bool(const Entry &)> takes);
  /// Calls a handler with the arguments of a dispatch, state first.
  void callHandler(const Entry &entry, ValueRange arguments);
  /// Makes the function that chooses, by the key, whose messages
  /// `rk_serve_messages` serves: those of one lane of a resident actor.
  void makeServe();
  /// Makes a function that calls the handler, for who wants its address.
  LLVM::LLVMFuncOp makeRunner(const Entry &entry);
  void makeReturn(int32_t value);
  /// Makes the functions that say which messages carry a bulk payload.
  void makeBulkTable();
  /// Makes a function without arguments that returns `value`.
  void makeConstant(StringRef name, int32_t value);

  ModuleOp program;
  bool servesResidents;
  OpBuilder builder;
  Location location;
  Type i32;
  Type pointer;
  SmallVector<Entry> entries;
  bool usesWarps = false;
  bool hasResidents = false;
};

FailureOr<MessageOp> Generator::numberedMessage(HandlerOp user,
                                                FlatSymbolRefAttr name) {
  auto message = program.lookupSymbol<MessageOp>(name.getAttr());
  if (message && message.getIndexAttr())
    return message;
  return user.emitOpError("message '")
         << name.getValue() << "' has no index: run rk-number-program first";
}

LogicalResult Generator::collect() {
  Spawners spawners(program);
  for (auto actor : program.getOps<ActorOp>()) {
    if (!actor.getIndexAttr())
      return actor.emitOpError("has no index: run rk-number-program first");
    int32_t actorIndex = actor.getIndexAttr().getInt();
    for (auto handler : actor.getBody().getOps<HandlerOp>()) {
      auto message = numberedMessage(handler, handler.getMessageAttr());
      if (failed(message))
        return failure();
      Entry entry;
      entry.key = actorIndex << rk::abi::MessageBits |
                  int32_t(message->getIndexAttr().getInt());
      entry.outcome = NoReply;
      entry.byReference = !fitsPacket(message->getSize());
      entry.lanes = int32_t(rk::abi::LanesOf[uint32_t(handler.getLanes())]);
      entry.isResident = actor.getResident();
      hasResidents |= entry.isResident;
      usesWarps |= !entry.isResident && entry.lanes == WarpLanes;
      entry.callee = handler.getCalleeAttr();
      entry.spawns = spawners.canSpawn(handler.getCallee());
      if (auto name = handler.getReplyAttr()) {
        auto reply = numberedMessage(handler, name);
        if (failed(reply))
          return failure();
        entry.outcome = FirstReply + int32_t(reply->getIndexAttr().getInt());
      }
      entries.push_back(entry);
    }
  }
  llvm::sort(entries,
             [](const Entry &a, const Entry &b) { return a.key < b.key; });
  return success();
}

LLVM::LLVMFuncOp Generator::makeFunction(StringRef name,
                                         ArrayRef<Type> arguments) {
  builder.setInsertionPointToEnd(program.getBody());
  auto type = LLVM::LLVMFunctionType::get(i32, arguments);
  return LLVM::LLVMFuncOp::create(builder, location, name, type);
}

void Generator::makeReturn(int32_t value) {
  Value constant = LLVM::ConstantOp::create(builder, location, i32, value);
  LLVM::ReturnOp::create(builder, location, constant);
}

void Generator::makeConstant(StringRef name, int32_t value) {
  auto function = makeFunction(name, {});
  builder.setInsertionPointToEnd(function.addEntryBlock(builder));
  makeReturn(value);
}

void Generator::makeSwitch(LLVM::LLVMFuncOp function,
                           llvm::function_ref<int32_t(const Entry &)> makeCase,
                           llvm::function_ref<bool(const Entry &)> takes) {
  Block *entryBlock = function.addEntryBlock(builder);
  Block *none = builder.createBlock(&function.getBody());
  makeReturn(NoHandler);
  SmallVector<int32_t> keys;
  SmallVector<Block *> blocks;
  for (const Entry &entry : entries) {
    if (!takes(entry))
      continue;
    blocks.push_back(builder.createBlock(&function.getBody()));
    keys.push_back(entry.key);
    makeReturn(makeCase(entry));
  }
  builder.setInsertionPointToEnd(entryBlock);
  SmallVector<ValueRange> noOperands(blocks.size());
  LLVM::SwitchOp::create(builder, location, entryBlock->getArgument(0), none,
                         ValueRange{}, keys, blocks, noOperands);
}

LogicalResult Generator::dropDeclaration(StringRef name) {
  Operation *other = program.lookupSymbol(name);
  if (!other)
    return success();
  auto function = dyn_cast<LLVM::LLVMFuncOp>(other);
  if (!function || !function.isExternal())
    return other->emitError()
           << "'" << name << "' is the compiler's: rename this one";
  function.erase();
  return success();
}

void Generator::callHandler(const Entry &entry, ValueRange given) {
  SmallVector<Value> arguments(given);
  Value &message = arguments[1];
  if (entry.byReference) {
    message = LLVM::LoadOp::create(builder, location, pointer, message);
    // Blocks of the payload pool begin at its multiples.
    Value yes =
        LLVM::ConstantOp::create(builder, location, builder.getI1Type(), true);
    Value align = LLVM::ConstantOp::create(builder, location, i32, BlockAlign);
    LLVM::AssumeOp::create(builder, location, yes, LLVM::AssumeAlignTag(),
                           message, align);
  }
  LLVM::CallOp::create(builder, location, TypeRange{}, entry.callee, arguments);
  if (entry.spawns)
    LLVM::CallOp::create(builder, location,
                         getDeviceCall(program, "rk_publish"),
                         arguments.back());
}

void Generator::makeDispatch(StringRef name,
                             llvm::function_ref<bool(const Entry &)> takes) {
  auto dispatch = makeFunction(name, {i32, pointer, pointer, pointer, pointer});
  makeSwitch(
      dispatch,
      [&](const Entry &entry) {
        callHandler(entry, dispatch.getArguments().drop_front());
        return entry.outcome;
      },
      takes);
}

LLVM::LLVMFuncOp Generator::makeRunner(const Entry &entry) {
  builder.setInsertionPointToEnd(program.getBody());
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(program.getContext()),
                                  {pointer, pointer, pointer, pointer});
  auto runner = LLVM::LLVMFuncOp::create(
      builder, location, "rk_run_resident_" + std::to_string(entry.key), type,
      LLVM::Linkage::Internal);
  runner.setAlwaysInline(true);
  builder.setInsertionPointToEnd(runner.addEntryBlock(builder));
  callHandler(entry, runner.getArguments());
  LLVM::ReturnOp::create(builder, location, ValueRange{});
  return runner;
}

void Generator::makeServe() {
  auto isServed = [](const Entry &entry) {
    return entry.isResident && entry.lanes < WarpLanes;
  };
  llvm::DenseMap<int32_t, LLVM::LLVMFuncOp> runners;
  for (const Entry &entry : entries)
    if (isServed(entry))
      runners[entry.key] = makeRunner(entry);
  auto serveMessages = getDeviceCall(program, "rk_serve_messages");
  auto serve = makeFunction("rk_serve_resident", {i32, pointer});
  serve.setAlwaysInline(true); // or all that it refers to would be in memory
  makeSwitch(
      serve,
      [&](const Entry &entry) {
        Value runner =
            LLVM::AddressOfOp::create(builder, location, runners[entry.key]);
        Value outcome =
            LLVM::ConstantOp::create(builder, location, i32, entry.outcome);
        LLVM::CallOp::create(builder, location, serveMessages,
                             ValueRange{serve.getArgument(1), runner, outcome});
        return entry.outcome;
      },
      isServed);
}

void Generator::makeBulkTable() {
  auto function = makeFunction("rk_carries_bulk", {i32});
  SmallVector<int32_t> indices;
  for (auto message : program.getOps<MessageOp>())
    if (message.getBulk())
      indices.push_back(int32_t(message.getIndexAttr().getInt()));
  llvm::sort(indices);
  Block *entry = function.addEntryBlock(builder);
  Block *none = builder.createBlock(&function.getBody());
  makeReturn(0);
  Block *some = builder.createBlock(&function.getBody());
  makeReturn(1);
  builder.setInsertionPointToEnd(entry);
  SmallVector<Block *> blocks(indices.size(), some);
  SmallVector<ValueRange> noOperands(blocks.size());
  LLVM::SwitchOp::create(builder, location, entry->getArgument(0), none,
                         ValueRange{}, indices, blocks, noOperands);
  makeConstant("rk_uses_bulk", !indices.empty());
}

LogicalResult Generator::run() {
  for (StringRef name :
       {"rk_dispatch", "rk_dispatch_resident", "rk_dispatch_resident_warp",
        "rk_dispatch_team", "rk_handler_lanes", "rk_reply_bytes",
        "rk_serve_resident", "rk_uses_warps", "rk_has_residents",
        "rk_uses_bulk", "rk_carries_bulk"})
    if (failed(dropDeclaration(name)))
      return failure();
  if (failed(collect()))
    return failure();
  makeDispatch("rk_dispatch",
               [](const Entry &entry) { return !entry.isResident; });
  makeDispatch("rk_dispatch_resident", [](const Entry &entry) {
    return entry.isResident && entry.lanes < WarpLanes;
  });
  makeDispatch("rk_dispatch_resident_warp", [](const Entry &entry) {
    return entry.isResident && entry.lanes == WarpLanes;
  });
  makeDispatch("rk_dispatch_team", [](const Entry &entry) {
    return entry.isResident && entry.lanes > WarpLanes;
  });
  if (servesResidents)
    makeServe();
  auto lanes = makeFunction("rk_handler_lanes", {i32});
  makeSwitch(
      lanes, [](const Entry &entry) { return entry.lanes; },
      [](const Entry &) { return true; });
  // At least 1, as it is a buffer's size.
  makeConstant("rk_reply_bytes", std::max(1, int32_t(largestReply(program))));
  makeConstant("rk_uses_warps", usesWarps);
  makeConstant("rk_has_residents", hasResidents);
  makeBulkTable();
  return success();
}

struct GenerateDispatch : impl::GenerateDispatchPassBase<GenerateDispatch> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(Generator(getOperation(), servesResidents).run()))
      signalPassFailure();
  }
};

} // namespace
} // namespace rkc::transforms
