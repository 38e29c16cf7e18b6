//===- WalkMemory.cpp - Loads, stores and shared memory of walks ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "WalkKernel.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace rkc::conversion {

/// Takes the cells of a vector apart.
static Cells takeApart(OpBuilder &builder, Location location, Value vector,
                       int64_t width) {
  Cells cells;
  for (int64_t cell = 0; cell < width; ++cell)
    cells.push_back(LLVM::ExtractElementOp::create(
        builder, location, vector,
        LLVM::ConstantOp::create(builder, location, builder.getI32Type(),
                                 cell)));
  return cells;
}

static Value putTogether(OpBuilder &builder, Location location,
                         ArrayRef<Value> cells) {
  auto type = VectorType::get({int64_t(cells.size())}, cells.front().getType());
  Value vector = LLVM::PoisonOp::create(builder, location, type);
  for (auto [number, cell] : llvm::enumerate(cells))
    vector = LLVM::InsertElementOp::create(
        builder, location, vector, cell,
        LLVM::ConstantOp::create(builder, location, builder.getI32Type(),
                                 int32_t(number)));
  return vector;
}

/// Returns the distance of a plane from plane 0. Planes farther out than the
/// halo are not needed: the outermost is taken for them.
Value WalkKernel::plane(Value place) {
  const int64_t reach = steps * halo[last];
  place = clamp(place, word(-reach), sum(launch.extent[last], word(reach - 1)));
  return product(place, last == 2 ? launch.plane : launch.pitch);
}

Cells WalkKernel::load(unsigned array, int64_t level, int64_t row, bool aside,
                       Value place) {
  StencilArrayOp op = arrays[array];
  Type type = op.getType();
  const bool inPlace = steps == 1 && op.getWritten() &&
                       *op.getEntries() == op.getLevels() &&
                       level + 1 == op.getLevels();
  Value element =
      sum(aside ? asideElements[row] : rowElements[row], plane(place));
  Value entry = launch.entries[entryOf(array, level, false)];
  Value address = LLVM::GEPOp::create(builder, location, entry.getType(), type,
                                      entry, LLVM::GEPArg(element));
  Value vector = LLVM::LoadOp::create(
      builder, location, VectorType::get({width}, type), address,
      unsigned(width) * op.getElementBytes(), /*isVolatile=*/false,
      /*isNonTemporal=*/false, /*isInvariant=*/!inPlace);
  return takeApart(builder, location, vector, width);
}

/// Loads what the turn `next` finds.
void WalkKernel::loadArriving(Value next) {
  for (auto &[key, line] : lines)
    if (line.isFromMemory)
      line.arriving = load(key.array, -key.time, key.row, key.aside,
                           sum(next, word(line.newest)));
}

/// Stores the cells of a row that are in the grid. The last vector of a row may
/// be partly in the halo.
void WalkKernel::store(unsigned array, int64_t level, int64_t row, Value place,
                       ArrayRef<Value> cells) {
  StencilArrayOp op = arrays[array];
  Type type = op.getType();
  Value inBlock =
      both(less(sum(place, word(1)), sum(end, word(1))),
           LLVM::ICmpOp::create(builder, location, LLVM::ICmpPredicate::sge,
                                place, first));
  Value condition = both(canStore[row], inBlock);
  Block *before = builder.getInsertionBlock();
  Region *region = before->getParent();
  Block *after = builder.createBlock(region, std::next(before->getIterator()));
  Block *part = builder.createBlock(region, std::next(before->getIterator()));
  Block *whole = builder.createBlock(region, std::next(before->getIterator()));
  Block *inside = builder.createBlock(region, std::next(before->getIterator()));
  builder.setInsertionPointToEnd(before);
  LLVM::CondBrOp::create(builder, location, condition, inside, after);
  builder.setInsertionPointToEnd(inside);
  Value element = sum(rowElements[row],
                      product(place, last == 2 ? launch.plane : launch.pitch));
  Value entry = launch.entries[entryOf(array, level, true)];
  auto addressOf = [&](int64_t cell) -> Value {
    return LLVM::GEPOp::create(builder, location, entry.getType(), type, entry,
                               LLVM::GEPArg(sum(element, word(cell))));
  };
  LLVM::CondBrOp::create(builder, location, isWhole, whole, part);
  builder.setInsertionPointToEnd(whole);
  LLVM::StoreOp::create(builder, location,
                        putTogether(builder, location, cells), addressOf(0),
                        unsigned(width) * op.getElementBytes());
  LLVM::BrOp::create(builder, location, after);
  builder.setInsertionPointToEnd(part);
  for (int64_t cell = 0; cell < width; ++cell) {
    Block *write = builder.createBlock(region, after->getIterator());
    Block *next = builder.createBlock(region, after->getIterator());
    builder.setInsertionPointToEnd(part);
    LLVM::CondBrOp::create(builder, location,
                           less(sum(x, word(cell)), launch.extent[0]), write,
                           next);
    builder.setInsertionPointToEnd(write);
    LLVM::StoreOp::create(builder, location, cells[cell], addressOf(cell),
                          op.getElementBytes());
    LLVM::BrOp::create(builder, location, next);
    part = next;
    builder.setInsertionPointToEnd(part);
  }
  LLVM::BrOp::create(builder, location, after);
  builder.setInsertionPointToEnd(after);
}

