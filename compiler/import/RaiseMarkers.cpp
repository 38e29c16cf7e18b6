//===- RaiseMarkers.cpp - Marker calls to rk ops --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/import/Passes.h"

#include "RaiseInternal.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Demangle/Demangle.h"

using namespace mlir;

namespace rkc::frontend {

#define GEN_PASS_DEF_RAISEMARKERSPASS
#include "rkc/import/Passes.h.inc"

namespace {

constexpr StringRef MarkerPrefix = "__rk_";

/// Raises the marker calls of one program, one at a time.
class MarkerRaiser {
public:
  explicit MarkerRaiser(ModuleOp program);

  /// Replaces `call`, whose callee starts with the marker prefix.
  LogicalResult raise(LLVM::CallOp call);

private:
  using Raise = LogicalResult (MarkerRaiser::*)();

  LogicalResult raiseSend();
  LogicalResult raiseReply();
  LogicalResult raiseSpawn();
  LogicalResult raiseSpawnAt();
  LogicalResult raiseSpawnN();
  LogicalResult raiseStop();
  LogicalResult raiseSelf();
  LogicalResult raiseBulk();
  LogicalResult raiseSender();
  LogicalResult raiseClock();
  LogicalResult raisePause();
  LogicalResult raiseGroupSize();
  LogicalResult raiseGroupRank();
  LogicalResult raiseGroupSync();
  LogicalResult raiseGroupBallot();
  LogicalResult raiseGroupShuffle();
  LogicalResult raiseGroupReduce();
  LogicalResult raiseGroupCopy();
  LogicalResult raiseAtomicLoad();
  LogicalResult raiseAtomicStore();
  LogicalResult raiseAtomicRmw();
  LogicalResult raiseAtomicCas();
  LogicalResult raiseFence();
  LogicalResult raiseRingPush();
  LogicalResult raiseRingPop();
  LogicalResult raiseEncode();
  LogicalResult raiseDecode();

  Value operand(unsigned index) { return call.getOperand(index); }
  Type resultType() { return call.getResult().getType(); }

  /// Returns the constant that operand `index` must be, or reports it by name.
  FailureOr<uint64_t> constant(unsigned index, StringRef name);
  /// The same, as a case of an enumeration.
  template <class Enum>
  FailureOr<Enum> enumerator(unsigned index, StringRef name,
                             std::optional<Enum> (*symbolize)(uint32_t));
  /// Order and scope, which stand side by side in every marker.
  LogicalResult orderAndScope(unsigned index, Order &order, Scope &scope);
  /// What all spawns have; their last operand is where the status goes.
  struct Spawned {
    FlatSymbolRefAttr actor;
    IntegerAttr size;
  };
  FailureOr<Spawned> spawned();
  template <class Op> LogicalResult finishSpawn(Op op);
  LogicalResult raiseSpawnBeside(Value placement, Value neighbour);
  FailureOr<FloatType> floatFormat(unsigned index);
  FailureOr<RingType> ringType();
  /// Returns the name of the type tag at `index`.
  FailureOr<StringRef> tag(unsigned index);
  /// Returns the declaration that the type tag at `index` names.
  FailureOr<FlatSymbolRefAttr>
  declaration(unsigned index, StringRef kind,
              const llvm::StringMap<StringAttr> &declared);

  /// Lets `values` take the place of the call's result.
  LogicalResult replace(ValueRange values);
  Value resize(Value value, Type type);

