#!/usr/bin/env python3
"""Compares random stencils with plain C++, bit for bit.

Makes `--count` stencil classes from `--seed`: 1 to 3 dimensions, radius 1 to 4,
star or box, one to three fields with one to three levels, coefficients and
parameters, expressions with branches, fields that are set in a branch only.
Compiles them with one call of rkc for each batch of `--batch`, and runs each on
grids of random sizes with random boundaries; with `--plan` by that plan, all steps
in one run, where it suits. With `--minutes` it goes on, batch
after batch, until the time is over.

usage: property.py --rkc RKC --tests FOLDER --include FOLDER...
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

MAIN = """
#include "stencils.h"
#include "Reference.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
using namespace reference;
static int failures = 0, refusals = 0, runs = 0;
// The plan to force: then all steps are one run, and a grid or a stencil that
// the plan refuses is left out.
static const char *const plan = std::getenv("RK_TEST_PLAN");
template <class S, class M, class T>
void compare(const char *name, rk::Stencil<S> &made, M member,
             const Grid<T> &expected, std::uint32_t level, int step) {
  std::vector<T> found(expected.values.size());
  if (!made.get(member, found, level).isOk())
    std::abort();
  for (std::size_t i = 0; i < found.size(); ++i)
    if (std::memcmp(&found[i], &expected.values[i], sizeof(T)) != 0) {
      std::printf("%s: cell %zu of a grid of %ld x %ld x %ld after step %d, "
                  "level %u: %.17g instead of %.17g\\n", name, i,
                  long(expected.size[0]), long(expected.size[1]),
                  long(expected.size[2]), step, level, double(found[i]),
                  double(expected.values[i]));
      ++failures;
      return;
    }
}
"""


class Array:
    def __init__(self, name, kind, levels, coefficient):
        self.name, self.type, self.levels = name, kind, levels
        self.coefficient = coefficient


class Stencil:
    """One class, and how plain C++ computes it."""

    def __init__(self, number, source, options):
        self.number, self.random = number, source
        self.dimensions = options.dimensions or source.randint(1, 3)
        self.radius = source.randint(1, options.radius)
        self.star = options.star or source.random() < 0.5
        self.arrays = [
            Array(f"f{i}", source.choice(["float", "double"]),
                  source.randint(1, 3), False)
            for i in range(source.randint(1, 3))
        ] + [
            Array(f"c{i}", source.choice(["float", "double"]), 1, True)
            for i in range(source.randint(0, 2))
        ]
        self.updates = []
        for array in self.arrays:
            if array.coefficient:
                continue
            if self.updates and source.random() < 0.2:
                continue  # a field that no step changes
            guard = self.condition(1) if source.random() < 0.3 else None
            self.updates.append((array, self.expression(array.type, 4), guard))

    def leaf(self, kind):
        choice = self.random.random()
        if choice < 0.1:
            return ("text", f"{kind}({self.random.randint(-8, 8)} / 8.0)")
        if choice < 0.15:
            return ("parameter", kind)
        if choice < 0.2:
            return ("position", kind, self.random.randrange(self.dimensions))
        array = self.random.choice(self.arrays)
        offset = [0, 0, 0]
        axes = range(self.dimensions)
        if self.star:
            axes = [self.random.randrange(self.dimensions)]
        for axis in axes:
            offset[axis] = self.random.randint(-self.radius, self.radius)
        return ("access", kind, array, self.random.randrange(array.levels),
                offset)

    def expression(self, kind, depth):
        if depth == 0 or self.random.random() < 0.1:
            return self.leaf(kind)
        if self.random.random() < 0.1:
            return ("choose", self.condition(depth - 1),
                    self.expression(kind, depth - 1),
                    self.expression(kind, depth - 1))
        return ("operation", self.random.choice("++--*"),
                self.expression(kind, depth - 1),
                self.expression(kind, depth - 1))

    def condition(self, depth):
        return ("operation", "<", self.expression("double", depth),
                self.expression("double", depth))

    def text(self, node, plain):
        if node[0] == "text":
            return node[1]
        if node[0] == "parameter":
            return f"{node[1]}({'self.' if plain else ''}scale)"
        if node[0] == "position":
            axis = "xyz"[node[2]]
            return f"{node[1]}({axis if plain else f'cell.{axis}()'} % 3)"
        if node[0] == "choose":
            a, b, c = (self.text(part, plain) for part in node[1:])
            return f"({a} ? {b} : {c})"
        if node[0] == "operation":
            a, b = (self.text(part, plain) for part in node[2:])
            return f"({a} {node[1]} {b})"
        _, kind, array, level, (x, y, z) = node
        if plain:
            return f"{kind}({array.name}[{level}].at(x + {x}, y + {y}, z + {z}))"
        if array.coefficient:
            return f"{kind}(cell.at<{x}, {y}, {z}>({array.name}))"
        return f"{kind}(cell.earlier<{level}, {x}, {y}, {z}>({array.name}))"

    def rk(self):
        members = "".join(
            f"  rk::Coefficients<{a.type}> {a.name};\n" if a.coefficient else
            f"  rk::Field<{a.type}, {a.levels}> {a.name};\n"
            for a in self.arrays)
        shape = "rk::Shape::Star" if self.star else "rk::Shape::Box"
        body = ""
        for array, expression, guard in self.updates:
            kind = array.type
            body += (f"    {{ {kind} v = {self.text(expression, False)};\n"
                     f"      v = v > 2 ? {kind}(2) : v < -2 ? {kind}(-2) : v;\n"
                     "      " +
                     (f"if ({self.text(guard, False)}) " if guard else "") +
                     f"cell.set({array.name}, v); }}\n")
        return (f"class [[rk::stencil]] S{self.number} {{\npublic:\n{members}"
                "  float scale = 0.75f;\n  [[rk::update]] void update("
                f"rk::Cell<{self.dimensions}, {self.radius}, {shape}> &cell) "
                f"const {{\n{body}  }}\n}};\n")

    def test(self):
        name = f"S{self.number}"
        lines = [f"static void test{self.number}(std::mt19937_64 &random) {{",
                 "  const Faces faces = randomFaces(random);",
                 "  const rk::GridPoint size = {std::int64_t(random() % "
                 "(plan ? 300 : 70) + 1),"
                 f" {'std::int64_t(random() % (plan ? 60 : 9) + 1)' if self.dimensions > 1 else 0},"
                 f" {'std::int64_t(random() % (plan ? 40 : 7) + 1)' if self.dimensions > 2 else 0}}};",
                 "  const int last = plan ? int(random() % 13) + 1 : 4;",
                 f"  {name} self; self.scale = float(random() % 16) / 16;",
                 "  rk::StencilOptions options; options.faces = faces;",
                 "  options.threads = unsigned(random() % 3 + 1);",
                 "  if (plan) options.plan = plan;",
                 f"  auto made = rk::Stencil<{name}>::create(self, size, options);",
                 "  if (plan && made.status().code() == "
                 "rk::StatusCode::InvalidArgument) { ++refusals; return; }",
                 "  ++runs;",
                 "  if (!made.isOk()) { std::puts(made.status().message()."
                 "c_str()); std::abort(); }"]
        for a in self.arrays:
            lines += [f"  std::vector<Grid<{a.type}>> {a.name}({a.levels}, "
                      f"Grid<{a.type}>(size, faces));",
                      f"  for (unsigned l = 0; l < {a.levels}; ++l) {{",
                      f"    {a.name}[l].continues = "
                      f"{str(a.coefficient).lower()};",
                      f"    randomize({a.name}[l], random);",
                      f"    made->set(&{name}::{a.name}, {a.name}[l].values" +
                      ("" if a.coefficient else ", l") + "); }"]
        lines.append("  for (int step = 1; step <= last; ++step) {")
        for a, _, _ in self.updates:
            lines.append(f"    auto new_{a.name} = {a.name}[0];")
        lines.append(f"    forEachCell({self.arrays[0].name}[0], "
                     "[&](auto x, auto y, auto z) {\n      (void)y; (void)z;")
        for a, expression, guard in self.updates:
            lines.append(f"      {{ {a.type} v = {self.text(expression, True)};"
                         f"\n        v = v > 2 ? {a.type}(2) : v < -2 ? "
                         f"{a.type}(-2) : v;\n        " +
                         (f"if ({self.text(guard, True)}) " if guard else "") +
                         f"new_{a.name}.cell(x, y, z) = v; }}")
        lines.append("    });")
        for a, _, _ in self.updates:
            lines.append(f"    {a.name}.insert({a.name}.begin(), new_{a.name});"
                         f" {a.name}.pop_back();")
        lines.append("    if (plan && step < last) continue;")
        lines.append("    if (!made->run(plan ? last : 1).isOk()) std::abort();")
        for a in self.arrays:
            if not a.coefficient:
                lines.append(f"    for (unsigned l = 0; l < {a.levels}; ++l) "
                             f'compare("{name}", *made, &{name}::{a.name}, '
                             f"{a.name}[l], l, step);")
        return "\n".join(lines) + "\n  }\n}\n"


def run_batch(options, seed, count, folder):
    """Returns whether all stencils of one batch agree."""
    source = random.Random(seed)
    stencils = [Stencil(number, source, options) for number in range(count)]
    (folder / "stencils.h").write_text(
        "#pragma once\n#include <rk/stencil.h>\n" +
        "".join(stencil.rk() for stencil in stencils))
    (folder / "stencils.cpp").write_text('#include "stencils.h"\n')
    calls = "".join(f"    test{s.number}(random);\n" for s in stencils)
    (folder / "main.cpp").write_text(
        MAIN + "".join(stencil.test() for stencil in stencils) +
        "int main() {\n  std::mt19937_64 random(" + str(seed) +
        ");\n  for (int round = 0; round < " + str(options.rounds) +
        "; ++round) {\n" + calls +
        "  }\n  std::printf(\"%d runs, %d refused, %d wrong\\n\", runs, "
        "refusals, failures);\n  return failures != 0;\n}\n")
    program = folder / "program"
    command = [options.rkc, folder / "stencils.cpp", folder / "main.cpp", "-o",
               program, f"--arch={options.arch}", "-O2", "-I", options.tests]
    for include in options.include:
        command += ["-I", include]
    command += ["-Xhost", "-ffp-contract=off", "-Xhost", "-w",
                "-Xhost", "-static-libstdc++", "-Xhost", "-static-libgcc"]
    environment = dict(os.environ)
    if options.plan:
        environment["RK_TEST_PLAN"] = options.plan
    for step in (command, [program]):
        done = subprocess.run(step, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=900,
                              check=False)
        if done.returncode != 0:
            print(f"seed {seed}: {' '.join(map(str, step))}\n{done.stdout}")
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rkc", required=True)
    parser.add_argument("--tests", required=True)
    parser.add_argument("--include", nargs="*", default=[])
    parser.add_argument("--arch", default="host")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--plan", help="the plan to run by")
    parser.add_argument("--rounds", type=int, default=6,
                        help="grids for each stencil")
    parser.add_argument("--dimensions", type=int, default=0,
                        help="of all stencils; 0: 1 to 3")
    parser.add_argument("--radius", type=int, default=4, help="the widest")
    parser.add_argument("--star", action="store_true",
                        help="no boxes: neighbours on the axes only")
    parser.add_argument("--keep", help="a folder for the last batch's sources")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    made, seed = 0, options.seed
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.keep or temporary)
        folder.mkdir(exist_ok=True)
        while made < options.count or time.monotonic() < end:
            if not run_batch(options, seed, options.batch, folder):
                return 1
            made += options.batch
            seed += 1
    print(f"{made} stencils agree with plain C++ (seeds {options.seed} to "
          f"{seed - 1})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
