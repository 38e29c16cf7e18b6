//===- blocks.cpp - The module of copies by blocks ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "blocks.h"

template class BlockCarrier<Way::Together>;
template class BlockCarrier<Way::Registers>;