  llvm::StringMap<Raise> raisers;
  llvm::StringMap<StringAttr> messages;
  llvm::StringMap<StringAttr> actors;
  OpBuilder builder;
  LLVM::CallOp call;
};

MarkerRaiser::MarkerRaiser(ModuleOp program) : builder(program.getContext()) {
  raisers = {
      {"send", &MarkerRaiser::raiseSend},
      {"reply", &MarkerRaiser::raiseReply},
      {"spawn", &MarkerRaiser::raiseSpawn},
      {"spawn_at", &MarkerRaiser::raiseSpawnAt},
      {"spawn_n", &MarkerRaiser::raiseSpawnN},
      {"stop", &MarkerRaiser::raiseStop},
      {"self", &MarkerRaiser::raiseSelf},
      {"bulk", &MarkerRaiser::raiseBulk},
      {"sender", &MarkerRaiser::raiseSender},
      {"clock", &MarkerRaiser::raiseClock},
      {"pause", &MarkerRaiser::raisePause},
      {"group_size", &MarkerRaiser::raiseGroupSize},
      {"group_rank", &MarkerRaiser::raiseGroupRank},
      {"group_sync", &MarkerRaiser::raiseGroupSync},
      {"group_ballot", &MarkerRaiser::raiseGroupBallot},
      {"group_shuffle", &MarkerRaiser::raiseGroupShuffle},
      {"group_reduce", &MarkerRaiser::raiseGroupReduce},
      {"group_copy", &MarkerRaiser::raiseGroupCopy},
      {"atomic_load_32", &MarkerRaiser::raiseAtomicLoad},
      {"atomic_load_64", &MarkerRaiser::raiseAtomicLoad},
      {"atomic_store_32", &MarkerRaiser::raiseAtomicStore},
      {"atomic_store_64", &MarkerRaiser::raiseAtomicStore},
      {"atomic_rmw_32", &MarkerRaiser::raiseAtomicRmw},
      {"atomic_rmw_64", &MarkerRaiser::raiseAtomicRmw},
      {"atomic_cas_32", &MarkerRaiser::raiseAtomicCas},
      {"atomic_cas_64", &MarkerRaiser::raiseAtomicCas},
      {"fence", &MarkerRaiser::raiseFence},
      {"ring_push", &MarkerRaiser::raiseRingPush},
      {"ring_pop", &MarkerRaiser::raiseRingPop},
      {"encode", &MarkerRaiser::raiseEncode},
      {"decode", &MarkerRaiser::raiseDecode},
  };
  for (auto message : program.getOps<MessageOp>())
    messages[message.getTag()] = message.getSymNameAttr();
  for (auto actor : program.getOps<ActorOp>())
    actors[actor.getTag()] = actor.getSymNameAttr();
}

LogicalResult MarkerRaiser::raise(LLVM::CallOp marker) {
  call = marker;
  StringRef name = call.getCallee()->drop_front(MarkerPrefix.size());
  auto raiser = raisers.find(name);
  if (raiser == raisers.end())
    return call.emitError()
           << "unknown marker '" << *call.getCallee()
           << "': the DSL headers are of another version than this compiler";
  builder.setInsertionPoint(call);
  return (this->*raiser->second)();
}

//===----------------------------------------------------------------------===//
// Operands and results
//===----------------------------------------------------------------------===//

FailureOr<uint64_t> MarkerRaiser::constant(unsigned index, StringRef name) {
  llvm::APInt value;
  if (matchPattern(operand(index), m_ConstantInt(&value)))
    return value.getZExtValue();
  return call.emitError() << "the " << name << " given to '"
                          << *call.getCallee()
                          << "' must be a compile-time constant: use a literal "
                             "or a template argument";
}

template <class Enum>
FailureOr<Enum>
MarkerRaiser::enumerator(unsigned index, StringRef name,
                         std::optional<Enum> (*symbolize)(uint32_t)) {
  FailureOr<uint64_t> value = constant(index, name);
  if (failed(value))
    return failure();
  if (*value <= UINT32_MAX)
    if (std::optional<Enum> result = symbolize(uint32_t(*value)))
      return *result;
  return call.emitError() << *value << " is no " << name << " of '"
                          << *call.getCallee() << "'";
}

LogicalResult MarkerRaiser::orderAndScope(unsigned index, Order &order,
                                          Scope &scope) {
  FailureOr<Order> foundOrder =
      enumerator<Order>(index, "memory order", symbolizeOrder);
  if (failed(foundOrder))
    return failure();
  FailureOr<Scope> foundScope =
      enumerator<Scope>(index + 1, "memory scope", symbolizeScope);
  if (failed(foundScope))
    return failure();
  order = *foundOrder;
  scope = *foundScope;
  return success();
}

FailureOr<FloatType> MarkerRaiser::floatFormat(unsigned index) {
  FailureOr<uint64_t> value = constant(index, "float format");
  if (failed(value))
    return failure();
  if (*value > uint64_t(LowFloat::E2M1))
    return call.emitError()
           << *value << " is no float format of '" << *call.getCallee() << "'";
  return getLowFloatType(builder.getContext(), LowFloat(*value));
}

FailureOr<RingType> MarkerRaiser::ringType() {
  FailureOr<uint64_t> capacity = constant(2, "capacity");
  FailureOr<uint64_t> size = constant(3, "item size");
  FailureOr<uint64_t> align = constant(4, "item alignment");
  if (failed(capacity) || failed(size) || failed(align))
    return failure();
  auto type = RingType::getChecked([&] { return call.emitError(); },
                                   builder.getContext(), uint32_t(*size),
                                   uint32_t(*align), uint32_t(*capacity));
  if (!type)
    return failure();
  return type;
}

/// Returns the global whose address `value` is, seen through casts.
static LLVM::AddressOfOp findGlobal(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto address = dyn_cast<LLVM::AddressOfOp>(op))
      return address;
    if (!isa<LLVM::AddrSpaceCastOp, LLVM::BitcastOp>(op))
      return {};
    value = op->getOperand(0);
  }
  return {};
}

