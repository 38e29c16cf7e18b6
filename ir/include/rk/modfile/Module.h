//===- Module.h - What a module file says ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The content of a `.rkm` file as plain structures: the types and handlers of
/// the actors of one program, and the compiled images for each target.
///
/// There are two kinds of each structure. `Module` owns its text and bytes; the
/// compiler fills it and writes it. `ModuleView` points into the bytes of a
/// file, which must live as long as the view; reading gives it.
///
/// Indices: a message type and an actor type have an index, which generated
/// code uses. The indices of a module's message types are 0 to n-1 without
/// gaps, and so are those of its actor types.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"
#include "rk/abi/Runtime.h"
#include "rk/abi/Stencil.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rk::modfile {

/// The largest number of message types and of actor types in one module.
/// `abi::NoMessage` is no type's index; a slot names its type in 16 bits.
inline constexpr std::uint32_t MaxMessageTypes = abi::NoMessage;
inline constexpr std::uint32_t MaxActorTypes = 0xffff;

/// Text and bytes that a structure holds itself.
struct Owned {
  using Text = std::string;
  using Bytes = std::vector<std::byte>;
};
/// Text and bytes that lie in the file that was read.
struct Viewed {
  using Text = std::string_view;
  using Bytes = std::span<const std::byte>;
};

template <class Storage> struct BasicMessageType {
  /// Qualified C++ name.
  typename Storage::Text name;
  /// FNV-1a 64 of `typeid(T).name()`: what host code looks a type up by.
  std::uint64_t hash = 0;
  /// Units     bytes; `align` is a power of two that divides `size`.
  std::uint32_t size = 0;
  std::uint32_t align = 0;
  std::uint32_t index = 0;
  /// It begins with an `abi::BulkReference`.
  bool isBulk = false;
  bool operator==(const BasicMessageType &) const = default;
};

/// One data member of an actor's state.
template <class Storage> struct BasicField {
  typename Storage::Text name;
  /// Units     bytes from the start of the state.
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  bool operator==(const BasicField &) const = default;
};

template <class Storage> struct BasicActorType {
  /// Qualified C++ name.
  typename Storage::Text name;
  /// FNV-1a 64 of `typeid(T).name()`.
  std::uint64_t hash = 0;
  /// Units     bytes; `align` is a power of two that divides `size`.
  std::uint32_t size = 0;
  std::uint32_t align = 0;
  std::uint32_t index = 0;
  /// Where the class is defined; an empty file name and line 0 if unknown.
  typename Storage::Text file;
  std::uint32_t line = 0;
  /// In the order of declaration.
  std::vector<BasicField<Storage>> fields;
  /// What becomes of messages that find the actor's mailbox full.
  abi::WhenFull whenFull = abi::WhenFull::Fail;
  /// Each of its actors has a warp to itself, and its state in shared memory.
  bool isResident = false;
  bool operator==(const BasicActorType &) const = default;
};

template <class Storage> struct BasicHandler {
  /// Indices of the actor type, the message it takes, and the message it
  /// replies with (`abi::NoMessage` if it does not reply).
  std::uint32_t actor = 0;
  std::uint32_t message = 0;
  std::uint32_t reply = abi::NoMessage;
  /// How many lanes run one call: one of `abi::LanesOf`.
  std::uint32_t lanes = 1;
  typename Storage::Text file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  bool operator==(const BasicHandler &) const = default;
};

/// Returns "fail", "dead letter" or "drop oldest"; "unknown" for any other.
constexpr std::string_view whenFullName(abi::WhenFull whenFull) {
  switch (whenFull) {
  case abi::WhenFull::Fail:
    return "fail";
  case abi::WhenFull::DeadLetter:
    return "dead letter";
  case abi::WhenFull::DropOldest:
    return "drop oldest";
  }
  return "unknown";
}

/// A field of a stencil, or coefficients; see `rk/abi/Stencil.h`.
template <class Storage> struct BasicStencilArray {
  typename Storage::Text name;
  /// Units     bytes from the start of the class.
  std::uint32_t offset = 0;
  /// The size of a value, and whether it is a floating-point number: of 2
  /// bytes half precision, or bf16 if `isBrain`.
  std::uint32_t elementBytes = 0;
  bool isFloat = false;
  bool isBrain = false;
  std::uint32_t levels = 1;
  /// How many arrays in memory it takes.
  std::uint32_t entries = 1;
  bool isCoefficient = false;
  /// A step changes it.
  bool isWritten = false;
  /// Units     cells along x, y, z: how far away it is read.
  std::uint32_t halo[3] = {};
  /// Which word of a member whose values are larger than 8 bytes. The parts of
  /// a member follow each other.
  std::uint32_t part = 0;
  bool operator==(const BasicStencilArray &) const = default;
};

/// A function that gives fields their values beyond faces.
template <class Storage> struct BasicStencilBoundary {
  /// A kernel that takes an `abi::StencilOutside`; empty: there is none.
  typename Storage::Text entry;
  /// A bit for each array: whether it is set.
  std::uint32_t sets = 0;
  /// At how many time levels, from 0, it finds all that it reads.
  std::uint32_t levels = 0;
  /// Its values depend on the number of the step.
  bool readsStep = false;
  /// One more than the cells inside of a face that it reads at most; 0: not
  /// known, in a module made before plans of several steps had boundaries.
  std::uint32_t reach = 0;
  bool operator==(const BasicStencilBoundary &) const = default;
};

