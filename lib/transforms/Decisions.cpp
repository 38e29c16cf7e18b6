//===- Decisions.cpp - How messages travel --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Decisions.h"

#include "rk/abi/Packet.h"

using namespace mlir;

namespace rkc {

bool waitsForHandlerEnd(SendOp send) { return send.getStatus().use_empty(); }

bool fitsPacket(int64_t bytes) { return bytes <= rk::abi::InlineBytes; }

int64_t largestReply(ModuleOp program) {
  SymbolTable symbols(program);
  int64_t largest = 0;
  for (auto actor : program.getOps<ActorOp>())
    for (auto handler : actor.getBody().getOps<HandlerOp>())
      if (auto name = handler.getReplyAttr())
        if (auto reply = symbols.lookup<MessageOp>(name.getAttr()))
          largest = std::max(largest, int64_t(reply.getSize()));
  return largest;
}

} // namespace rkc
