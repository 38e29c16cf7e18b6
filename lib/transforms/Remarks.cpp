//===- Remarks.cpp - What is done to each handler -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilRemarks.h"

#include "rkc/transforms/Decisions.h"
#include "rkc/transforms/Passes.h"
#include "rkc/transforms/Reachability.h"
#include "rkc/transforms/Tiers.h"

#include "rk/abi/Packet.h"
#include "rk/abi/Placement.h"
#include "rk/abi/Runtime.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/Support/Regex.h"

using namespace mlir;

namespace rkc::transforms {

#define GEN_PASS_DEF_REMARKSPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

std::string bytesText(int64_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

/// Returns "message 'Deposit', 8 bytes: ", which what is said about it follows.
std::string subject(StringRef kind, StringRef name, int64_t bytes) {
  return (kind + " '" + name + "', " + bytesText(bytes) + ": ").str();
}

/// Returns how many bytes to save so that a value travels inside its packet.
std::string excessText(int64_t bytes) {
  return std::to_string(bytes - rk::abi::InlineBytes) +
         " more than fit into a packet; ";
}

constexpr StringLiteral InPacket = "travels inside its packet";
constexpr StringLiteral ByReference =
    "by reference through a block of the payload pool, with a fence at both "
    "ends";

/// What is sent at once never overtakes what the handler sent before.
constexpr StringLiteral WaitingGo = "what waits goes before it, one by one";

/// Returns how a message to an actor travels.
std::string messageWay(int64_t bytes) {
  if (fitsPacket(bytes))
    return InPacket.str();
  return excessText(bytes) + "goes " + ByReference.str();
}

/// Returns how a reply travels, which may be for an actor or for the host.
std::string replyWay(int64_t bytes) {
  if (fitsPacket(bytes))
    return InPacket.str();
  return excessText(bytes) + "goes to an actor " + ByReference.str() +
         ", and to the host through the outbound ring";
}

/// Returns when a message goes that nobody waits for.
StringRef waitingText(SendTime time) {
  switch (time) {
  case SendTime::HandlerEnd:
    return "waits for the end of the handler, and goes with the other lanes' "
           "messages";
  case SendTime::AtOnce:
    return "goes at once on a GPU, as from a lane of a resident actor to "
           "another; on a CPU waits for the end of the handler";
  case SendTime::ByReceiver:
    return "goes at once on a GPU where one lane of a resident actor sends it "
           "to another, and else waits for the end of the handler";
  }
  llvm_unreachable("a time without a text");
}

/// Returns where a spawn puts its actor, and how messages then travel.
std::string placementWay(SpawnOp spawn) {
  llvm::APInt kind;
  if (!matchPattern(spawn.getPlacement(), m_ConstantInt(&kind)))
    return "placed as the value says when it runs; a send looks the way up in "
           "shared memory";
  switch (rk::abi::PlacementKind(kind.getZExtValue())) {
  case rk::abi::PlacementKind::Automatic:
    return "placed automatically";
  case rk::abi::PlacementKind::Near:
    return "placed in the block of another actor, else in its cluster, else "
           "anywhere; a send looks the way up in shared memory";
  case rk::abi::PlacementKind::Block:
    return "placed in the block of another actor; messages between the two go "
           "through shared memory";
  case rk::abi::PlacementKind::Cluster:
    return "placed in the cluster of another actor; messages between the two "
           "go through shared memory, and on a target without clusters through "
           "the L2 cache";
  case rk::abi::PlacementKind::Spread:
    return "placed in another cluster each time; messages go through the L2 "
           "cache where two are not of one cluster";
  }
  return "placed where no kind says: refused when it runs";
}

/// Returns how `rk::copyTogether` copies, of those that run it.
StringRef copyWay(bool byTeam, bool byOthers) {
  if (!byTeam)
    return "copied by the lanes' registers, 128 bytes a lane under way; a "
           "block "
           "has bulk copies through its shared memory";
  return byOthers
             ? "copied by bulk copies through shared memory where a block or "
               "more runs it and the target is sm_90 or above, and else by the "
               "lanes' registers"
             : "copied by bulk copies through the shared memory of each block "
               "from sm_90 on, and below and on a CPU by the lanes' registers";
}

/// Whether control can come back to `op` within its function.
bool isInLoop(Operation *op) {
  Block *block = op->getBlock();
  return llvm::any_of(block->getSuccessors(), [block](Block *next) {
    return next == block || next->isReachable(block);
  });
}

/// Returns the first op, in the function's order, that uses `value`.
Operation *firstUser(Value value) {
  Operation *found = nullptr;
  value.getParentRegion()->walk([&](Operation *op) {
    if (!llvm::is_contained(op->getOperands(), value))
      return WalkResult::advance();
    found = op;
    return WalkResult::interrupt();
  });
  return found;
}

/// Lines and columns, from the outermost call down to the op.
using SourcePath = SmallVector<std::pair<unsigned, unsigned>, 4>;

void appendPath(Location location, SourcePath &path) {
  llvm::TypeSwitch<Location>(location)
      .Case([&](FileLineColLoc line) {
        path.push_back({line.getLine(), line.getColumn()});
      })
      .Case([&](CallSiteLoc call) {
        appendPath(call.getCaller(), path);
        appendPath(call.getCallee(), path);
      })
      .Case([&](NameLoc named) { appendPath(named.getChildLoc(), path); })
      .Case([&](FusedLoc fused) {
        // The parts say the same line in other words.
        if (!fused.getLocations().empty())
          appendPath(fused.getLocations().front(), path);
      });
}

/// Sorts the ops of one body as they stand in the source: the optimiser orders
/// blocks as it likes.
template <class Op> void sortBySource(SmallVector<Op> &ops) {
  SmallVector<std::pair<SourcePath, size_t>> keys(ops.size());
  for (auto [index, op] : llvm::enumerate(ops)) {
    appendPath(op->getLoc(), keys[index].first);
    keys[index].second = index;
  }
  llvm::sort(keys);
  SmallVector<Op> sorted;
  for (const auto &[path, index] : keys)
    sorted.push_back(ops[index]);
  ops = std::move(sorted);
}

/// Goes over a program that is numbered and checked.
class Reporter {
public:
  Reporter(ModuleOp program, const llvm::Regex *only, bool onCpu)
      : program(program), only(only), onCpu(onCpu), reachability(program),
        tiers(program), replyBytes(largestReply(program)) {}

  LogicalResult run();

private:
  LogicalResult reportHandler(ActorOp actor, HandlerOp handler);
  FailureOr<MessageOp> message(HandlerOp user, FlatSymbolRefAttr name);
  void reportScope(HandlerOp handler, StringRef name);
  void reportReply(HandlerOp handler, MessageOp reply);
  void reportFunction(LLVM::LLVMFuncOp function);
  void reportSend(SendOp send);
  void reportReplyOp(ReplyOp reply);
  void reportSpawn(SpawnOp spawn);
  void reportSpawnN(SpawnNOp spawn);
  void reportStop(StopOp stop);
  void reportCopy(GroupCopyOp copy);
  /// Says it once: the optimiser may have copied the op.
  void remark(Location where, const Twine &text, Operation *cause = nullptr);
  bool isWanted(StringRef name) const { return !only || only->match(name); }
  bool isWanted(LLVM::LLVMFuncOp function) const;

  ModuleOp program;
  /// Null for every handler and function.
  const llvm::Regex *only;
  /// Whether stencils are for a CPU alone.
  bool onCpu;
  Reachability reachability;
  Tiers tiers;
  Functions reached;
  /// The part of it that handlers of a block and more reach, and the part that
  /// others do.
  Functions reachedByTeams, reachedByOthers;
  /// What the user calls the functions that handlers name.
  llvm::DenseMap<Operation *, SmallVector<std::string, 1>> handlerNames;
  int64_t replyBytes;
  llvm::DenseMap<Location, llvm::StringSet<>> said;
};

void Reporter::remark(Location where, const Twine &text, Operation *cause) {
  if (!said[where].insert(text.str()).second)
    return;
  InFlightDiagnostic diagnostic = emitRemark(where, text);
  if (cause)
    diagnostic.attachNote(cause->getLoc()) << "used here";
}

bool Reporter::isWanted(LLVM::LLVMFuncOp function) const {
  auto known = handlerNames.find(function);
  if (known == handlerNames.end())
    return isWanted(llvm::demangle(function.getSymName().str()));
  return llvm::any_of(known->second,
                      [this](StringRef name) { return isWanted(name); });
}

FailureOr<MessageOp> Reporter::message(HandlerOp user, FlatSymbolRefAttr name) {
  if (auto found = reachability.getSymbols().lookup<MessageOp>(name.getAttr()))
    return found;
  return user.emitOpError("names '")
         << name.getValue()
         << "', which is not declared as a message: run rk-check-program first";
}

void Reporter::reportScope(HandlerOp handler, StringRef name) {
  std::string lanes = std::to_string(rk::abi::MaxLanes);
  if (handler.getLanes() == Lanes::Warp)
    remark(handler.getLoc(), "'" + name +
                                 "' takes one message at a time, with "
                                 "the " +
                                 lanes + " lanes of a warp");
  else if (handler.getLanes() != Lanes::One)
    remark(handler.getLoc(), "'" + name +
                                 "' takes one message at a time, with "
                                 "all lanes of a " +
                                 stringifyLanes(handler.getLanes()) +
                                 ", which its actor has to itself");
  else if (handler->getParentOfType<ActorOp>().getResident())
    remark(handler.getLoc(), "'" + name +
                                 "' takes one message at a time, in one lane "
                                 "of the warp that its actor has to itself");
  else
    remark(handler.getLoc(), "'" + name + "' takes up to " + lanes +
                                 " messages side by side, one in each lane of "
                                 "a warp");
}

/// All handlers share the place where a reply is made up; it is as large as the
/// largest reply of the program.
void Reporter::reportReply(HandlerOp handler, MessageOp reply) {
  int64_t bytes = reply.getSize();
  std::string about = subject("reply", reply.getSymName(), bytes);
  std::string buffer =
      "a local buffer of " + bytesText(replyBytes) + " per lane";
  if (fitsPacket(replyBytes))
    remark(handler.getLoc(), about + "made up inside its packet");
  else if (fitsPacket(bytes))
    remark(handler.getLoc(), about + "fits into a packet, but is made up in " +
                                 buffer +
                                 " and copied, since another reply of the "
                                 "program does not fit");
  else
    remark(handler.getLoc(), about + "made up in " + buffer);
  if (!fitsPacket(bytes))
    remark(handler.getLoc(), about + replyWay(bytes));
}

LogicalResult Reporter::reportHandler(ActorOp actor, HandlerOp handler) {
  auto received = message(handler, handler.getMessageAttr());
  if (failed(received))
    return failure();
  std::string name =
      (actor.getSymName() + "::on(" + handler.getMessage() + ")").str();
  if (Operation *callee =
          reachability.getSymbols().lookup(handler.getCalleeAttr().getAttr())) {
    handlerNames[callee].push_back(name);
    reachability.add(callee, reached);
    reachability.add(callee, handler.getLanes() > Lanes::Warp
                                 ? reachedByTeams
                                 : reachedByOthers);
  }
  if (!isWanted(name))
    return success();
  int64_t bytes = received->getSize();
  reportScope(handler, name);
  remark(handler.getLoc(),
         subject("message", handler.getMessage(), bytes) + messageWay(bytes));
  if (!handler.getReplyAttr())
    return success();
  auto reply = message(handler, handler.getReplyAttr());
  if (failed(reply))
    return failure();
  reportReply(handler, *reply);
  return success();
}

void Reporter::reportSend(SendOp send) {
  int64_t bytes = send.getSize();
  std::string about = subject("message", send.getMessage(), bytes);
  const SendTime time = tiers.timeOf(send);
  if (waitsForHandlerEnd(send))
    remark(send.getLoc(), about + waitingText(time));
  else
    remark(send.getLoc(),
           about + "goes at once, since its status is used; " + WaitingGo,
           firstUser(send.getStatus()));
  remark(send.getLoc(), about + messageWay(bytes));
  remark(send.getLoc(), about + tiers.choose(send).text);
  if (waitsForHandlerEnd(send) && time != SendTime::AtOnce && isInLoop(send))
    remark(send.getLoc(),
           about + "sent in a loop; the outbox holds " +
               std::to_string(rk::abi::OutboxDepth) +
               " messages of a handler call, and when it is full they are sent "
               "one by one");
}

void Reporter::reportReplyOp(ReplyOp reply) {
  int64_t bytes = reply.getSize();
  std::string about = subject("reply", reply.getMessage(), bytes);
  remark(reply.getLoc(), about + "goes at once; " + WaitingGo);
  remark(reply.getLoc(), about + replyWay(bytes));
}

void Reporter::reportSpawn(SpawnOp spawn) {
  std::string about = subject("actor", spawn.getActor(), spawn.getSize());
  remark(spawn.getLoc(), about + "made at once; its state is copied");
  if (spawn.getPlacement())
    remark(spawn.getLoc(), about + placementWay(spawn));
}

void Reporter::reportSpawnN(SpawnNOp spawn) {
  remark(spawn.getLoc(), subject("actor", spawn.getActor(), spawn.getSize()) +
                             "made at once; its state is copied for each by "
                             "this lane");
}

void Reporter::reportStop(StopOp stop) {
  remark(stop.getLoc(), "the stop goes at once; " + WaitingGo);
}

void Reporter::reportCopy(GroupCopyOp copy) {
  Operation *function = copy->getParentOfType<LLVM::LLVMFuncOp>();
  remark(copy.getLoc(), copyWay(reachedByTeams.contains(function),
                                reachedByOthers.contains(function)));
}

void Reporter::reportFunction(LLVM::LLVMFuncOp function) {
  SmallVector<Operation *> ops;
  function.walk([&ops](Operation *op) {
    if (isa<SendOp, ReplyOp, SpawnOp, SpawnNOp, StopOp, GroupCopyOp>(op))
      ops.push_back(op);
  });
  sortBySource(ops);
  for (Operation *op : ops)
    llvm::TypeSwitch<Operation *>(op)
        .Case([this](SendOp send) { reportSend(send); })
        .Case([this](ReplyOp reply) { reportReplyOp(reply); })
        .Case([this](SpawnOp spawn) { reportSpawn(spawn); })
        .Case([this](SpawnNOp spawn) { reportSpawnN(spawn); })
        .Case([this](StopOp stop) { reportStop(stop); })
        .Case([this](GroupCopyOp copy) { reportCopy(copy); });
}

LogicalResult Reporter::run() {
  for (auto actor : program.getOps<ActorOp>()) {
    SmallVector<HandlerOp> handlers(actor.getBody().getOps<HandlerOp>());
    sortBySource(handlers);
    for (HandlerOp handler : handlers)
      if (failed(reportHandler(actor, handler)))
        return failure();
  }
  for (auto stencil : program.getOps<StencilOp>())
    if (isWanted(stencil.getSymName()))
      for (const std::string &text : stencilRemarks(stencil, onCpu))
        remark(stencil.getLoc(), text);
  // In the program's order, whatever that of the set.
  for (auto function : program.getOps<LLVM::LLVMFuncOp>())
    if (reached.contains(function) && isWanted(function))
      reportFunction(function);
  return success();
}

struct Remarks : impl::RemarksPassBase<Remarks> {
  using Base::Base;

  void runOnOperation() override {
    llvm::Regex pattern(only);
    std::string problem;
    if (!only.empty() && !pattern.isValid(problem)) {
      getOperation().emitError()
          << "'" << only << "' is no regular expression: " << problem;
      return signalPassFailure();
    }
    if (failed(
            Reporter(getOperation(), only.empty() ? nullptr : &pattern, onCpu)
                .run()))
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};

} // namespace
} // namespace rkc::transforms
