//===- Resident.cuh - The field stays on the chip --------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each block owns a brick of whole rows for the whole run. The older level of
/// its cells is in registers, the current one in shared memory, in two buffers
/// that take turns, with a halo. A step:
///
/// 1. Computing warps update the rows of the brick's shell first and send them
///    at once, each cell as eight bytes: value and number of the step. No fence
///    and no flag: the number arrives with the value.
/// 2. They update the inner rows while the packets travel.
/// 3. Meanwhile receiving warps ask for all packets of all faces at once and
///    write what arrived into the halo of the other buffer.
/// 4. One block barrier ends the step. Nothing waits for the grid.
///
/// Two mailboxes take turns. That is enough: a block sends step s+2 only after
/// it received the neighbour's step s+1, which the neighbour sent after it had
/// received step s.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../Access.cuh"
#include "Wave.cuh"

namespace rkbench::stencil {

// Operands stay floats below: a loop that carries a value both as a float and as
// bits keeps it in two registers.

/// Two cells, each with its mark, for other multiprocessors of the device.
__device__ inline void sendPacket(uint4 *to, float a, float b, uint32_t mark) {
  asm volatile("st.relaxed.gpu.global.v4.b32 [%0], {%1, %3, %2, %3};" ::"l"(to),
               "f"(a), "f"(b), "r"(mark)
               : "memory");
}
/// The value of the lane below, and of the lane above; the whole warp calls.
__device__ inline float fromLower(float value) {
  float got;
  asm volatile("shfl.sync.up.b32 %0, %1, 1, 0, -1;" : "=f"(got) : "f"(value));
  return got;
}
__device__ inline float fromUpper(float value) {
  float got;
  asm volatile("shfl.sync.down.b32 %0, %1, 1, 31, -1;"
               : "=f"(got)
               : "f"(value));
  return got;
}
__device__ inline uint4 askPiece(const uint4 *from) {
  uint4 v;
  asm volatile("ld.relaxed.gpu.global.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(from)
               : "memory");
  return v;
}

struct ResidentJob {
  const float *current, *before;
  float *outCurrent, *outBefore;
  uint4 *mail;
  uint32_t *fault;
  Layout layout;
  uint32_t bricksY, bricksZ, steps;
  float c2;
};

template <int Width_, int Vector_, int RowsY_, int RowsZ_, int Column_,
          int Receivers_>
struct Brick {
  static constexpr int Width = Width_, Vector = Vector_, RowsY = RowsY_,
                       RowsZ = RowsZ_, Column = Column_,
                       Receivers = Receivers_;
  static constexpr int Lanes = Width / Vector;
  static constexpr int Groups = RowsZ / Column;
  static constexpr int Computers = RowsY * Groups;
  static constexpr int Threads = (Computers + Receivers) * 32;
  static constexpr int Halves = Vector / 2; ///< packets of 16 bytes of a lane
  static constexpr int RowPackets = Lanes * Halves;
  static constexpr int FaceZ = RowsY * RowPackets, FaceY = RowsZ * RowPackets;
  static constexpr int Packets = 2 * (FaceZ + FaceY);
  static constexpr int BufferWords = (RowsZ + 2) * (RowsY + 2) * Width;
  static constexpr int SharedBytes = 2 * BufferWords * 4;
  static_assert(Lanes <= 32 && RowsZ % Column == 0 && Threads <= 1024);
};

template <int N> struct Cells {
  float v[N];
};

template <class B> struct Resident {
  using V = Cells<B::Vector>;
  /// Where a face begins in a mailbox.
  __host__ __device__ static constexpr int faceAt(int face) {
    return face <= 2 ? face * B::FaceZ : 2 * B::FaceZ + B::FaceY;
  }
  enum Face { Below, Above, Front, Back };

  __device__ static float *rowOf(float *buffer, int z, int y) {
    return buffer + ((z + 1) * (B::RowsY + 2) + y + 1) * B::Width;
  }
  __device__ static V load(const float *p) {
    V v;
    if constexpr (B::Vector == 4) {
      const float4 t = *(const float4 *)p;
      v.v[0] = t.x, v.v[1] = t.y, v.v[2] = t.z, v.v[3] = t.w;
    } else {
      const float2 t = *(const float2 *)p;
      v.v[0] = t.x, v.v[1] = t.y;
    }
    return v;
  }
  __device__ static void store(float *p, const V &v) {
    if constexpr (B::Vector == 4)
      *(float4 *)p = make_float4(v.v[0], v.v[1], v.v[2], v.v[3]);
    else
      *(float2 *)p = make_float2(v.v[0], v.v[1]);
  }
  __device__ static uint4 *mailbox(const ResidentJob &j, uint32_t block,
                                   uint32_t step, int face) {
    return j.mail + (size_t(block) * 2 + (step & 1)) * B::Packets +
           faceAt(face);
  }
  __device__ __forceinline__ static void send(uint4 *to, const V &v, uint32_t mark) {
#pragma unroll
    for (int h = 0; h < B::Halves; ++h)
      sendPacket(to + h * B::Lanes, v.v[2 * h], v.v[2 * h + 1], mark);
  }
  __device__ __forceinline__ static V update(const V &here, const V &front, const V &back,
                             const V &below, const V &above, const V &before,
                             float c2, int lane) {
    float left = fromLower(here.v[B::Vector - 1]);
    float right = fromUpper(here.v[0]);
    if (lane == 0)
      left = 0;
    if (lane == B::Lanes - 1)
      right = 0;
    V r;
#pragma unroll
    for (int i = 0; i < B::Vector; ++i)
      r.v[i] = waveUpdate(i == 0 ? left : here.v[i == 0 ? 0 : i - 1],
                          i == B::Vector - 1
                              ? right
                              : here.v[i == B::Vector - 1 ? i : i + 1],
                          front.v[i], back.v[i], below.v[i], above.v[i],
                          here.v[i], before.v[i], c2);
    return r;
  }
};

/// A warp that computes: `Column` rows above each other.
template <class B> struct Computer {
  using R = Resident<B>;
  using V = typename R::V;
  const ResidentJob &j;
  float *buffers;
  int lane, y, z0;
  bool active;
  /// Of the neighbours, for even steps, where this lane's first packet goes;
  /// null if nothing goes there.
  uint4 *mail[4];

  __device__ __forceinline__ void sendRow(uint4 *const (&to)[4], int k,
                                          const V &v, uint32_t mark) const {
    if (k == 0 && to[R::Below])
      R::send(to[R::Below], v, mark);
    if (k == B::Column - 1 && to[R::Above])
      R::send(to[R::Above], v, mark);
    if (to[R::Front])
      R::send(to[R::Front] + k * B::RowPackets, v, mark);
    if (to[R::Back])
      R::send(to[R::Back] + k * B::RowPackets, v, mark);
  }

  /// Makes the next level from the current one, which becomes `before`. The
  /// ends of the column go first: they may belong to the shell.
  __device__ __forceinline__ void step(V (&before)[B::Column],
                                       uint32_t s) const {
    constexpr int Last = B::Column - 1;
    float *from = buffers + (s & 1) * B::BufferWords + lane * B::Vector;
    float *to = buffers + ((s + 1) & 1) * B::BufferWords + lane * B::Vector;
    uint4 *mailOfStep[4];
#pragma unroll
    for (int f = 0; f < 4; ++f) {
      mailOfStep[f] = mail[f] ? mail[f] + ((s + 1) & 1) * B::Packets : nullptr;
      // Without this, every address of every row is kept in a register.
      asm volatile("" : "+l"(mailOfStep[f]));
    }
    const auto at = [&](int k) { return R::load(R::rowOf(from, z0 + k, y)); };
    const auto make = [&](int k, const V &below, const V &here,
                          const V &above) {
      const V front = R::load(R::rowOf(from, z0 + k, y - 1));
      const V back = R::load(R::rowOf(from, z0 + k, y + 1));
      const V made = R::update(here, front, back, below, above, before[k], j.c2,
                               lane);
      before[k] = here;
      if (s + 1 < j.steps)
        sendRow(mailOfStep, k, made, s + 1);
      if (active)
        R::store(R::rowOf(to, z0 + k, y), made);
    };
    V below = at(0), here = at(1);
    make(0, at(-1), below, here);
    if (Last > 0)
      make(Last, at(Last - 1), at(Last), at(Last + 1));
#pragma unroll
    for (int k = 1; k < Last; ++k) {
      const V above = at(k + 1);
      make(k, below, here, above);
      below = here;
      here = above;
    }
  }
};

template <class B> struct Receiver {
  using R = Resident<B>;
  static constexpr bool Alone = B::Receivers != 0; ///< warps of their own
  static constexpr int Threads = Alone ? B::Receivers * 32 : B::Threads;
  static constexpr int Batch = Alone ? 4 : 2;
  static constexpr uint32_t Bound = 1u << 20;
  const ResidentJob &j;
  uint32_t block, has; ///< bit `face`: there is a neighbour
  bool givenUp;

  /// Where packet `i` belongs, or null if nobody sends it.
  __device__ float2 *place(float *buffer, int i) const {
    if (i >= B::Packets)
      return nullptr;
    const int face = i < R::faceAt(1)   ? 0
                     : i < R::faceAt(2) ? 1
                     : i < R::faceAt(3) ? 2
                                        : 3;
    if (!(has >> face & 1))
      return nullptr;
    const int at = i - R::faceAt(face), row = at / B::RowPackets,
              rest = at % B::RowPackets, half = rest / B::Lanes,
              lane = rest % B::Lanes;
    const int z = face == 0 ? -1 : face == 1 ? B::RowsZ : row;
    const int y = face == 2 ? -1 : face == 3 ? B::RowsY : row;
    return (float2 *)(R::rowOf(buffer, z, y) + lane * B::Vector + half * 2);
  }

  __device__ __forceinline__ void receive(float *buffer, uint32_t mark, int thread) {
    const uint4 *mail = R::mailbox(j, block, mark, 0);
#pragma unroll 1
    for (int first = thread; first < B::Packets; first += Threads * Batch) {
      float2 *places[Batch];
#pragma unroll
      for (int b = 0; b < Batch; ++b)
        places[b] = place(buffer, first + b * Threads);
      uint32_t polls = 0;
      bool waiting;
      do {
        uint4 got[Batch];
        waiting = false;
#pragma unroll
        for (int b = 0; b < Batch; ++b)
          if (places[b])
            got[b] = askPiece(mail + first + b * Threads);
#pragma unroll
        for (int b = 0; b < Batch; ++b) {
          if (!places[b])
            continue;
          if (got[b].y == mark && got[b].w == mark) {
            *places[b] = make_float2(__uint_as_float(got[b].x),
                                     __uint_as_float(got[b].z));
            places[b] = nullptr;
          } else {
            waiting = true;
          }
        }
        if (waiting && (givenUp || ++polls > Bound)) {
          givenUp = true;
          *j.fault = mark;
          break;
        }
      } while (waiting);
    }
  }
};

template <class B>
__global__ void __launch_bounds__(B::Threads, 1) residentRun(ResidentJob j) {
  using R = Resident<B>;
  using V = typename R::V;
  extern __shared__ float4 shared[];
  float *buffers = reinterpret_cast<float *>(shared);
  const Layout &l = j.layout;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const uint32_t block = blockIdx.x;
  const int by = int(block % j.bricksY), bz = int(block / j.bricksY);
  const auto at = [&](int z, int y) {
    return int64_t(l.origin) + int64_t(bz * B::RowsZ + z) * l.plane +
           int64_t(by * B::RowsY + y) * l.pitch;
  };
  for (int i = threadIdx.x; i < B::BufferWords; i += B::Threads) {
    const int x = i % B::Width, row = i / B::Width;
    const float v =
        j.current[at(row / (B::RowsY + 2) - 1, row % (B::RowsY + 2) - 1) + x];
    buffers[i] = buffers[B::BufferWords + i] = v;
  }
  const bool exists[4] = {bz > 0, bz + 1 < int(j.bricksZ), by > 0,
                          by + 1 < int(j.bricksY)};
  Receiver<B> r = {j, block,
                   uint32_t(exists[0]) | exists[1] << 1 | exists[2] << 2 |
                       exists[3] << 3,
                   false};
  __syncthreads();
  if (warp < B::Computers) {
    const bool active = lane < B::Lanes;
    const int own = active ? lane : B::Lanes - 1;
    Computer<B> c = {j, buffers, own, warp % B::RowsY,
                     warp / B::RowsY * B::Column, active, {}};
    const bool sends[4] = {c.z0 == 0, c.z0 + B::Column == B::RowsZ, c.y == 0,
                           c.y == B::RowsY - 1};
    const uint32_t neighbour[4] = {block - j.bricksY, block + j.bricksY,
                                   block - 1, block + 1};
#pragma unroll
    for (int f = 0; f < 4; ++f)
      c.mail[f] = exists[f] && sends[f] && active
                      ? R::mailbox(j, neighbour[f], 0, f ^ 1) + own +
                            (f < 2 ? c.y : c.z0) * B::RowPackets
                      : nullptr;
    V before[B::Column];
#pragma unroll
    for (int k = 0; k < B::Column; ++k)
      before[k] = R::load(j.before + at(c.z0 + k, c.y) + own * B::Vector);
#pragma unroll 1
    for (uint32_t s = 0; s < j.steps; ++s) {
      c.step(before, s);
      if (B::Receivers == 0 && s + 1 < j.steps)
        r.receive(buffers + ((s + 1) & 1) * B::BufferWords, s + 1,
                  int(threadIdx.x));
      __syncthreads();
    }
    const float *last =
        buffers + (j.steps & 1) * B::BufferWords + own * B::Vector;
    if (active)
#pragma unroll
      for (int k = 0; k < B::Column; ++k) {
        const int64_t p = at(c.z0 + k, c.y) + own * B::Vector;
        R::store(j.outCurrent + p,
                 R::load(R::rowOf(const_cast<float *>(last), c.z0 + k, c.y)));
        R::store(j.outBefore + p, before[k]);
      }
    return;
  }
#pragma unroll 1
  for (uint32_t s = 0; s < j.steps; ++s) {
    if (s + 1 < j.steps)
      r.receive(buffers + ((s + 1) & 1) * B::BufferWords, s + 1,
                int(threadIdx.x) - B::Computers * 32);
    __syncthreads();
  }
}

} // namespace rkbench::stencil
