// REQUIRES: ptxas
// RUN: rk-opt %s --rk-gate=target=sm_90 --rk-to-nvvm --rk-verify-lowered=target=sm_90 > %t.mlir
// RUN: mlir-translate --mlir-to-llvmir %t.mlir | FileCheck %s --check-prefix=LLVM --implicit-check-not=atomicrmw
// RUN: mlir-translate --mlir-to-llvmir %t.mlir | llc -O2 -march=nvptx64 -mcpu=sm_90 -mattr=+ptx90 -o %t.ptx
// RUN: FileCheck %s --check-prefix=PTX < %t.ptx
// RUN: ptxas -c -arch=sm_90 %t.ptx -o %t.cubin

// Every order and scope arrives in the instruction; no update is left to LLVM.

module attributes {llvm.data_layout = "e-i64:64-i128:128-v16:16-v32:32-n16:32:64", llvm.target_triple = "nvptx64-nvidia-cuda"} {
// LLVM-LABEL: define void @orders(
// PTX-LABEL: orders(
llvm.func @orders(%p: !llvm.ptr, %x: i64) {
  // PTX: atom.relaxed.gpu.add.u64
  %0 = rk.atomic.rmw <add> %p, %x order<relaxed> scope<device> : !llvm.ptr, i64
  // PTX: atom.acquire.cta.exch.b64
  %1 = rk.atomic.rmw <exchange> %p, %x order<acquire> scope<block> : !llvm.ptr, i64
  // PTX: atom.release.cluster.and.b64
  %2 = rk.atomic.rmw <and> %p, %x order<release> scope<cluster> : !llvm.ptr, i64
  // PTX: atom.acq_rel.sys.or.b64
  %3 = rk.atomic.rmw <or> %p, %x order<acq_rel> scope<system> : !llvm.ptr, i64
  // PTX: fence.sc.sys
  // PTX: atom.acq_rel.sys.xor.b64
  %4 = rk.atomic.rmw <xor> %p, %x order<seq_cst> scope<system> : !llvm.ptr, i64
  llvm.return
}

// PTX-LABEL: widths(
llvm.func @widths(%p: !llvm.ptr<1>, %s: !llvm.ptr<3>, %x: i32) {
  // PTX: atom.relaxed.gpu.global.min.u32
  %0 = rk.atomic.rmw <umin> %p, %x order<relaxed> scope<device> : !llvm.ptr<1>, i32
  // PTX: atom.relaxed.gpu.global.max.u32
  %1 = rk.atomic.rmw <umax> %p, %x order<relaxed> scope<device> : !llvm.ptr<1>, i32
  // PTX: atom.relaxed.cta.shared.min.s32
  %2 = rk.atomic.rmw <smin> %s, %x order<relaxed> scope<block> : !llvm.ptr<3>, i32
  // PTX: atom.relaxed.cta.shared.max.s32
  %3 = rk.atomic.rmw <smax> %s, %x order<relaxed> scope<block> : !llvm.ptr<3>, i32
  llvm.return
}

// LLVM-LABEL: define i32 @accesses(
// PTX-LABEL: accesses(
llvm.func @accesses(%p: !llvm.ptr, %x: i32) -> i32 {
  // LLVM: load atomic i32, ptr %{{.+}} syncscope("device") acquire, align 4
  // PTX: ld.acquire.gpu.b32
  %0 = rk.atomic.load %p order<acquire> scope<device> : !llvm.ptr -> i32
  // LLVM: store atomic i32 %{{.+}}, ptr %{{.+}} release, align 4
  // PTX: st.release.sys.b32
  rk.atomic.store %0, %p order<release> scope<system> : i32, !llvm.ptr
  // LLVM: cmpxchg ptr %{{.+}}, i32 %{{.+}}, i32 %{{.+}} syncscope("block") acq_rel acquire
  // PTX: atom.acq_rel.cta.cas.b32
  %1 = rk.atomic.cas %p, %0, %x order<acq_rel> scope<block> : !llvm.ptr, i32
  // LLVM: cmpxchg {{.*}} syncscope("cluster") release monotonic
  // PTX: atom.release.cluster.cas.b32
  %2 = rk.atomic.cas %p, %1, %x order<release> scope<cluster> : !llvm.ptr, i32
  // LLVM: fence syncscope("device") seq_cst
  // PTX: fence.sc.gpu
  rk.fence order<seq_cst> scope<device>
  llvm.return %2 : i32
}
}
