//===- ResidentUpdate.cpp - A few cells from shared memory ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ResidentUpdate.h"

#include "rk/abi/StencilResident.h"

#include <cstddef>
#include <map>
#include <set>
#include <tuple>

using namespace mlir;
using rk::abi::StencilLaunch;

namespace rkc::conversion {
namespace {

/// The arguments of the functions, by number; `prime` has the first ones of the
/// second list.
enum UpdateArgument : unsigned {
  Shared,
  Slots,
  Element,
  StrideY,
  StrideZ,
  Carry,
  PrimeArguments,
  Launch = PrimeArguments,
  PlaceX,
  PlaceY,
  PlaceZ,
  Count,
  Made,
  Damped,
};
/// Units     bytes: a vector of `carry` and of `made`.
constexpr int32_t SlotBytes = 16;

/// A row of an entry: the entry, and how far away along y and z.
using RowKey = std::tuple<uint32_t, int64_t, int64_t>;

/// One access of shared memory: the cells of a row from `first` on, or the one
/// at `first`.
struct RowLoad {
  RowKey row;
  int64_t first;
  bool isWhole;
  bool operator<(const RowLoad &other) const {
    return std::tie(row, first, isWhole) <
           std::tie(other.row, other.first, other.isWhole);
  }
};

class UpdateBuilder {
public:
  UpdateBuilder(OpBuilder &builder, StencilPlanOp plan, uint32_t vector,
                bool isSingle, bool damps)
      : builder(builder), plan(plan),
        stencil(plan->getParentOfType<StencilOp>()), vector(vector),
        isSingle(isSingle), damps(damps),
        location(UnknownLoc::get(builder.getContext())) {
    findLoads();
  }

  LLVM::LLVMFuncOp build() {
    Type narrow = builder.getI32Type(), wide = builder.getI64Type();
    Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
    begin(isSingle ? "_update_single" : "_update",
          {pointer, wide, wide, wide, narrow, pointer, narrow});
    for (const RowLoad &load : loads)
      keep(load, carried.contains(load) ? loadSlot(load) : loadShared(load));
    parameters =
        shift(argument(Launch),
              LLVM::GEPArg(int32_t(offsetof(StencilLaunch, parameters))));
    dampEarlier();
    for (uint32_t cell = 0; cell < vector; ++cell)
      computeCell(cell);
    dampMade();
    // The row above is the next one.
    if (!isSingle)
      for (const auto &[load, slot] : carried)
        LLVM::StoreOp::create(builder, location, whole.at(above(load)),
                              shift(argument(Carry), SlotBytes * slot),
                              alignmentOf(load));
    storeCells();
    return function;
  }

  LLVM::LLVMFuncOp buildPrime() {
    begin(isSingle ? "_prime_single" : "_prime", {});
    for (const auto &[load, slot] : carried)
      LLVM::StoreOp::create(builder, location, loadShared(load),
                            shift(argument(Carry), SlotBytes * slot),
                            alignmentOf(load));
    LLVM::ReturnOp::create(builder, location, ValueRange());
    return function;
  }

private:
  /// Begins a function with the arguments that both have, and `more`.
  void begin(StringRef name, ArrayRef<Type> more) {
    MLIRContext *context = builder.getContext();
    auto program = plan->getParentOfType<ModuleOp>();
    builder.setInsertionPointToEnd(program.getBody());
    Type pointer = LLVM::LLVMPointerType::get(context);
    Type narrow = builder.getI32Type();
    SmallVector<Type> types = {pointer, pointer, narrow,
                               narrow,  narrow,  pointer};
    llvm::append_range(types, more);
    function = LLVM::LLVMFuncOp::create(
        builder, location,
        (plan.getEntry() + name + (damps ? rk::abi::DampedSuffix : "")).str(),
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context), types),
        LLVM::Linkage::Internal);
    function.setAlwaysInline(true);
    centers.clear();
    builder.setInsertionPointToStart(function.addEntryBlock(builder));
  }

  Value argument(UpdateArgument which) { return function.getArgument(which); }

  Value number(int64_t value) {
    return LLVM::ConstantOp::create(builder, location, builder.getI32Type(),
                                    value);
  }

