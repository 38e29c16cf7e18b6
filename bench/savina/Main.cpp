//===- Main.cpp - rk-savina: Savina's programs on RingKernel ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the programs that were asked for, or all, and prints one JSON row a
/// line, after one line about where they ran.
///
//===----------------------------------------------------------------------===//

#include "../common/Program.h"
#include "Programs.h"

namespace {

using namespace savina;

using Program = rkbench::Part<Settings>;

constexpr Program Programs[] = {
    {"ping-pong", "two actors send one message to and fro", pingPong},
    {"counting", "one actor sends, one counts", counting},
    {"fork-join-throughput", "one actor sends to many", forkJoinThroughput},
    {"fork-join-create", "one actor makes many", forkJoinCreate},
    {"thread-ring", "one message goes round a ring of actors", threadRing},
    {"big", "many actors send to random others", big},
    {"skynet", "a tree of actors is made and added up", skynet},
};

} // namespace

int main(int count, char **arguments) {
  return rkbench::runProgram({.name = "rk-savina", .prefix = "savina-"},
                             Programs, count, arguments);
}
