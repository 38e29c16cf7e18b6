"""Random stencils: their classes, and how plain C++ computes them."""

import random

INTEGERS = ("std::uint8_t", "std::uint32_t")
KINDS = ("float",) * 5 + ("double",) * 3 + INTEGERS
SHORT = ("_Float16", "rk::bf16")
# The structures of PropertyTypes.h.
STRUCTURES = {
    "property::Pair": (("a", "_Float16"), ("b", "_Float16")),
    "property::Triple": (("a", "float"), ("b", "float"), ("c", "float")),
    "property::Mixed": (("a", "double"), ("b", "float"),
                        ("c", "std::uint32_t")),
    "property::Wide": tuple((name, "double") for name in "abcdefg") +
                      (("h", "float"), ("i", "std::uint32_t")),
}
# Wide ones are rarer: what is beside a face counts more than how far it reaches.
RADII = (1,) * 5 + (2,) * 5 + (3,) * 3 + (4,) * 3 + (5, 6, 7, 8)
COMBINATIONS = {
    "Sum": "a + b", "Minimum": "b < a ? b : a", "Maximum": "b > a ? b : a"}

MAIN = """#include "stencils.h"
#include "PropertyMain.h"
using property::Case;
using property::forEachCell;
using property::Place;
using property::u32;
"""


class Shape:
    """What all stencils of a batch may be."""

    def __init__(self, dimensions=0, radius=8, star=False):
        self.dimensions, self.radius, self.star = dimensions, radius, star


class Array:
    def __init__(self, name, kind, levels, coefficient):
        self.name, self.type, self.levels = name, kind, levels
        self.coefficient = coefficient

    def numbers(self):
        """The numbers of a value: (how to name it, its type)."""
        if self.type in STRUCTURES:
            return [("." + name, kind) for name, kind in STRUCTURES[self.type]]
        return [("", self.type)]


def kind_of(number):
    """What a number is computed in."""
    if number in INTEGERS:
        return "u32"
    return "double" if number == "double" else "float"


