//===- RingType.cpp - Layout of rings -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/dialect/Rk.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace rkc {

static constexpr uint32_t MaxItemBytes = 65536;
static constexpr uint32_t MaxItemAlign = 128;
static constexpr uint32_t MaxRingCapacity = 1u << 20;
static constexpr uint32_t RingHeaderBytes = 8;

uint32_t RingType::getItemsOffset() const {
  return llvm::alignTo(RingHeaderBytes, getAlign());
}

LogicalResult RingType::verify(function_ref<InFlightDiagnostic()> emitError,
                               uint32_t bytes, uint32_t align,
                               uint32_t capacity) {
  if (bytes == 0 || bytes > MaxItemBytes) // ring_c1
    return emitError() << "an item of a ring is 1 to " << MaxItemBytes
                       << " bytes, got " << bytes;
  if (!llvm::isPowerOf2_32(align) || align > MaxItemAlign ||
      bytes % align != 0) // ring_c2
    return emitError() << "the alignment of a ring's items is a power of two, "
                          "at most "
                       << MaxItemAlign << ", that divides their size of "
                       << bytes << " bytes, got " << align;
  if (capacity == 0 || capacity > MaxRingCapacity) // ring_c3
    return emitError() << "a ring holds 1 to " << MaxRingCapacity
                       << " items, got " << capacity;
  return success();
}

} // namespace rkc
