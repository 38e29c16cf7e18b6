//===- actors.h - Savina's programs as actors -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// All actors of `rk-savina`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Big.h"
#include "ForkJoin.h"
#include "Messaging.h"
#include "Skynet.h"