/// What makes one value of all cells; see `rk/abi/StencilFold.h`.
template <class Storage> struct BasicStencilReduction {
  typename Storage::Text name;
  /// FNV-1a 64 of `typeid(rk::detail::ReductionTag<Method>).name()`.
  std::uint64_t hash = 0;
  /// Kernels that take an `abi::StencilFold`: of cells, and of later stages.
  typename Storage::Text entry, foldEntry;
  /// Units     bytes: a value.
  std::uint32_t size = 0;
  std::uint32_t align = 0;
  bool operator==(const BasicStencilReduction &) const = default;
};

/// A kernel that runs a stencil.
template <class Storage> struct BasicStencilPlan {
  typename Storage::Text name;
  typename Storage::Text entry;
  /// Threads of a block, and the cells that it is for (0: all of an axis).
  std::uint32_t block[3] = {1, 1, 1};
  std::uint32_t tile[3] = {1, 1, 1};
  /// How many steps a launch makes.
  std::uint32_t steps = 1;
  /// Units     bytes of dynamic shared memory.
  std::uint32_t sharedBytes = 0;
  bool operator==(const BasicStencilPlan &) const = default;
};

template <class Storage> struct BasicStencil {
  /// Qualified C++ name.
  typename Storage::Text name;
  /// FNV-1a 64 of `typeid(T).name()`.
  std::uint64_t hash = 0;
  /// Units     bytes: the object with the parameters.
  std::uint32_t size = 0;
  std::uint32_t align = 0;
  std::uint32_t dimensions = 1;
  std::uint32_t radius = 1;
  typename Storage::Text file;
  std::uint32_t line = 0;
  /// In the order of declaration, which is that of a launch's table.
  std::vector<BasicStencilArray<Storage>> arrays;
  /// The most general one first.
  std::vector<BasicStencilPlan<Storage>> plans;
  /// Arithmetic instructions of the update of one cell; 0: not known.
  std::uint32_t operations = 0;
  abi::StencilNeighbours neighbours{};
  BasicStencilBoundary<Storage> boundary;
  /// In the order of declaration.
  std::vector<BasicStencilReduction<Storage>> reductions;
  bool operator==(const BasicStencil &) const = default;
};

enum class ImageKind : std::uint32_t {
  Cubin = 1,      ///< machine code for one GPU, as ptxas writes it
  Ptx = 2,        ///< text that the driver compiles, for GPUs newer than it
  HostObject = 3, ///< an ELF shared object for the CPU back end
};

/// Returns "cubin", "ptx" or "host-object"; "unknown" for any other value.
constexpr std::string_view imageKindName(ImageKind kind) {
  switch (kind) {
  case ImageKind::Cubin:
    return "cubin";
  case ImageKind::Ptx:
    return "ptx";
  case ImageKind::HostObject:
    return "host-object";
  }
  return "unknown";
}

template <class Storage> struct BasicImage {
  ImageKind kind = ImageKind::Cubin;
  /// "sm_90a", "x86_64-v3".
  typename Storage::Text target;
  /// The symbol that starts it: a kernel, or a function of the shared object.
  /// Empty: `rk_kernel`, or `rk_agent_run` of a shared object.
  typename Storage::Text entry;
  /// What the entry needs, as ptxas reports it; 0 for PTX and for the host.
  /// Units     registers: 32-bit, for each thread; stack and spills: bytes for
  ///           each thread; shared: bytes for each block.
  std::uint32_t registers = 0;
  std::uint32_t stackBytes = 0;
  std::uint32_t spillBytes = 0;
  std::uint32_t sharedBytes = 0;
  /// Read from a file, it lies at a multiple of 64 bytes from the file's start,
  /// and a zero byte that is not part of it follows: PTX can be given to the
  /// driver as it is.
  typename Storage::Bytes payload;
};

template <class Storage> struct BasicModule {
  typename Storage::Text name;
  /// The program that made it: "rkc 0.1.0".
  typename Storage::Text producer;
  /// The layouts of `rk/abi/` that the images were compiled for. The runtime
  /// refuses a module with another one than its own.
  std::uint32_t runtimeVersion = abi::RuntimeVersion;
  /// Sorted by index when read: `messages[i].index == i`, `actors[i].index`
  /// likewise; handlers by actor, then message; images by kind, then target.
  std::vector<BasicMessageType<Storage>> messages;
  std::vector<BasicActorType<Storage>> actors;
  std::vector<BasicHandler<Storage>> handlers;
  std::vector<BasicImage<Storage>> images;
  /// Sorted by name when read.
  std::vector<BasicStencil<Storage>> stencils;
};

using MessageType = BasicMessageType<Owned>;
using Field = BasicField<Owned>;
using ActorType = BasicActorType<Owned>;
using Handler = BasicHandler<Owned>;
using Image = BasicImage<Owned>;
using StencilArray = BasicStencilArray<Owned>;
using StencilPlan = BasicStencilPlan<Owned>;
using StencilBoundaryCode = BasicStencilBoundary<Owned>;
using StencilReduction = BasicStencilReduction<Owned>;
using Stencil = BasicStencil<Owned>;
using Module = BasicModule<Owned>;

using MessageTypeView = BasicMessageType<Viewed>;
using FieldView = BasicField<Viewed>;
using ActorTypeView = BasicActorType<Viewed>;
using HandlerView = BasicHandler<Viewed>;
using ImageView = BasicImage<Viewed>;
using StencilArrayView = BasicStencilArray<Viewed>;
using StencilPlanView = BasicStencilPlan<Viewed>;
using StencilBoundaryView = BasicStencilBoundary<Viewed>;
using StencilReductionView = BasicStencilReduction<Viewed>;
using StencilView = BasicStencil<Viewed>;
using ModuleView = BasicModule<Viewed>;

/// Returns a view of `module`, valid while `module` lives unchanged.
ModuleView viewOf(const Module &module);
/// Returns a copy that owns its text and payloads.
Module ownedCopy(const ModuleView &module);

} // namespace rk::modfile
