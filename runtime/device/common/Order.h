//===- Order.h - Orders and scopes of atomics ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The primary templates that `nvptx/Atomics.h` and `host/Atomics.h`
/// specialise. A combination that no column defines does not compile.
///
//===----------------------------------------------------------------------===//

#pragma once

namespace rk::device {

/// For what is rare or long: kept out of the loop that every message takes,
/// which is inlined into one piece.
#define RK_OUT_OF_LINE [[gnu::noinline]]

enum class Order { Relaxed, Acquire, Release, AcquireRelease };
/// `Device`: agents of one device. `System`: also the host.
enum class Scope { Device, System };

template <Order order, Scope scope, class T> T load(const T *from) = delete;
template <Order order, Scope scope, class T>
void store(T *to, T value) = delete;
/// Returns the value before the addition.
template <Order order, Scope scope, class T>
T fetchAdd(T *at, T operand) = delete;
/// Adds and does not ask for the sum, so nothing waits for it. On a GPU a
/// `fetchAdd` is waited for where its function returns, even if nobody wants
/// the value: a trip to the L2 cache. (Source: SASS of ptxas 13.0; ATOMG to RZ
/// sets a scoreboard, REDG does not.)
template <Order order, Scope scope, class T>
void add(T *at, T operand) = delete;
template <Order order, Scope scope, class T>
T fetchOr(T *at, T operand) = delete;
template <Order order, Scope scope, class T>
T fetchAnd(T *at, T operand) = delete;
/// Returns the value found; it was replaced if it equals `expected`.
template <Order order, Scope scope, class T>
T compareExchange(T *at, T expected, T desired) = delete;
/// Acquire and release for everything before and after, at `scope`.
template <Scope scope> void fence() = delete;

/// Loads two words in a row, each as `load<TakeForReuse>` does.
template <Scope scope, class T>
void loadPair(const T *from, T &first, T &second) = delete;

/// Stores two words in a row, relaxed; others may see one before the other.
template <Scope scope, class T>
void storePair(T *to, T first, T second) = delete;

/// Loads two words in a row that may change meanwhile, and need not be the
/// newest: on a GPU they may come from the L1 cache.
template <class T>
void loadCachedPair(const T *from, T &first, T &second) = delete;

/// Reads or writes one piece of a packet; a piece read has the words that
/// belong to its mark.
template <Scope scope, class Piece> Piece loadPiece(const Piece *from) = delete;
template <Scope scope, class Piece>
void storePiece(Piece *to, Piece piece) = delete;

} // namespace rk::device