FailureOr<StringRef> MarkerRaiser::tag(unsigned index) {
  if (LLVM::AddressOfOp tag = findGlobal(operand(index)))
    return tag.getGlobalName();
  return call.emitError() << "the type given to '" << *call.getCallee()
                          << "' must be the address of rk::detail::typeTag<T>";
}

FailureOr<FlatSymbolRefAttr>
MarkerRaiser::declaration(unsigned index, StringRef kind,
                          const llvm::StringMap<StringAttr> &declared) {
  FailureOr<StringRef> symbol = tag(index);
  if (failed(symbol))
    return failure();
  auto found = declared.find(*symbol);
  if (found != declared.end())
    return FlatSymbolRefAttr::get(found->second);
  std::string name = llvm::demangle(*symbol);
  StringRef type = name;
  size_t open = type.find('<');
  if (type.ends_with(">") && open != StringRef::npos)
    type = type.slice(open + 1, type.size() - 1);
  return call.emitError() << "'" << type << "' is not " << kind
                          << " of this program: no declaration has the tag '"
                          << *symbol << "'";
}

LogicalResult MarkerRaiser::replace(ValueRange values) {
  call.replaceAllUsesWith(values);
  call.erase();
  return success();
}

Value MarkerRaiser::resize(Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from < to)
    return LLVM::ZExtOp::create(builder, call.getLoc(), type, value);
  if (from > to)
    return LLVM::TruncOp::create(builder, call.getLoc(), type, value);
  return value;
}

//===----------------------------------------------------------------------===//
// Messaging
//===----------------------------------------------------------------------===//

LogicalResult MarkerRaiser::raiseSend() {
  auto receiver = tag(2);
  auto message = declaration(3, "a message", messages);
  auto size = constant(5, "size");
  auto wantsReply = constant(6, "reply flag");
  if (failed(receiver) || failed(message) || failed(size) || failed(wantsReply))
    return failure();
  // An actor of another program has no declaration.
  auto actor = actors.find(*receiver);
  auto op = SendOp::create(
      builder, call.getLoc(), operand(0), operand(1),
      actor != actors.end() ? FlatSymbolRefAttr::get(actor->second)
                            : FlatSymbolRefAttr(),
      *message, operand(4), builder.getI64IntegerAttr(*size),
      *wantsReply ? builder.getUnitAttr() : UnitAttr(), TierAttr());
  return replace(op.getStatus());
}

LogicalResult MarkerRaiser::raiseReply() {
  auto message = declaration(2, "a message", messages);
  auto size = constant(4, "size");
  if (failed(message) || failed(size))
    return failure();
  auto op =
      ReplyOp::create(builder, call.getLoc(), operand(0), operand(1), *message,
                      operand(3), builder.getI64IntegerAttr(*size));
  return replace(op.getStatus());
}

FailureOr<MarkerRaiser::Spawned> MarkerRaiser::spawned() {
  auto actor = declaration(1, "an actor", actors);
  auto size = constant(3, "size");
  if (failed(actor) || failed(size))
    return failure();
  return Spawned{*actor, builder.getI64IntegerAttr(*size)};
}

template <class Op> LogicalResult MarkerRaiser::finishSpawn(Op op) {
  const Value status = operand(call.getArgOperands().size() - 1);
  LLVM::StoreOp::create(builder, call.getLoc(), op.getStatus(), status);
  return replace(op.getAddress());
}

LogicalResult MarkerRaiser::raiseSpawnBeside(Value placement, Value neighbour) {
  FailureOr<Spawned> what = spawned();
  if (failed(what))
    return failure();
  return finishSpawn(SpawnOp::create(builder, call.getLoc(), operand(0),
                                     what->actor, operand(2), what->size,
                                     placement, neighbour));
}

