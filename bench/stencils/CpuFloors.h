//===- CpuFloors.h - What a processor can do at most -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Rates that the rows of the CPU back end stand beside, measured in the same
/// program. Written by hand, compiled with -O3 for x86-64-v3, as modules are.
///
//===----------------------------------------------------------------------===//

#pragma once

/// Units     bytes a second that a program names: a line that is written comes
///           to the cache first unless it was read, which is not counted.
struct CpuFloors {
  double copy = 0;   ///< `to[i] = from[i]`, 8 bytes
  double update = 0; ///< `to[i] = from[i] - to[i]`, 12 bytes: as a wave's step
};

/// Measures with arrays of `megabytes` each, much more than the caches hold.
CpuFloors measureFloors(unsigned threads, unsigned long megabytes);

/// The wave's step as three loops over rows, planes shared among threads that
/// live for all steps. Units     cells a second.
template <class T> double plainRate(unsigned threads, long n);
