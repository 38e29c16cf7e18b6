//===- Generated.h - What rkc generates for each module ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions that the pass `rk-generate-dispatch` makes from the actors of
/// a module. They are constant switches, inlined into the worker's loop.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

extern "C" {
/// Runs the handler of `key` = actor index << 12 | message index. Returns 0 if
/// there is none, 1 if it gave no reply, 2 + reply type if it wrote one. A
/// message of up to 32 bytes lies at `message`; a larger one lies where the
/// pointer at `message` says.
uint32_t rk_dispatch(uint32_t key, void *state, const void *message,
                     void *reply, void *context);
/// The same for handlers of resident actors, which `rk_dispatch` does not know:
/// those that one lane runs, and those that all lanes of a warp run.
uint32_t rk_dispatch_resident(uint32_t key, void *state, const void *message,
                              void *reply, void *context);
uint32_t rk_dispatch_resident_warp(uint32_t key, void *state,
                                   const void *message, void *reply,
                                   void *context);
/// Calls `rk_serve_messages` with the handler of `key`, which is of a resident
/// actor and for one lane, and with what it returns: what `rk_dispatch` would.
/// So there is a copy of the serving loop for each handler, and none asks which
/// to run. Not where workers run resident actors.
uint32_t rk_serve_resident(uint32_t key, void *turn);
/// A handler, as `rk_dispatch` calls it.
typedef void rk_handler(void *state, const void *message, void *reply,
                        void *context);
/// Of the device library: see `Serving::serve`.
void rk_serve_messages(void *turn, rk_handler *handler, uint32_t outcome);
/// And those that a block or more runs.
uint32_t rk_dispatch_team(uint32_t key, void *state, const void *message,
                          void *reply, void *context);
/// Returns 0 if there is no handler, else the lanes it wants: of
/// `abi::LanesOf`.
uint32_t rk_handler_lanes(uint32_t key);
/// Returns the size of the largest reply, at least 1.
uint32_t rk_reply_bytes();
/// Returns 1 if some actor type is resident, else 0.
uint32_t rk_has_residents();
/// Returns 1 if some handler of a pooled actor wants all lanes of its warp,
/// else 0.
uint32_t rk_uses_warps();
/// Returns 1 if messages of this type begin with an `abi::BulkReference` that
/// is freed with them, else 0; and 1 if there are such types, else 0.
uint32_t rk_carries_bulk(uint32_t message);
uint32_t rk_uses_bulk();
}