LogicalResult MarkerRaiser::raiseSpawn() {
  return raiseSpawnBeside(Value(), Value());
}

LogicalResult MarkerRaiser::raiseSpawnAt() {
  return raiseSpawnBeside(operand(4), operand(5));
}

LogicalResult MarkerRaiser::raiseSpawnN() {
  FailureOr<Spawned> what = spawned();
  if (failed(what))
    return failure();
  return finishSpawn(SpawnNOp::create(builder, call.getLoc(), operand(0),
                                      what->actor, operand(2), operand(4),
                                      what->size));
}

LogicalResult MarkerRaiser::raiseStop() {
  return replace(StopOp::create(builder, call.getLoc(), operand(0), operand(1))
                     .getStatus());
}

LogicalResult MarkerRaiser::raiseSelf() {
  return replace(
      SelfOp::create(builder, call.getLoc(), operand(0)).getAddress());
}

LogicalResult MarkerRaiser::raiseBulk() {
  auto kind = enumerator<BulkCall>(1, "call", symbolizeBulkCall);
  if (failed(kind))
    return failure();
  return replace(BulkOp::create(builder, call.getLoc(), operand(0), *kind,
                                operand(2), operand(3))
                     .getResult());
}

LogicalResult MarkerRaiser::raiseSender() {
  return replace(
      SenderOp::create(builder, call.getLoc(), operand(0)).getToken());
}

//===----------------------------------------------------------------------===//
// Time and groups
//===----------------------------------------------------------------------===//

LogicalResult MarkerRaiser::raiseClock() {
  auto kind = enumerator<ClockKind>(0, "clock kind", symbolizeClockKind);
  if (failed(kind))
    return failure();
  return replace(ClockOp::create(builder, call.getLoc(), *kind).getTicks());
}

LogicalResult MarkerRaiser::raisePause() {
  PauseOp::create(builder, call.getLoc(), operand(0));
  return replace({});
}

LogicalResult MarkerRaiser::raiseGroupSize() {
  return replace(
      GroupSizeOp::create(builder, call.getLoc(), resultType()).getSize());
}

LogicalResult MarkerRaiser::raiseGroupRank() {
  return replace(
      GroupRankOp::create(builder, call.getLoc(), resultType()).getRank());
}

LogicalResult MarkerRaiser::raiseGroupSync() {
  GroupSyncOp::create(builder, call.getLoc());
  return replace({});
}

LogicalResult MarkerRaiser::raiseGroupBallot() {
  Value zero =
      LLVM::ConstantOp::create(builder, call.getLoc(), builder.getI32Type(), 0);
  Value predicate = LLVM::ICmpOp::create(
      builder, call.getLoc(), LLVM::ICmpPredicate::ne, operand(0), zero);
  return replace(
      GroupBallotOp::create(builder, call.getLoc(), predicate).getVotes());
}

LogicalResult MarkerRaiser::raiseGroupShuffle() {
  return replace(
      GroupShuffleOp::create(builder, call.getLoc(), operand(0), operand(1))
          .getResult());
}

LogicalResult MarkerRaiser::raiseGroupReduce() {
  auto kind = enumerator<ReduceKind>(1, "reduction", symbolizeReduceKind);
  if (failed(kind))
    return failure();
  return replace(
      GroupReduceOp::create(builder, call.getLoc(), *kind, operand(0))
          .getResult());
}

