//===- BulkCalls.cpp - What handlers ask of the pool of payloads ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "common/Overflow.h"

using namespace rk::device;
namespace abi = rk::abi;

extern "C" {

/// Called inline, with the desk out of line: see `Context`.
#if defined(__clang__)
[[gnu::always_inline]]
#endif
uint64_t rk_bulk(void *context, uint32_t call, uint64_t handle,
                 uint64_t bytes) {
  const Agent agent = static_cast<Context *>(context)->agent;
  switch (abi::BulkCall(call)) {
  case abi::BulkCall::Make:
    return makeBulk(agent, bytes);
  case abi::BulkCall::Share:
    return changeHolders(agent, handle, true);
  case abi::BulkCall::Release:
    return changeHolders(agent, handle, false);
  case abi::BulkCall::IsAlone:
    return isHeldAlone(agent, handle);
  }
  return 0;
}

} // extern "C"
