//===- Stencils.cpp - What stencils need beside their updates -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Kernels that the host starts between the steps of a stencil. Any number of
/// threads does the work of any of them.
///
//===----------------------------------------------------------------------===//

#include "nvptx/Lanes.h"

#include "rk/abi/StencilCells.h"
#include "rk/abi/StencilDamping.h"
#include "rk/abi/StencilHalo.h"
#include "rk/abi/StencilReduction.h"

using namespace rk::device;
namespace abi = rk::abi;

namespace {

int64_t threadCount() {
  return int64_t(__nvvm_read_ptx_sreg_ntid_x()) *
         __nvvm_read_ptx_sreg_nctaid_x();
}
int64_t threadNumber() {
  return int64_t(__nvvm_read_ptx_sreg_ctaid_x()) *
             __nvvm_read_ptx_sreg_ntid_x() +
         __nvvm_read_ptx_sreg_tid_x();
}

double fromLane(double value, uint32_t source) {
  const auto bits = __builtin_bit_cast(uint64_t, value);
  const uint64_t low = shuffle(uint32_t(bits), source);
  const uint64_t high = shuffle(uint32_t(bits >> 32), source);
  return __builtin_bit_cast(double, low | high << 32);
}

} // namespace

/// Fills the halo of an array along one axis.
extern "C" [[clang::device_kernel]] void
rk_stencil_halo(const abi::StencilHalo halo) {
  const int64_t count = abi::haloCount(halo), threads = threadCount();
  for (int64_t index = threadNumber(); index < count; index += threads)
    abi::fillHalo(halo, index);
}

/// Feeds sources, or records probes.
extern "C" [[clang::device_kernel]] void
rk_stencil_cells(const abi::StencilCells cells) {
  const int64_t threads = threadCount();
  for (int64_t index = threadNumber(); index < cells.count; index += threads)
    abi::moveCell(cells, index);
}

/// Damps the layers of an array.
extern "C" [[clang::device_kernel]] void
rk_stencil_damp(const abi::StencilDamping damping) {
  const int64_t count = abi::dampedCount(damping), threads = threadCount();
  for (int64_t index = threadNumber(); index < count; index += threads)
    abi::dampCell(damping, index);
}

/// One stage of a reduction: a warp for each chunk.
extern "C" [[clang::device_kernel]] void
rk_stencil_reduce(const abi::StencilReduction reduction) {
  const int64_t chunks = abi::reductionChunks(abi::reductionCount(reduction));
  const int64_t warps = threadCount() / LaneCount;
  const uint32_t lane = laneId();
  for (int64_t chunk = threadNumber() / LaneCount; chunk < chunks;
       chunk += warps) {
    double all = abi::reduceLane(reduction, chunk, lane);
    for (uint32_t distance = LaneCount / 2; distance != 0; distance /= 2) {
      const double other = fromLane(all, (lane + distance) % LaneCount);
      if (lane < distance)
        all = abi::combineNumbers(reduction.combine, all, other);
    }
    if (lane == 0)
      abi::storeAs<double>(reduction.results, chunk, all);
  }
}

/// Notes the first cell whose number is not finite.
extern "C" [[clang::device_kernel]] void
rk_stencil_search(const abi::StencilSearch search) {
  const int64_t count = abi::reductionCount(search.field);
  const int64_t threads = threadCount();
  for (int64_t index = threadNumber(); index < count; index += threads) {
    if (abi::isFiniteNumber(abi::reductionTerm(search.field, index)))
      continue;
    // The host reads it after the kernel's end; which comes first is the same
    // whatever the order.
    asm volatile("red.relaxed.gpu.global.min.u64 [%0], %1;"
                 :
                 : "l"(search.found), "l"(search.key + uint64_t(index))
                 : "memory");
    return;
  }
}
