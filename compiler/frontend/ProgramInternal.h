//===- ProgramInternal.h - What the AST says about actors ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Actors, handlers and messages as plain data: what the Clang half of the
/// frontend hands to the MLIR half, so that no file includes both.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"
#include "rk/abi/Residents.h"

#include <cstdint>
#include <string>
#include <vector>

namespace rkc::frontend {

/// A place in a source file; line and column count from 1.
struct SourcePoint {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
};

/// A type that travels as bytes: a message, or an actor's state.
struct TypeRecord {
  std::string name; ///< qualified C++ name
  uint64_t hash = 0;
  uint64_t size = 0;
  uint64_t align = 0;
  std::string tag;     ///< mangled `rk::detail::typeTag<T>`
  bool isBulk = false; ///< a message that carries a bulk payload
  SourcePoint where;
};

struct FieldRecord {
  std::string name;
  std::string type;
  uint64_t offset = 0;
  uint64_t size = 0;
  SourcePoint where;
};

struct HandlerRecord {
  std::string message;
  std::string reply; ///< empty if the handler returns void
  std::string thunk; ///< mangled `rk::detail::handlerThunk<A, M>`
  rk::abi::Lanes lanes = rk::abi::Lanes::One;
  SourcePoint where;
};

struct ActorRecord : TypeRecord {
  rk::abi::WhenFull whenFull = rk::abi::WhenFull::Fail;
  bool isResident = false;
  std::vector<FieldRecord> fields;
  std::vector<HandlerRecord> handlers;
};

/// A field of a stencil, or coefficients.
struct StencilArrayRecord {
  std::string name;
  uint64_t offset = 0;  ///< of the member in the class
  uint64_t bytes = 0;   ///< of a value
  bool isFloat = false; ///< _Float16, float or double
  bool isBrain = false; ///< rk::bf16
  unsigned part = 0;    ///< which word of a larger value
  unsigned levels = 1;
  bool isCoefficient = false;
  SourcePoint where;
};

/// A member function of a stencil that the device calls.
struct StencilMethodRecord {
  std::string name;
  std::string thunk; ///< mangled; empty if the stencil has none
  SourcePoint where;
};

/// A member function whose value for each cell is reduced.
struct StencilReductionRecord {
  StencilMethodRecord term;
  /// What combines two values, and what does a later stage; mangled.
  std::string combine, fold;
  uint64_t hash = 0; ///< of `rk::detail::ReductionTag<Method>`
  uint64_t size = 0, align = 0;
};

struct StencilRecord : TypeRecord {
  unsigned dimensions = 1;
  unsigned radius = 1;
  bool isStar = false;
  StencilMethodRecord update, boundary;
  std::vector<StencilArrayRecord> arrays;
  std::vector<StencilReductionRecord> reductions;

  /// Those that it has.
  [[nodiscard]] std::vector<const StencilMethodRecord *> methods() const;
  /// All functions that the device calls.
  [[nodiscard]] std::vector<std::string> functions() const;
};

/// All of one module. Sorted by name once collected.
struct Program {
  std::vector<TypeRecord> messages;
  std::vector<ActorRecord> actors;
  std::vector<StencilRecord> stencils;
};

/// Merges the program of another source file. Returns the name of a type that
/// the two define differently, or an empty string.
std::string mergeProgram(Program &into, Program &&from);

/// Returns the program as text, one line a type, handler or field.
std::string describeProgram(const Program &program);

} // namespace rkc::frontend
