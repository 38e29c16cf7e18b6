//===- ActorOps.cpp - Rules of declarations -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/dialect/Rk.h"

#include "rk/abi/Bulk.h"
#include "rk/abi/Packet.h"
#include "rk/abi/Residents.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using rk::abi::MaxMessageBytes;
using rk::abi::MaxStateBytes;

namespace rkc {

static LogicalResult verifyAlign(Operation *op, int64_t align) {
  if (align > 0 && llvm::isPowerOf2_64(align))
    return success();
  return op->emitOpError("alignment must be a power of two, got ") << align;
}

LogicalResult MessageOp::verify() {
  if (int64_t size = getSize(); size < 1 || size > MaxMessageBytes)
    return emitOpError("size must be 1 to ") // message_c1
           << MaxMessageBytes << " bytes, got " << size;
  if (failed(verifyAlign(*this, getAlign()))) // message_c2
    return failure();
  if (auto index = getIndexAttr();
      index && (index.getInt() < 0 || index.getInt() >= rk::abi::NoMessage))
    return emitOpError("index must be 0 to ") // message_c3
           << rk::abi::NoMessage - 1 << ", got " << index.getInt();
  if (int64_t size = getSize();
      getBulk() && (size < int64_t(sizeof(rk::abi::BulkReference)) ||
                    size > rk::abi::MaxBulkMessageBytes))
    return emitOpError("size with a bulk payload must be ") // message_c4
           << sizeof(rk::abi::BulkReference) << " to "
           << rk::abi::MaxBulkMessageBytes << " bytes, got " << size;
  return success();
}

LogicalResult ActorOp::verify() {
  const int64_t most =
      getResident() ? rk::abi::MaxResidentStateBytes : MaxStateBytes;
  if (int64_t size = getSize(); size < 1 || size > most)
    return emitOpError("size must be 1 to ") // actor_c1
           << most << " bytes, got " << size;
  if (failed(verifyAlign(*this, getAlign()))) // actor_c2
    return failure();
  if (auto index = getIndexAttr(); index && index.getInt() < 0)
    return emitOpError("index must not be negative, got ") // actor_c6
           << index.getInt();
  return success();
}

LogicalResult ActorOp::verifyRegions() {
  llvm::DenseMap<StringAttr, HandlerOp> handlers;
  for (Operation &op : *getBody().begin()) {
    if (auto state = dyn_cast<StateOp>(op)) {
      int64_t offset = state.getOffset(), size = state.getSize();
      if (offset > int64_t(getSize()) - size) // actor_c5
        return state.emitOpError("ends at byte ")
               << offset + size << " of an actor of " << getSize() << " bytes";
      continue;
    }
    auto handler = dyn_cast<HandlerOp>(op);
    if (!handler) // actor_c3
      return op.emitOpError("may not stand in an rk.actor, which holds "
                            "rk.state and rk.handler only");
    if (handler.getLanes() > Lanes::Warp && !getResident()) // actor_c7
      return handler.emitOpError("runs in a ")
             << stringifyLanes(handler.getLanes())
             << ", and only resident actors have one to themselves";
    auto [known, isNew] =
        handlers.insert({handler.getMessageAttr().getAttr(), handler});
    if (isNew)
      continue;
    auto diagnostic = handler.emitOpError("is the second handler of ")
                      << handler.getMessageAttr() << " in actor "
                      << getSymNameAttr(); // actor_c4
    diagnostic.attachNote(known->second.getLoc()) << "the first is here";
    return diagnostic;
  }
  return success();
}

ParseResult ActorOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  llvm::SMLoc where = parser.getCurrentLocation();
  // An attribute of another kind would be dropped without a word.
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name),
                             result.attributes) ||
      parser.parseOptionalAttrDict(result.attributes) ||
      failed(verifyInherentAttrs(result.name, result.attributes, [&] {
        return parser.emitError(where)
               << "'" << result.name.getStringRef() << "' op ";
      })))
    return failure();
  Region *body = result.addRegion();
  if (parser.parseRegion(*body))
    return failure();
  if (body->empty())
    body->emplaceBlock();
  return success();
}

void ActorOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  printer.printOptionalAttrDict((*this)->getAttrs(),
                                {SymbolTable::getSymbolAttrName()});
  printer << ' ';
  printer.printRegion(getBody());
}

LogicalResult StateOp::verify() {
  if (int64_t(getOffset()) >= 0 && int64_t(getSize()) >= 1) // state_c1
    return success();
  return emitOpError("needs an offset of at least 0 and a size of at least 1, "
                     "got ")
         << int64_t(getOffset()) << " and " << int64_t(getSize());
}

} // namespace rkc
