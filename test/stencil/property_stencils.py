"""Random stencils: their classes, and how plain C++ computes them."""

import random

INTEGERS = ("std::uint8_t", "std::uint32_t")
KINDS = ("float",) * 5 + ("double",) * 3 + INTEGERS

MAIN = """#include "stencils.h"
#include "PropertyMain.h"
using property::Case;
using reference::forEachCell;
static std::uint32_t u32(std::uint32_t value) { return value; }
"""


class Shape:
    """What all stencils of a batch may be."""

    def __init__(self, dimensions=0, radius=4, star=False):
        self.dimensions, self.radius, self.star = dimensions, radius, star


class Array:
    def __init__(self, name, kind, levels, coefficient):
        self.name, self.type, self.levels = name, kind, levels
        self.coefficient = coefficient


class Stencil:
    """One class, and how plain C++ computes it.

    An expression is a tuple whose second element is its kind: float, double, or
    u32, in which integers are computed."""

    def __init__(self, number, source, shape):
        self.number, self.random = number, source
        self.dimensions = shape.dimensions or source.choice((1, 2, 3, 3))
        self.radius = source.choice([r for r in (1, 1, 2, 2, 3, 4)
                                     if r <= shape.radius])
        self.star = shape.star or source.random() < 0.5
        self.depth = source.choice((2, 3, 4))
        self.arrays = [
            Array(f"f{i}", source.choice(KINDS) if i else "float",
                  source.randint(1, 3), False)
            for i in range(source.choice((1, 1, 2, 3)))
        ] + [
            Array(f"c{i}", source.choice(KINDS), 1, True)
            for i in range(source.choice((0, 0, 1, 2)))
        ]
        if source.random() < 0.3:
            self.arrays[0].type = "double"
        self.updates = []
        for array in self.arrays:
            if array.coefficient:
                continue
            if self.updates and source.random() < 0.2:
                if array.levels > 1:
                    self.updates.append((array, None, None))
                continue  # a field that no step sets
            guard = self.condition(1) if source.random() < 0.3 else None
            if guard and array.levels == 1:
                # Layers damp it if it is set somewhere: LLVM must not see that
                # the guard is false, as whole numbers may let it.
                guard = ("operation", "bool", "||", guard,
                         ("operation", "bool", "<",
                          ("access", "double", self.arrays[0], 0, [0, 0, 0]),
                          ("parameter", "double")))
            kind = "u32" if array.type in INTEGERS else array.type
            self.updates.append((array, self.expression(kind, self.depth),
                                 guard))

    def leaf(self, kind):
        choice = self.random.random()
        if choice < 0.1:
            if kind == "u32":
                return ("text", kind, f"u32({self.random.randint(0, 300)})")
            return ("text", kind, f"{kind}({self.random.randint(-8, 8)} / 8.0)")
        if choice < 0.15 and kind != "u32":
            return ("parameter", kind)
        if choice < 0.2:
            return ("position", kind, self.random.randrange(self.dimensions))
        arrays = [array for array in self.arrays
                  if kind != "u32" or array.type in INTEGERS]
        array = self.random.choice(arrays)
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
            return ("choose", kind, self.condition(depth - 1),
                    self.expression(kind, depth - 1),
                    self.expression(kind, depth - 1))
        return ("operation", kind, self.random.choice("++--*"),
                self.expression(kind, depth - 1),
                self.expression(kind, depth - 1))

    def condition(self, depth):
        return ("operation", "bool", "<", self.expression("double", depth),
                self.expression("double", depth))

    def access(self, array, level, offset, plain):
        x, y, z = offset
        if plain:
            return f"{array.name}[{level}].at(x + {x}, y + {y}, z + {z})"
        if array.coefficient:
            return f"cell.at<{x}, {y}, {z}>({array.name})"
        return f"cell.earlier<{level}, {x}, {y}, {z}>({array.name})"

    def text(self, node, plain):
        what, kind = node[:2]
        if what == "text":
            return node[2]
        if what == "parameter":
            return f"{kind}({'self.' if plain else ''}scale)"
        if what == "position":
            axis = "xyz"[node[2]]
            return f"{kind}({axis if plain else f'cell.{axis}()'} % 3)"
        if what == "choose":
            a, b, c = (self.text(part, plain) for part in node[2:])
            return f"({a} ? {b} : {c})"
        if what == "operation":
            a, b = (self.text(part, plain) for part in node[3:])
            return f"({a} {node[2]} {b})"
        value = self.access(*node[2:], plain)
        # Small, as floating-point numbers are clamped to 2.
        if kind != "u32" and node[2].type in INTEGERS:
            value += " % 4"
        return f"{kind}({value})"

    def update(self, array, expression, guard, plain, store):
        if expression is None:
            return ""
        kind = array.type
        text = f"{kind} v = {kind}({self.text(expression, plain)}); "
        if kind not in INTEGERS:
            text += f"v = v > 2 ? {kind}(2) : v < -2 ? {kind}(-2) : v; "
        if guard:
            text += f"if ({self.text(guard, plain)}) "
        return "{ " + text + store + " }\n"

    def rk(self):
        members = "".join(
            f"  rk::Coefficients<{a.type}> {a.name};\n" if a.coefficient else
            f"  rk::Field<{a.type}, {a.levels}> {a.name};\n"
            for a in self.arrays)
        shape = "rk::Shape::Star" if self.star else "rk::Shape::Box"
        body = "".join(
            "    " + self.update(*update, False,
                                 f"cell.set({update[0].name}, v);")
            for update in self.updates)
        return (f"class [[rk::stencil]] S{self.number} {{\npublic:\n{members}"
                "  float scale = 0.75f;\n"
                "  static std::uint32_t u32(std::uint32_t v) { return v; }\n"
                "  [[rk::update]] void update("
                f"rk::Cell<{self.dimensions}, {self.radius}, {shape}> &cell) "
                f"const {{\n{body}  }}\n}};\n")

    def test(self):
        name = f"S{self.number}"
        lines = [f"static void test{self.number}(Case &test) {{",
                 f"  {name} self; self.scale = test.scale();",
                 f'  auto made = test.make<{name}>("{name}", self, '
                 f"{self.dimensions});",
                 "  if (!made) return;"]
        for a in self.arrays:
            kind = "coefficients" if a.coefficient else "field"
            levels = "" if a.coefficient else f", {a.levels}"
            lines.append(f"  auto {a.name} = test.{kind}<{a.type}>(*made, "
                         f"&{name}::{a.name}{levels});")
        lines.append("  auto step = [&] {")
        lines += [f"    auto new_{a.name} = {a.name}[0];"
                  for a, _, _ in self.updates]
        lines.append(f"    forEachCell({self.arrays[0].name}[0], "
                     "[&](auto x, auto y, auto z) {")
        lines += ["      " + self.update(*update, True,
                                         f"new_{update[0].name}.cell(x, y, z) = v;")
                  for update in self.updates]
        lines.append("    });")
        lines += [f"    test.advance({a.name}, std::move(new_{a.name}));"
                  for a, _, _ in self.updates]
        lines += ["  };", "  test.run(*made, step, [&] {"]
        lines += [f"    test.compare(*made, &{name}::{a.name}, {a.name});"
                  for a in self.arrays if not a.coefficient]
        return "\n".join(lines) + "\n  });\n}\n"


def write_program(folder, seed, count, shape):
    """Writes stencils.h, stencils.cpp and main.cpp."""
    source = random.Random(seed)
    stencils = [Stencil(number, source, shape) for number in range(count)]
    (folder / "stencils.h").write_text(
        "#pragma once\n#include <rk/stencil.h>\n#include <cstdint>\n" +
        "".join(stencil.rk() for stencil in stencils))
    (folder / "stencils.cpp").write_text('#include "stencils.h"\n')
    names = ", ".join(f"test{s.number}" for s in stencils)
    (folder / "main.cpp").write_text(
        MAIN + "".join(stencil.test() for stencil in stencils) +
        f"int main(int count, char **arguments) {{\n"
        f"  constexpr property::Test tests[] = {{{names}}};\n"
        "  return property::runAll(tests, count, arguments);\n}\n")