class Stencil:
    """One class, and how plain C++ computes it.

    An expression is a tuple whose second element is its kind: float, double, or
    u32, in which integers are computed."""

    def __init__(self, number, source, shape):
        self.number, self.random = number, source
        self.is_outside = False
        self.dimensions = shape.dimensions or source.choice((1, 2, 3, 3))
        self.radius = source.choice([r for r in RADII if r <= shape.radius])
        self.star = shape.star or source.random() < 0.5
        self.depth = source.choice((2, 3, 4))
        self.arrays = self.draw_arrays()
        self.updates = [self.draw_update(array) for array in self.fields()
                        if array is self.arrays[0] or source.random() < 0.8]
        still = [array for array in self.fields()
                 if array.levels > 1 and
                 array not in [update[0] for update in self.updates]]
        self.updates += [(array, None, None) for array in still]
        self.boundary = self.draw_boundary()
        self.reduction = None
        if source.random() < 0.4:
            self.reduction = (source.choice(sorted(COMBINATIONS)),
                              self.expression("double", 2))

    def fields(self):
        return [array for array in self.arrays if not array.coefficient]

    def draw_arrays(self):
        source = self.random
        # A structure has an array for each word, and there are 32 at most.
        types = source.choice((KINDS, KINDS, KINDS + SHORT * 3,
                               KINDS + tuple(sorted(STRUCTURES)) * 2))
        # The boundary finds the newest level; what older ones were is not here.
        self.has_boundary = source.random() < 0.35
        arrays = []
        for i in range(source.choice((1, 1, 2, 3))):
            kind = source.choice(types) if i else source.choice(
                ("float", "float", "double") + (SHORT if types != KINDS else ()))
            levels = source.randint(1, 3)
            if self.has_boundary or kind in STRUCTURES:
                levels = 1
            if kind == "property::Wide":  # one of them
                types = KINDS
            arrays.append(Array(f"f{i}", kind, levels, False))
        for i in range(source.choice((0, 0, 1, 2))):
            arrays.append(Array(f"c{i}", source.choice(KINDS + SHORT), 1, True))
        return arrays

    def draw_update(self, array):
        """(array, an expression for each number, when)."""
        guard = self.condition(1) if self.random.random() < 0.3 else None
        if guard and array.levels == 1:
            # Layers damp it if it is set somewhere: LLVM must not see that
            # the guard is false, as whole numbers may let it.
            first = ("access", "double", self.arrays[0], 0, [0, 0, 0], "",
                     self.arrays[0].type)
            guard = ("operation", "bool", "||", guard,
                     ("operation", "bool", "<", first,
                      ("parameter", "double")))
        depth = min(self.depth, 2) if array.type in STRUCTURES else self.depth
        return (array, [self.expression(kind_of(number), depth)
                        for _, number in array.numbers()], guard)

    def draw_boundary(self):
        """(array, an expression for each number, when), of each field set."""
        if not self.has_boundary:
            return []
        self.is_outside = True
        sets = []
        for array in self.fields():
            if array is not self.arrays[0] and self.random.random() < 0.4:
                continue  # mirrored
            guard = self.random.choice(
                (None, None, ("text", "bool", "place.face() % 2 == 0"),
                 ("text", "bool", "place.depth() < 2"),
                 ("text", "bool", "place.step() % 2 == 0")))
            sets.append((array, [self.expression(kind_of(number), 1)
                                 for _, number in array.numbers()], guard))
        self.is_outside = False
        return sets

    def leaf(self, kind):
        choice = self.random.random()
        if choice < 0.1:
            if kind == "u32":
                return ("text", kind, f"u32({self.random.randint(0, 300)})")
            # Never 0, of which g++ 12 subtracts an integer with the wrong zero:
            # 0.0 - double(i) becomes -double(i).
            eighths = self.random.randint(-8, 8) or 9
            return ("text", kind, f"{kind}({eighths} / 8.0)")
        if choice < 0.15 and kind != "u32":
            return ("parameter", kind)
        if choice < 0.2:
            return ("position", kind, self.random.randrange(self.dimensions),
                    self.is_outside)
        if choice < 0.25 and self.is_outside and kind != "u32":
            return ("text", kind, self.random.choice(
                (f"{kind}(place.depth())", f"{kind}(place.step() % 5)",
                 f"{kind}(place.face())")))
        numbers = [(array, *number) for array in self.arrays
                   for number in array.numbers()
                   if kind != "u32" or number[1] in INTEGERS]
        if not numbers:
            return ("text", kind, f"u32({self.random.randint(0, 300)})")
        array, name, number = self.random.choice(numbers)
        if self.is_outside:
            inward = self.random.choice((None, 0, 0, 1, 2))
            return ("inside", kind, array, inward, name, number)
        offset = [0, 0, 0]
        axes = range(self.dimensions)
        if self.star:
            axes = [self.random.randrange(self.dimensions)]
        for axis in axes:
            offset[axis] = self.random.randint(-self.radius, self.radius)
        return ("access", kind, array, self.random.randrange(array.levels),
                offset, name, number)

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
            where = (f"place.{axis}()" if node[3] else
                     axis if plain else f"cell.{axis}()")
            return f"{kind}({where} % 3)"
        if what == "choose":
            a, b, c = (self.text(part, plain) for part in node[2:])
            return f"({a} ? {b} : {c})"
        if what == "operation":
            a, b = (self.text(part, plain) for part in node[3:])
            return f"({a} {node[2]} {b})"
        if what == "inside":
            array, inward, name, number = node[2:]
            field = array.name + ("[0]" if plain else "")
            value = (f"place.mirrored({field})" if inward is None else
                     f"place.at({field}, {inward})" if plain else
                     f"place.at<{inward}>({field})")
        else:
            *where, name, number = node[2:]
            value = self.access(*where, plain)
        value += name
        # Small, as floating-point numbers are clamped to 2.
        if kind != "u32" and number in INTEGERS:
            value += " % 4"
        if number == "rk::bf16":  # it converts to float alone
            value = f"float({value})"
        return f"{kind}({value})"

    def value(self, array, expressions, plain):
        """Statements that make `v`, all numbers of a value."""
        text = f"{array.type} v{{}}; "
        for (name, number), expression in zip(array.numbers(), expressions):
            kind = kind_of(number)
            if kind == "u32":
                text += f"v{name} = {number}({self.text(expression, plain)}); "
                continue
            text += (f"{{ const {kind} w = {kind}("
                     f"{self.text(expression, plain)}); v{name} = {number}("
                     f"w > 2 ? {kind}(2) : w < -2 ? {kind}(-2) : w); }} ")
        return text

    def update(self, array, expressions, guard, plain, store):
        if expressions is None:
            return ""
        text = self.value(array, expressions, plain)
        if guard:
            text += f"if ({self.text(guard, plain)}) "
        return "{ " + text + store + " }\n"

    def rk_functions(self):
        text = ""
        if self.boundary:
            text += ("  [[rk::boundary]] void boundary(rk::Outside<"
                     f"{self.dimensions}> &place) const {{\n" + "".join(
                         "    " + self.update(*setting, False,
                                              f"place.set({setting[0].name}, v);")
                         for setting in self.boundary) + "  }\n")
        if self.reduction:
            combine, expression = self.reduction
            text += (f"  [[rk::reduce(rk::Combine::{combine})]] double "
                     f"reduced(const {self.cell()} &cell) const {{ return "
                     f"{self.text(expression, False)}; }}\n")
        return text

    def cell(self):
        shape = "rk::Shape::Star" if self.star else "rk::Shape::Box"
        return f"rk::Cell<{self.dimensions}, {self.radius}, {shape}>"

    def rk(self):
        members = "".join(
            f"  rk::Coefficients<{a.type}> {a.name};\n" if a.coefficient else
            f"  rk::Field<{a.type}, {a.levels}> {a.name};\n"
            for a in self.arrays)
        body = "".join(
            "    " + self.update(*update, False,
                                 f"cell.set({update[0].name}, v);")
            for update in self.updates)
        return (f"class [[rk::stencil]] S{self.number} {{\npublic:\n{members}"
                "  float scale = 0.75f;\n"
                f"  [[rk::update]] void update({self.cell()} &cell) "
                f"const {{\n{body}  }}\n{self.rk_functions()}}};\n")

    def takes_values(self):
        """Whether fixed faces may have other values than 0."""
        return all(a.coefficient or a.type not in STRUCTURES or
                   a.type == "property::Triple" for a in self.arrays)

    def test(self):
        name = f"S{self.number}"
        lines = [f"static void test{self.number}(Case &test) {{",
                 f"  {name} self; self.scale = test.scale();",
                 f'  auto made = test.make<{name}>("{name}", self, '
                 f"{{{self.dimensions}, {str(bool(self.boundary)).lower()}, "
                 f"{str(self.takes_values()).lower()}}});",
                 "  if (!made) return;"]
        for a in self.arrays:
            kind = "coefficients" if a.coefficient else "field"
            levels = "" if a.coefficient else f", {a.levels}"
            lines.append(f"  auto {a.name} = test.{kind}<{a.type}>(*made, "
                         f"&{name}::{a.name}{levels});")
        for setting in self.boundary:
            a, guard = setting[0], setting[2]
            lines.append(f"  {a.name}[0].boundary = [&](const Place &place) {{")
            if guard:
                lines.append(f"    if (!({self.text(guard, True)})) "
                             f"return place.mirrored({a.name}[0]);")
            lines.append(f"    {self.value(*setting[:2], True)}return v; }};")
        moved = self.random.choice(self.fields())
        lines.append(f"  test.move(*made, &{name}::{moved.name}, "
                     f"{moved.name});")
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
                  for a in self.fields()]
        if self.reduction:
            combine, expression = self.reduction
            lines.append(
                f"    test.reduce<&{name}::reduced>(*made, [&](auto x, auto y, "
                "auto z) -> double { return "
                f"{self.text(expression, True)}; }}, "
                "[](double a, double b) { return "
                f"{COMBINATIONS[combine]}; }});")
        return "\n".join(lines) + "\n  });\n}\n"


def write_program(folder, seed, count, shape):
    """Writes stencils.h, stencils.cpp and main.cpp."""
    source = random.Random(seed)
    stencils = [Stencil(number, source, shape) for number in range(count)]
    (folder / "stencils.h").write_text(
        "#pragma once\n#include <rk/stencil.h>\n"
        "#include \"PropertyTypes.h\"\nusing property::u32;\n" +
        "".join(stencil.rk() for stencil in stencils))
    (folder / "stencils.cpp").write_text('#include "stencils.h"\n')
    names = ", ".join(f"test{s.number}" for s in stencils)
    (folder / "main.cpp").write_text(
        MAIN + "".join(stencil.test() for stencil in stencils) +
        f"int main(int count, char **arguments) {{\n"
        f"  constexpr property::Test tests[] = {{{names}}};\n"
        "  return property::runAll(tests, count, arguments);\n}\n")