  /// Where an entry has the first cell.
  Value centerOf(uint32_t entry, unsigned bytes) {
    Value &center = centers[entry];
    if (center)
      return center;
    Value slot = LLVM::LoadOp::create(
        builder, location, builder.getI32Type(),
        LLVM::GEPOp::create(builder, location,
                            LLVM::LLVMPointerType::get(builder.getContext()),
                            builder.getI32Type(), argument(Slots),
                            LLVM::GEPArg(int32_t(entry))),
        4);
    Value at =
        add(builder, location, slot,
            multiply(builder, location, argument(Element), number(bytes)));
    // A block's shared memory is far below 4 GiB: the sum is not negative.
    Value bytesIn =
        LLVM::ZExtOp::create(builder, location, builder.getI64Type(), at);
    return center = shift(argument(Shared), bytesIn);
  }

  /// Where an entry has the cell that is dy and dz away. What is added to the
  /// center is the same for all rows.
  Value addressOf(const RowKey &row, unsigned bytes) {
    auto [entry, dy, dz] = row;
    Value address = centerOf(entry, bytes);
    for (auto [distance, stride] :
         {std::pair(dy, StrideY), std::pair(dz, StrideZ)})
      if (distance != 0)
        address = shift(address, multiply(builder, location, argument(stride),
                                          number(distance * int64_t(bytes))));
    return address;
  }

  Value shift(Value address, LLVM::GEPArg bytes) {
    return LLVM::GEPOp::create(builder, location,
                               LLVM::LLVMPointerType::get(builder.getContext()),
                               builder.getI8Type(), address, bytes);
  }

  static RowKey rowOf(StencilAccessOp access) {
    return {entryOf(access), access.getOffset()[1], access.getOffset()[2]};
  }

  /// Finds what all cells read: whole vectors, or one value where a cell needs
  /// no more of a vector. What lies in the row above, too, is carried on to it,
  /// if no step writes it; of a single row, what it reads of itself is carried.
  void findLoads() {
    std::map<RowKey, std::set<int64_t>> needed;
    std::set<uint32_t> written;
    for (auto store : stencil.getApply().getBody().getOps<StencilStoreOp>())
      written.insert(entryOf(store));
    for (auto access : stencil.getApply().getBody().getOps<StencilAccessOp>()) {
      types[entryOf(access)] = access.getValue().getType();
      for (uint32_t cell = 0; cell < vector; ++cell)
        needed[rowOf(access)].insert(access.getOffset()[0] + cell);
    }
    for (const auto &[row, offsets] : needed)
      for (auto at = offsets.begin(); at != offsets.end();) {
        const int64_t first = alignDown(*at);
        auto end = offsets.lower_bound(first + vector);
        const bool isWhole = std::next(at) != end;
        loads.insert({row, isWhole ? first : *at, isWhole});
        at = end;
      }
    constexpr size_t MostCarried = rk::abi::MaxResidentCarried;
    const auto isCarried = [&](const RowLoad &load) {
      const auto [entry, dy, dz] = load.row;
      return isSingle ? dy == 0 && dz == 0
                      : loads.contains(above(load)) && !written.contains(entry);
    };
    for (const RowLoad &load : loads)
      if (carried.size() < MostCarried && isCarried(load))
        carried.insert({load, int32_t(carried.size())});
  }

  static RowLoad above(RowLoad load) {
    ++std::get<2>(load.row);
    return load;
  }

  [[nodiscard]] int64_t alignDown(int64_t offset) const {
    const int64_t size = vector;
    return (offset >= 0 ? offset / size : -((-offset + size - 1) / size)) *
           size;
  }

  unsigned bytesOf(const RowLoad &load) {
    return types.at(std::get<0>(load.row)).getIntOrFloatBitWidth() / 8;
  }
  unsigned alignmentOf(const RowLoad &load) {
    return bytesOf(load) * (load.isWhole ? vector : 1);
  }
  Type typeOf(const RowLoad &load) {
    Type type = types.at(std::get<0>(load.row));
    return load.isWhole ? VectorType::get({int64_t(vector)}, type) : type;
  }

  Value loadShared(const RowLoad &load) {
    Value address = addressOf(load.row, bytesOf(load));
    return LLVM::LoadOp::create(
        builder, location, typeOf(load),
        shift(address, LLVM::GEPArg(int32_t(load.first * bytesOf(load)))),
        alignmentOf(load));
  }
  Value loadSlot(const RowLoad &load) {
    return LLVM::LoadOp::create(
        builder, location, typeOf(load),
        shift(argument(Carry), SlotBytes * carried.at(load)),
        alignmentOf(load));
  }

