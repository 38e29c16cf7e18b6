//===- Tiers.h - What is known of a message's way ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Chooses the tier of each send as far as the program says where sender and
/// receiver are. `rk-choose-tiers` writes it down, and remarks give the reason.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"
#include "rkc/transforms/Reachability.h"

#include <string>

namespace rkc {

struct TierChoice {
  Tier tier;
  /// What it follows from, and the way; for users.
  std::string text;
};

/// When a message goes that need not go at once, on a GPU. On a CPU, and from
/// handlers of a warp and more, it always waits for the end of the handler.
enum class SendTime {
  HandlerEnd,
  AtOnce,     ///< one lane of a resident actor sends to a resident actor
  ByReceiver, ///< that is so for some senders or receivers
};

/// The sends of one program. Functions are followed when it is made; the
/// program must be checked.
class Tiers {
public:
  explicit Tiers(mlir::ModuleOp program);

  TierChoice choose(SendOp send);
  /// Says when a send goes whose status nobody looks at.
  SendTime timeOf(SendOp send);

private:
  /// What an actor is to a message. Bits: a function can have several senders.
  enum Kind : unsigned {
    Unknown = 0,
    Pooled = 1,
    Place = 2, ///< resident, in one warp: has rings
    Team = 4,  ///< resident, with more than a warp
  };
  static Kind kindOf(ActorOp actor);
  ActorOp receiverOf(SendOp send);
  TierChoice chooseToPlace(SendOp send, unsigned senders,
                           const std::string &receiver);

  mlir::SymbolTable symbols;
  bool hasResidents = false;
  /// By function: the kinds of the actors whose handlers can come to it.
  llvm::DenseMap<mlir::Operation *, unsigned> sendersIn;
  /// The functions that handlers of places come to, by whether one lane runs
  /// the handler, and those that any other handler comes to.
  Functions fromOneLaneOfPlace, fromOthers;
};

} // namespace rkc
