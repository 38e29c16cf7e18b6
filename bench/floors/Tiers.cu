//===- Tiers.cu - One way within a block, a cluster, a device --*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A flag or a message of 64 bytes goes to and fro between two warps of a
/// block, or between the two blocks of a cluster: through distributed shared
/// memory or through the L2 cache. Half of a round trip is one way. What
/// arrives is compared with what was sent before the answer goes out.
///
/// A piece of 16 bytes has its mark in it and arrives as one, as in
/// `l2-packet64`: no order between accesses is needed. Flags that carry nothing
/// are relaxed; the pair that releases and acquires is beside them.
///
//===----------------------------------------------------------------------===//

#include "Rounds.cuh"

#include <cstddef>

namespace rkbench {
namespace {

/// What one side has in shared memory for the other to write to.
struct alignas(16) Corner {
  uint4 pieces[4];
  uint64_t phase;
  uint32_t flag;
};

/// Who a warp is, and where the two sides keep what the other one writes.
struct Side {
  bool first;
  uint32_t lane;
  uint32_t mine, theirs; ///< addresses of the corners
  uint4 *out, *in;       ///< in global memory
};

constexpr uint32_t FlagAt = offsetof(Corner, flag),
                   PhaseAt = offsetof(Corner, phase);

__device__ uint4 pieceOf(uint32_t lane, uint32_t trip) {
  return make_uint4(trip * 3, trip * 5, lane, trip);
}
__device__ bool isPieceOf(uint4 piece, uint32_t lane, uint32_t trip) {
  return piece.x == trip * 3 && piece.y == trip * 5 && piece.z == lane;
}

// Accesses to shared memory by address, each one instruction. Those that may
// reach another block have the scope of the cluster.
template <bool Acquire> __device__ uint32_t loadWord(uint32_t address) {
  uint32_t value;
  if (Acquire)
    asm volatile("ld.acquire.cluster.shared::cta.u32 %0, [%1];"
                 : "=r"(value)
                 : "r"(address)
                 : "memory");
  else
    asm volatile("ld.relaxed.cluster.shared::cta.u32 %0, [%1];"
                 : "=r"(value)
                 : "r"(address)
                 : "memory");
  return value;
}
__device__ void storeWordInBlock(uint32_t address, uint32_t value) {
  asm volatile("st.relaxed.cta.shared::cta.u32 [%0], %1;" ::"r"(address),
               "r"(value)
               : "memory");
}
/// To another block by its generic address, which stays in two registers; from
/// an address of shared memory it would be made anew for each store.
template <bool Release>
__device__ void storeWordInCluster(uint64_t address, uint32_t value) {
  if (Release)
    asm volatile("st.release.cluster.u32 [%0], %1;" ::"l"(address), "r"(value)
                 : "memory");
  else
    asm volatile("st.relaxed.cluster.u32 [%0], %1;" ::"l"(address), "r"(value)
                 : "memory");
}
__device__ uint4 loadSharedPiece(uint32_t address) {
  uint4 value;
  asm volatile("ld.relaxed.cluster.shared::cta.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
               : "r"(address)
               : "memory");
  return value;
}
__device__ void storePieceInBlock(uint32_t address, uint4 value) {
  asm volatile(
      "st.relaxed.cta.shared::cta.v4.u32 [%0], {%1, %2, %3, %4};" ::"r"(
          address),
      "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w)
      : "memory");
}
__device__ void storePieceInCluster(uint64_t address, uint4 value) {
  asm volatile(
      "st.relaxed.cluster.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(address),
      "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w)
      : "memory");
}
__device__ uint64_t genericAddress(uint32_t inCluster) {
  uint64_t address;
  asm volatile("cvta.shared::cluster.u64 %0, %1;"
               : "=l"(address)
               : "l"(uint64_t(inCluster)));
  return uint64_t(kept(uint32_t(address >> 32))) << 32 |
         kept(uint32_t(address));
}

// Every method: `prepare` before a trip, then one side sends and the other
// receives; `receive` returns whether what was sent has come. The first `Lanes`
// lanes call them together and get the same answer.

enum class Through { Block, ClusterRelaxed, ClusterInOrder, L2 };

template <Through T> class Flag {
public:
  static constexpr uint32_t ClusterSize = T == Through::Block ? 0 : 2,
                            Lanes = 1;
  __device__ explicit Flag(const Side &side)
      : from_(kept(side.mine + FlagAt)), to_(kept(side.theirs + FlagAt)),
        far_(genericAddress(to_)), out_(&side.out->x), in_(&side.in->x) {}
  __device__ void prepare(uint32_t) {}
  __device__ void send(uint32_t trip) {
    if (T == Through::Block)
      storeWordInBlock(to_, trip);
    else if (T == Through::L2)
      storeRelaxedDevice(out_, trip);
    else
      storeWordInCluster<T == Through::ClusterInOrder>(far_, trip);
  }
  /// A flag that never says the trip's number shows as a wait given up.
  __device__ bool receive(uint32_t trip, Patience &patience) {
    patience.until(trip, [&] {
      if (T == Through::L2)
        return loadRelaxedDevice(in_) == trip;
      return loadWord<T == Through::ClusterInOrder>(from_) == trip;
    });
    return patience.gaveUpIn() == 0;
  }

private:
  uint32_t from_, to_;
  uint64_t far_;
  uint32_t *out_, *in_;
};

/// Four lanes write; all lanes read, eight of them the same piece.
template <Through T> class Packet {
public:
  static constexpr uint32_t ClusterSize = T == Through::Block ? 0 : 2,
                            Lanes = 32;
  __device__ explicit Packet(const Side &side)
      : lane_(side.lane), piece_(side.lane % 4),
        from_(kept(side.mine + piece_ * 16)),
        to_(kept(side.theirs + piece_ * 16)), far_(genericAddress(to_)),
        out_(side.out + piece_), in_(side.in + piece_) {}
  __device__ void prepare(uint32_t) {}
  __device__ void send(uint32_t trip) {
    if (lane_ >= 4)
      return;
    const uint4 piece = pieceOf(piece_, trip);
    if (T == Through::Block)
      storePieceInBlock(to_, piece);
    else if (T == Through::L2)
      storePiece(out_, piece);
    else
      storePieceInCluster(far_, piece);
  }
  __device__ bool receive(uint32_t trip, Patience &patience) {
    uint4 piece = {};
    patience.until(trip, [&] {
      piece = T == Through::L2 ? loadPiece(in_) : loadSharedPiece(from_);
      return __all_sync(~0u, piece.w == trip) != 0;
    });
    return __all_sync(~0u, isPieceOf(piece, piece_, trip)) != 0;
  }

private:
  uint32_t lane_, piece_, from_, to_;
  uint64_t far_;
  uint4 *out_, *in_;
};

/// `st.async` of `Pieces` times 16 bytes, whose arrival the hardware counts in
/// the receiver's mbarrier: the wait acquires what was stored, so the pieces
/// need no marks.
template <uint32_t Pieces> class Async {
public:
  static constexpr uint32_t ClusterSize = 2, Lanes = 32;
  __device__ explicit Async(const Side &side)
      : lane_(side.lane), piece_(side.lane % Pieces),
        phase_(kept(side.mine + PhaseAt)), from_(kept(side.mine + piece_ * 16)),
        to_(kept(side.theirs + piece_ * 16)),
        remotePhase_(kept(side.theirs + PhaseAt)) {}
  /// Says how much will come; it may have come already.
  __device__ void prepare(uint32_t) {
    if (lane_ == 0)
      asm volatile("mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, "
                   "[%0], %1;" ::"r"(phase_),
                   "r"(Pieces * 16)
                   : "memory");
  }
  __device__ void send(uint32_t trip) {
    if (lane_ >= Pieces)
      return;
    const uint4 piece = pieceOf(piece_, trip);
    asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.v4.b32 "
                 "[%0], {%1, %2, %3, %4}, [%5];" ::"r"(to_),
                 "r"(piece.x), "r"(piece.y), "r"(piece.z), "r"(piece.w),
                 "r"(remotePhase_)
                 : "memory");
  }
  __device__ bool receive(uint32_t trip, Patience &patience) {
    patience.untilSuspended(trip, [&] { return isOver((trip - 1) & 1); });
    uint4 piece;
    asm volatile("ld.shared::cta.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(piece.x), "=r"(piece.y), "=r"(piece.z), "=r"(piece.w)
                 : "r"(from_)
                 : "memory");
    return __all_sync(~0u, patience.gaveUpIn() == 0 &&
                               isPieceOf(piece, piece_, trip)) != 0;
  }

private:
  __device__ bool isOver(uint32_t parity) const {
    uint32_t over;
    asm volatile("{ .reg .pred p;\n"
                 "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 "
                 "p, [%1], %2;\n"
                 "selp.u32 %0, 1, 0, p; }"
                 : "=r"(over)
                 : "r"(phase_), "r"(parity)
                 : "memory");
    return over != 0;
  }
  uint32_t lane_, piece_, phase_, from_, to_, remotePhase_;
};

/// Does all trips of one side. A side whose wait was given up or that received
/// something else stops; the other then gives up too.
template <class Method>
__device__ void doTrips(const Job &job, const Side &side) {
  extern __shared__ uint32_t laps[];
  Method method(side);
  if (side.lane >= Method::Lanes)
    return;
  Patience patience;
  uint32_t wrongIn = 0;
  doLaps<1>(job, laps, side.first && side.lane == 0, [&](uint32_t trip) {
    method.prepare(trip);
    if (side.first)
      method.send(trip);
    if (!method.receive(trip, patience)) {
      wrongIn = trip;
      return false;
    }
    if (!side.first)
      method.send(trip);
    return true;
  });
  reportFault(job, Fault::WaitGivenUp, patience.gaveUpIn());
  reportFault(job, Fault::MarkNotSeen, wrongIn);
}

__device__ void clear(Corner &corner) {
  if (threadIdx.x % 32 == 0) {
    for (uint4 &piece : corner.pieces)
      piece = make_uint4(0, 0, 0, 0);
    corner.flag = 0;
    initPhase(sharedAddress(&corner.phase), 1);
  }
}

/// Where block 0 writes and block 1 reads, and the other way round.
__device__ uint4 *globalPacket(const Job &job, bool first) {
  return reinterpret_cast<uint4 *>(job.words + (first ? 0 : 4096));
}

template <class Method> __global__ void tripInBlock(Job job) {
  extern __shared__ uint32_t laps[];
  __shared__ Corner corners[2];
  const uint32_t self = threadIdx.x / 32;
  clear(corners[self]);
  __syncthreads();
  doTrips<Method>(job,
                  {self == 0, threadIdx.x % 32, sharedAddress(&corners[self]),
                   sharedAddress(&corners[1 - self]),
                   globalPacket(job, self == 0), globalPacket(job, self != 0)});
  publishLaps(job, laps);
}

template <class Method>
__global__ void __cluster_dims__(2, 1, 1) tripInCluster(Job job) {
  extern __shared__ uint32_t laps[];
  __shared__ Corner corner;
  const uint32_t self = rankInCluster(), mine = sharedAddress(&corner);
  clear(corner);
  syncCluster();
  doTrips<Method>(job,
                  {self == 0, threadIdx.x, mine, addressInBlock(mine, self ^ 1),
                   globalPacket(job, self == 0), globalPacket(job, self != 0)});
  publishLaps(job, laps);
  // Nobody leaves while the other may still write to its shared memory.
  syncCluster();
}

template <class Method> void measure(Rows &rows, const std::string &name) {
  rows.add(name, [&] {
    Shape shape{1, 64};
    JobKernel kernel;
    if constexpr (Method::ClusterSize == 0) {
      kernel = tripInBlock<Method>;
    } else {
      kernel = tripInCluster<Method>;
      shape = {Method::ClusterSize, 32};
      shape.cluster = Method::ClusterSize;
      shape.alone = true;
    }
    return summarize(name, "ns", timeLaps(kernel, shape, 2), Better::Lower,
                     "content of every trip");
  });
}

} // namespace

void measureTiers() {
  Rows rows;
  measure<Flag<Through::Block>>(rows, "tier-block-flag-one-way");
  measure<Packet<Through::Block>>(rows, "tier-block-packet64-one-way");
  measure<Flag<Through::ClusterRelaxed>>(rows,
                                         "tier-cluster-flag-relaxed-one-way");
  measure<Flag<Through::ClusterInOrder>>(rows,
                                         "tier-cluster-flag-acq-rel-one-way");
  measure<Async<1>>(rows, "tier-cluster-st-async16-one-way");
  measure<Async<4>>(rows, "tier-cluster-st-async64-one-way");
  measure<Packet<Through::ClusterRelaxed>>(rows,
                                           "tier-cluster-packet64-one-way");
  measure<Flag<Through::L2>>(rows, "tier-l2-flag-relaxed-one-way");
  measure<Packet<Through::L2>>(rows, "tier-l2-packet64-one-way");
  rows.finish();
}

} // namespace rkbench