/// Finds which planes threads give each other, and makes the memory.
void WalkKernel::collectExchanges() {
  if (steps == 1)
    return;
  const int64_t planeCells = 32 * width * height;
  int64_t widest = 0;
  for (unsigned array = 0; array < arrays.size(); ++array) {
    widest = std::max<int64_t>(widest, arrays[array].getElementBytes());
    for (int64_t level = 0;
         !isStatic(array) && last == 2 && level < arrays[array].getLevels();
         ++level) {
      auto reads = [&](StencilAccessOp access) {
        return numberOf(access.getArray()) == array &&
               access.getLevel() == level && access.getOffset()[1] != 0;
      };
      if (llvm::none_of(stencil.getApply().getBody().getOps<StencilAccessOp>(),
                        reads))
        continue;
      for (int64_t stage = 1; stage <= steps; ++stage) {
        exchanges.push_back({array, stage, level, halfBytes});
        halfBytes += planeCells * arrays[array].getElementBytes();
      }
    }
  }
  halfBytes = std::max(halfBytes, planeCells * widest);
  auto program = kernel->getParentOfType<ModuleOp>();
  OpBuilder outside = OpBuilder::atBlockBegin(program.getBody());
  auto memory = LLVM::GlobalOp::create(
      outside, location, LLVM::LLVMArrayType::get(builder.getI8Type(), 0),
      /*isConstant=*/false, LLVM::Linkage::External,
      (kernel.getName() + "_shared").str(), Attribute(), /*alignment=*/16,
      /*addrSpace=*/3);
  shared = LLVM::AddressOfOp::create(builder, location, memory);
  // The thread's cells of its first row, in a plane.
  Value row0 = word(0);
  if (last == 2)
    row0 = product(indexOf<NVVM::ThreadIdYOp>(builder, location), word(rows));
  slot = sum(product(row0, word(32 * width)), product(lane, word(width)));
}

Value WalkKernel::sharedAddress(Value offset, Type type, Value element) {
  Value start =
      LLVM::GEPOp::create(builder, location, shared.getType(),
                          builder.getI8Type(), shared, LLVM::GEPArg(offset));
  return LLVM::GEPOp::create(builder, location, shared.getType(), type, start,
                             LLVM::GEPArg(element));
}

/// Writes the planes that stages read beside themselves in the next turn.
void WalkKernel::writeExchanges() {
  for (const Exchange &exchange : exchanges) {
    StencilArrayOp op = arrays[exchange.array];
    const int64_t time = exchange.stage - 1 - exchange.level;
    for (int64_t row = 0; row < rows; ++row) {
      const Line &line = lines.at({exchange.array, time, row, false});
      const int64_t distance = line.newest + lagOf(exchange.stage) - 1;
      const Cells &cells = distance < 0 ? line.arriving : line.planes[distance];
      Value address =
          sharedAddress(sum(half, word(exchange.offset)), op.getType(),
                        sum(slot, word(row * 32 * width)));
      LLVM::StoreOp::create(builder, location,
                            putTogether(builder, location, cells), address,
                            unsigned(width) * op.getElementBytes());
    }
  }
}

/// Reads a row of other threads. Rows beyond the tile are not needed.
Cells WalkKernel::readExchange(unsigned array, int64_t stage, int64_t level,
                               int64_t row) {
  auto [known, isNew] = read.insert({{array, stage, level, row}, {}});
  if (!isNew)
    return known->second;
  const Exchange *exchange = llvm::find_if(exchanges, [&](const Exchange &it) {
    return it.array == array && it.stage == stage && it.level == level;
  });
  StencilArrayOp op = arrays[array];
  Value element =
      clamp(sum(slot, word(row * 32 * width)), product(lane, word(width)),
            sum(product(lane, word(width)), word((height - 1) * 32 * width)));
  Value address = sharedAddress(sum(otherHalf, word(exchange->offset)),
                                op.getType(), element);
  Value vector = LLVM::LoadOp::create(
      builder, location, VectorType::get({width}, op.getType()), address,
      unsigned(width) * op.getElementBytes());
  return known->second = takeApart(builder, location, vector, width);
}

} // namespace rkc::conversion