LogicalResult MarkerRaiser::raiseGroupCopy() {
  return replace(GroupCopyOp::create(builder, call.getLoc(), resultType(),
                                     operand(0), operand(1), operand(2))
                     .getCopied());
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

LogicalResult MarkerRaiser::raiseAtomicLoad() {
  Order order;
  Scope scope;
  if (failed(orderAndScope(1, order, scope)))
    return failure();
  auto op = AtomicLoadOp::create(builder, call.getLoc(), resultType(),
                                 operand(0), order, scope);
  return replace(op.getValue());
}

LogicalResult MarkerRaiser::raiseAtomicStore() {
  Order order;
  Scope scope;
  if (failed(orderAndScope(2, order, scope)))
    return failure();
  AtomicStoreOp::create(builder, call.getLoc(), operand(1), operand(0), order,
                        scope);
  return replace({});
}

LogicalResult MarkerRaiser::raiseAtomicRmw() {
  auto kind = enumerator<RmwKind>(2, "atomic operation", symbolizeRmwKind);
  Order order;
  Scope scope;
  if (failed(kind) || failed(orderAndScope(3, order, scope)))
    return failure();
  auto op = AtomicRmwOp::create(builder, call.getLoc(), resultType(), *kind,
                                operand(0), operand(1), order, scope);
  return replace(op.getPrevious());
}

LogicalResult MarkerRaiser::raiseAtomicCas() {
  Order order;
  Scope scope;
  if (failed(orderAndScope(3, order, scope)))
    return failure();
  auto op =
      AtomicCasOp::create(builder, call.getLoc(), resultType(), operand(0),
                          operand(1), operand(2), order, scope);
  return replace(op.getPrevious());
}

LogicalResult MarkerRaiser::raiseFence() {
  Order order;
  Scope scope;
  if (failed(orderAndScope(0, order, scope)))
    return failure();
  FenceOp::create(builder, call.getLoc(), order, scope);
  return replace({});
}

//===----------------------------------------------------------------------===//
// Rings and floats
//===----------------------------------------------------------------------===//

LogicalResult MarkerRaiser::raiseRingPush() {
  FailureOr<RingType> layout = ringType();
  if (failed(layout))
    return failure();
  auto op = RingPushOp::create(builder, call.getLoc(), builder.getI1Type(),
                               operand(0), operand(1), *layout);
  return replace(resize(op.getDone(), resultType()));
}

LogicalResult MarkerRaiser::raiseRingPop() {
  FailureOr<RingType> layout = ringType();
  if (failed(layout))
    return failure();
  auto op = RingPopOp::create(builder, call.getLoc(), builder.getI1Type(),
                              operand(0), operand(1), *layout);
  return replace(resize(op.getDone(), resultType()));
}

LogicalResult MarkerRaiser::raiseEncode() {
  FailureOr<FloatType> format = floatFormat(1);
  if (failed(format))
    return failure();
  auto op = EncodeOp::create(builder, call.getLoc(), operand(0), *format);
  return replace(resize(op.getBits(), resultType()));
}

LogicalResult MarkerRaiser::raiseDecode() {
  FailureOr<FloatType> format = floatFormat(1);
  if (failed(format))
    return failure();
  Value bits = resize(operand(0), builder.getIntegerType(format->getWidth()));
  return replace(DecodeOp::create(builder, call.getLoc(), builder.getF32Type(),
                                  bits, TypeAttr::get(*format))
                     .getValue());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Drops the markers' declarations, and reports what still uses a marker.
LogicalResult dropMarkers(ModuleOp program) {
  LogicalResult result = success();
  auto uses = SymbolTable::getSymbolUses(&program.getBodyRegion());
  if (!uses)
    return program.emitError("a symbol table that cannot be walked");
  for (const SymbolTable::SymbolUse &use : *uses) {
    StringRef name = use.getSymbolRef().getRootReference();
    if (name.starts_with(MarkerPrefix))
      result = use.getUser()->emitError()
               << "'" << name << "' may only be called, and directly";
  }
  for (auto function :
       llvm::make_early_inc_range(program.getOps<LLVM::LLVMFuncOp>())) {
    if (!function.getSymName().starts_with(MarkerPrefix))
      continue;
    if (!function.isExternal())
      result = function.emitError()
               << "'" << function.getSymName()
               << "' may not be defined: names that start with '"
               << MarkerPrefix << "' belong to the compiler";
    else if (succeeded(result))
      function.erase();
  }
  return result;
}

struct RaiseMarkers : impl::RaiseMarkersPassBase<RaiseMarkers> {
  void runOnOperation() override {
    ModuleOp program = getOperation();
    if (failed(raiseStencils(program)))
      return signalPassFailure();
    SmallVector<LLVM::CallOp> calls;
    program.walk([&](LLVM::CallOp call) {
      std::optional<StringRef> callee = call.getCallee();
      if (callee && callee->starts_with(MarkerPrefix))
        calls.push_back(call);
    });
    MarkerRaiser raiser(program);
    bool ok = true;
    for (LLVM::CallOp call : calls)
      ok &= succeeded(raiser.raise(call));
    ok &= succeeded(raiseAtomics(program));
    if (!ok || failed(dropMarkers(program)))
      signalPassFailure();
  }
};

} // namespace
} // namespace rkc::frontend
