//===- MessagingOps.cpp - Rules of messaging ops --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/dialect/Rk.h"

#include "rk/abi/Packet.h"

using namespace mlir;

namespace rkc {

static LogicalResult verifySize(Operation *op, int64_t size, int64_t limit) {
  if (size >= 1 && size <= limit)
    return success();
  return op->emitOpError("size must be 1 to ")
         << limit << " bytes, got " << size;
}

LogicalResult SendOp::verify() { // send_c1
  return verifySize(*this, getSize(), rk::abi::MaxMessageBytes);
}

LogicalResult ReplyOp::verify() { // reply_c1
  return verifySize(*this, getSize(), rk::abi::MaxMessageBytes);
}

LogicalResult SpawnOp::verify() {
  if (!getPlacement() != !getNeighbour()) // spawn_c3
    return emitOpError("has a placement or a neighbour without the other");
  // spawn_c1
  return verifySize(*this, getSize(), rk::abi::MaxStateBytes);
}

LogicalResult SpawnNOp::verify() { // spawn_n_c1
  return verifySize(*this, getSize(), rk::abi::MaxStateBytes);
}

} // namespace rkc
