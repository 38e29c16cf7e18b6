//===- Populate.h - What memory holds before the start ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes the initial content of the memory that `Layout.h` laid out, the same
/// for every back end.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"
#include "Layout.h"

namespace rk::runtime {

/// Fills the device block at `device` and makes its `Launch`; the states and
/// how far they reach are `StateMemory`'s.
///
/// Errors    those of the back end's copies.
Status populate(Backend &backend, const Layout &layout,
                const modfile::ModuleView &module, DeviceAddress device,
                const HostBlock &host, const LaneBlock &lanes,
                DeviceAddress states);

} // namespace rk::runtime
