//===- Tiers.cpp - What is known of a message's way -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Tiers.h"
#include "rkc/transforms/Passes.h"

#include "rk/abi/Placement.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace rkc {

static_assert(uint32_t(Tier::Block) == uint32_t(rk::abi::Tier::Block) &&
              rk::abi::Tiers == uint32_t(Tier::Block) + 1);

Tiers::Tiers(ModuleOp program) : symbols(program) {
  Reachability reachability(program);
  for (auto actor : program.getOps<ActorOp>()) {
    const Kind kind = kindOf(actor);
    Functions byOneLane, byMore;
    for (auto handler : actor.getBody().getOps<HandlerOp>())
      if (Operation *callee = symbols.lookup(handler.getCallee()))
        reachability.add(callee,
                         handler.getLanes() == Lanes::One ? byOneLane : byMore);
    for (const Functions *reached : {&byOneLane, &byMore})
      for (Operation *function : *reached) {
        sendersIn[function] |= kind;
        (kind == Place && reached == &byOneLane ? fromOneLaneOfPlace
                                                : fromOthers)
            .insert(function);
      }
    hasResidents |= actor.getResident();
  }
}

Tiers::Kind Tiers::kindOf(ActorOp actor) {
  if (!actor.getResident())
    return Pooled;
  for (auto handler : actor.getBody().getOps<HandlerOp>())
    if (handler.getLanes() > Lanes::Warp)
      return Team;
  return Place;
}

/// What the reference says, or else who made the actor.
ActorOp Tiers::receiverOf(SendOp send) {
  if (auto name = send.getReceiverAttr())
    return symbols.lookup<ActorOp>(name.getAttr());
  if (auto spawn = send.getAddress().getDefiningOp<SpawnOp>())
    return symbols.lookup<ActorOp>(spawn.getActorAttr().getAttr());
  return {};
}

/// Returns where the actor at `address` was put by this function, if it was put
/// beside the sender.
static rk::abi::PlacementKind placementBySelf(Value address) {
  auto spawn = address.getDefiningOp<SpawnOp>();
  llvm::APInt kind;
  if (!spawn || !spawn.getPlacement() ||
      !spawn.getNeighbour().getDefiningOp<SelfOp>() ||
      !matchPattern(spawn.getPlacement(), m_ConstantInt(&kind)))
    return rk::abi::PlacementKind::Automatic;
  return rk::abi::PlacementKind(kind.getZExtValue());
}

TierChoice Tiers::chooseToPlace(SendOp send, unsigned senders,
                                const std::string &receiver) {
  if (!(senders & Place))
    return {Tier::Inbox,
            receiver + " is resident, but what sends here is not, or has more "
                       "than a warp: goes through the inbox of its place, in "
                       "device memory"};
  if (senders != Place)
    return {Tier::LookUp, "resident actors and others send here to " +
                              receiver +
                              ": the way is looked up in shared memory"};
  if (send.getAddress().getDefiningOp<SelfOp>())
    return {Tier::Block, "is for the sender itself: goes through a ring in the "
                         "shared memory of its block"};
  switch (placementBySelf(send.getAddress())) {
  case rk::abi::PlacementKind::Block:
    return {Tier::Block,
            "is for an actor placed in the block of the sender: goes through a "
            "ring in the shared memory of the block"};
  case rk::abi::PlacementKind::Cluster:
    return {
        Tier::Cluster,
        "is for an actor placed in the cluster of the sender: goes through "
        "a ring in the shared memory of the cluster, or in device memory on "
        "a target without clusters; its block is looked up"};
  default:
    return {Tier::Ring,
            receiver + " is resident, as what sends here: goes through a ring, "
                       "in shared memory within a cluster; which one is looked "
                       "up, as nothing here says where the receiver is"};
  }
}

TierChoice Tiers::choose(SendOp send) {
  const unsigned senders =
      sendersIn.lookup(send->getParentOfType<LLVM::LLVMFuncOp>());
  ActorOp actor = receiverOf(send);
  const bool isSelf = !!send.getAddress().getDefiningOp<SelfOp>();
  unsigned kind = actor ? kindOf(actor) : isSelf ? senders : Unknown;
  const std::string receiver =
      actor ? ("'" + actor.getSymName() + "'").str() : "the sender";
  switch (kind) {
  case Pooled:
    return {Tier::Inbox, receiver + " is pooled: goes through the inbox of its "
                                    "worker, in device memory"};
  case Team:
    return {Tier::Inbox,
            receiver + " has more than a warp to itself: goes through its "
                       "inbox, in device memory"};
  case Place:
    return chooseToPlace(send, senders, receiver);
  default:
    if (!hasResidents)
      return {Tier::Inbox, "no actor of the program is resident: goes through "
                           "the inbox of its worker, in device memory"};
    return {Tier::LookUp,
            "nothing here says whether the receiver is pooled or resident: the "
            "way is looked up in shared memory"};
  }
}

SendTime Tiers::timeOf(SendOp send) {
  auto function = send->getParentOfType<LLVM::LLVMFuncOp>();
  const Tier tier = choose(send).tier;
  if (tier == Tier::Inbox || !fromOneLaneOfPlace.contains(function))
    return SendTime::HandlerEnd;
  if (tier == Tier::LookUp || fromOthers.contains(function))
    return SendTime::ByReceiver;
  return SendTime::AtOnce;
}

namespace transforms {

#define GEN_PASS_DEF_CHOOSETIERSPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

struct ChooseTiers : impl::ChooseTiersPassBase<ChooseTiers> {
  using Base::Base;

  void runOnOperation() override {
    Tiers tiers(getOperation());
    getOperation().walk([&](SendOp send) {
      const Tier tier = tiers.choose(send).tier;
      send.setTierAttr(tier == Tier::LookUp
                           ? TierAttr()
                           : TierAttr::get(&getContext(), tier));
    });
  }
};

} // namespace
} // namespace transforms
} // namespace rkc