  /// Notes the values of cells that `value` has.
  void keep(const RowLoad &load, Value value) {
    whole[load] = value;
    if (!load.isWhole) {
      loaded[{load.row, load.first}] = value;
      return;
    }
    for (uint32_t cell = 0; cell < vector; ++cell)
      loaded[{load.row, load.first + cell}] = LLVM::ExtractElementOp::create(
          builder, location, value, number(cell));
  }

  Place firstPlace() {
    return {argument(PlaceX), argument(PlaceY), argument(PlaceZ)};
  }
  /// The place that is so far away from a cell of the vector.
  Place placeOf(Place place, uint32_t cell,
                ArrayRef<int64_t> away = {0, 0, 0}) {
    for (unsigned axis = 0; axis < 3; ++axis)
      if (const int64_t distance = away[axis] + (axis == 0 ? cell : 0))
        place[axis] = add(builder, location, place[axis],
                          constant(builder, location, distance));
    return place;
  }

  /// Calls `then` where the cells may lie in a layer.
  void ifDamped(SmallVectorImpl<Value> &values,
                llvm::function_ref<void(LayerView &, const Place &)> then) {
    Value isDamped =
        LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::ne,
                             argument(Damped), number(0));
    whenTrue(builder, location, isDamped, values, [&] {
      LayerView layers(builder, location, argument(Launch), stencil, 1);
      layers.readTables();
      Place first = firstPlace();
      for (Value &place : first)
        place = layers.keepHere(place);
      then(layers, first);
    });
  }

  /// Damps what was read of earlier levels as often as this launch has made
  /// steps since; rows that are carried on stay as they are.
  void dampEarlier() {
    using Key = std::pair<RowKey, int64_t>;
    std::map<Key, std::pair<StencilAccessOp, uint32_t>> keys;
    for (auto access : stencil.getApply().getBody().getOps<StencilAccessOp>())
      for (uint32_t cell = 0; cell < vector; ++cell)
        if (access.getLevel() != 0 &&
            isDamped(stencil.getArray(access.getArray())))
          keys.insert(
              {{rowOf(access), access.getOffset()[0] + cell}, {access, cell}});
    if (keys.empty() || !damps)
      return;
    SmallVector<Value> values;
    for (const auto &[key, from] : keys)
      values.push_back(loaded.at(key));
    ifDamped(values, [&](LayerView &layers, const Place &first) {
      Value before =
          LLVM::SubOp::create(builder, location, argument(Damped), number(1));
      for (auto [number, key] : llvm::enumerate(keys)) {
        auto [access, cell] = key.second;
        values[number] = layers.dampRead(
            values[number],
            layers.factorOfRead(placeOf(first, cell, access.getOffset())),
            access.getLevel(), before);
      }
    });
    for (auto [key, value] : llvm::zip_equal(keys, values))
      loaded[key.first] = value;
  }

  /// Damps the new values.
  void dampMade() {
    if (dampedEntries.empty() || !damps)
      return;
    SmallVector<Value> values;
    for (auto &[entry, cells] : stored)
      llvm::append_range(values, cells);
    ifDamped(values, [&](LayerView &layers, const Place &first) {
      SmallVector<Value> factors;
      for (uint32_t cell = 0; cell < vector; ++cell)
        factors.push_back(layers.factorOf(placeOf(first, cell)));
      auto next = values.begin();
      for (auto &[entry, cells] : stored)
        for (uint32_t cell = 0; cell < vector; ++cell, ++next)
          if (dampedEntries.contains(entry))
            *next = layers.damp(*next, factors[cell]);
    });
    auto next = values.begin();
    for (auto &[entry, cells] : stored)
      for (Value &cell : cells)
        cell = *next++;
  }

  void computeCell(uint32_t cell) {
    Place place = placeOf(firstPlace(), cell);
    auto load = [&](StencilAccessOp access) -> Value {
      return loaded.at({rowOf(access), access.getOffset()[0] + cell});
    };
    auto store = [&](StencilStoreOp op, Value value) {
      stored[entryOf(op)].push_back(value);
      if (isDamped(stencil.getArray(op.getArray())))
        dampedEntries.insert(entryOf(op));
    };
    cloneUpdate(builder, stencil.getApply(), parameters, place, load, store);
  }

  /// All values were loaded before: a cell may overwrite its own oldest value.
  void storeCells() {
    std::map<uint32_t, Value> addresses;
    for (auto &[entry, values] : stored)
      addresses[entry] = addressOf(
          {entry, 0, 0}, values[0].getType().getIntOrFloatBitWidth() / 8);
    // For who sends them.
    for (auto [number, made] : llvm::enumerate(stored))
      storeWhole(shift(argument(Made), SlotBytes * int32_t(number)),
                 made.second);
    Block *head = builder.getInsertionBlock();
    Block *whole = builder.createBlock(&function.getBody());
    for (auto &[entry, values] : stored)
      storeWhole(addresses[entry], values);
    LLVM::ReturnOp::create(builder, location, ValueRange());
    if (vector == 1) {
      builder.setInsertionPointToEnd(head);
      LLVM::BrOp::create(builder, location, whole);
      return;
    }
    Block *part = builder.createBlock(&function.getBody());
    builder.setInsertionPointToEnd(head);
    LLVM::CondBrOp::create(
        builder, location,
        LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::eq,
                             argument(Count), number(vector)),
        whole, part);
    builder.setInsertionPointToEnd(part);
    for (uint32_t cell = 0; cell + 1 < vector; ++cell)
      storePart(cell, addresses);
    LLVM::ReturnOp::create(builder, location, ValueRange());
  }

  void storeWhole(Value address, ArrayRef<Value> values) {
    Type type = values[0].getType();
    const unsigned bytes = type.getIntOrFloatBitWidth() / 8;
    Value all = values[0];
    if (vector != 1) {
      all = LLVM::UndefOp::create(builder, location,
                                  VectorType::get({int64_t(vector)}, type));
      for (uint32_t cell = 0; cell < vector; ++cell)
        all = LLVM::InsertElementOp::create(builder, location, all,
                                            values[cell], number(cell));
    }
    LLVM::StoreOp::create(builder, location, all, address, bytes * vector);
  }

  /// Stores one cell of a vector that reaches over the end of the row.
  void storePart(uint32_t cell, std::map<uint32_t, Value> &addresses) {
    Block *before = builder.getInsertionBlock();
    Block *inside = builder.createBlock(&function.getBody());
    for (auto &[entry, values] : stored) {
      const unsigned bytes = values[0].getType().getIntOrFloatBitWidth() / 8;
      LLVM::StoreOp::create(
          builder, location, values[cell],
          shift(addresses[entry], LLVM::GEPArg(int32_t(cell * bytes))), bytes);
    }
    Block *after = builder.createBlock(&function.getBody());
    builder.setInsertionPointToEnd(inside);
    LLVM::BrOp::create(builder, location, after);
    builder.setInsertionPointToEnd(before);
    LLVM::CondBrOp::create(
        builder, location,
        isLess(builder, location, number(cell), argument(Count)), inside,
        after);
    builder.setInsertionPointToEnd(after);
  }

  OpBuilder &builder;
  StencilPlanOp plan;
  StencilOp stencil;
  const uint32_t vector;
  const bool isSingle; ///< a thread's only row
  const bool damps;    ///< the cells of layers
  Location location;
  LLVM::LLVMFuncOp function;
  std::map<uint32_t, Type> types;    ///< of entries
  std::map<uint32_t, Value> centers; ///< where entries have the first cell
  std::set<RowLoad> loads;
  /// What `prime` loads, and the slots.
  std::map<RowLoad, int32_t> carried;
  std::map<RowLoad, Value> whole;
  std::map<std::pair<RowKey, int64_t>, Value> loaded;
  /// The new values of each entry that is written, by cell.
  std::map<uint32_t, SmallVector<Value>> stored;
  std::set<uint32_t> dampedEntries;
  Value parameters;
};

} // namespace

uint32_t residentVector(StencilOp stencil) {
  constexpr size_t MostValues = 40;
  std::set<std::pair<RowKey, int64_t>> values;
  for (auto access : stencil.getApply().getBody().getOps<StencilAccessOp>())
    values.insert(
        {{entryOf(access), access.getOffset()[1], access.getOffset()[2]},
         access.getOffset()[0]});
  if (values.size() > MostValues)
    return 1;
  uint32_t widest = 1;
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    widest = std::max(widest, array.getElementBytes());
  return widest == 8 ? 2 : 4;
}

ResidentFunctions makeResidentFunctions(OpBuilder &builder, StencilPlanOp plan,
                                        uint32_t vector, bool damps) {
  UpdateBuilder made(builder, plan, vector, /*isSingle=*/false, damps);
  UpdateBuilder single(builder, plan, vector, /*isSingle=*/true, damps);
  ResidentFunctions functions;
  functions.update = made.build();
  functions.prime = made.buildPrime();
  functions.updateSingle = single.build();
  functions.primeSingle = single.buildPrime();
  return functions;
}

} // namespace rkc::conversion
