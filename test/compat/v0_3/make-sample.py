#!/usr/bin/env python3
"""Makes sample.rkm, the frozen module of format version 0.3.

`make-sample.py FILE` writes the module; `make-sample.py --check FILE` compares,
and exits with 1 if the bytes differ. See ../sample.py.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import sample

# name, type name, size, align, dimensions, radius, line,
# arrays (name, offset, bytes, levels, entries, flags, halo),
# plans (name, entry, block, tile, steps, shared)
STENCILS = [
    ("Wave", "4Wave", 8, 4, 3, 1, 51,
     [("pressure", 0, 4, 2, 2, 5, (1, 1, 1)), ("speed", 1, 4, 1, 1, 3, (0, 0, 0))],
     [("global", "rk_stencil_0_global", (64, 4, 1), (64, 4, 1), 1, 0)]),
]


class StencilSample(sample.Sample):
    """The module with a stencil."""

    def stencil_texts(self):
        texts = set()
        for name, *_, arrays, plans in STENCILS:
            texts |= {name} | {array[0] for array in arrays}
            texts |= {text for plan in plans for text in plan[:2]}
        return texts

    def stencil_rows(self, number):
        rows = b""
        for name, typeid, size, align, dims, radius, line, arrays, plans in STENCILS:
            rows += sample.stencil_row(
                1, number[name], sample.fnv1a(typeid), size, align, dims, radius,
                number[self.source], line)
            for array, *numbers, halo in arrays:
                rows += sample.stencil_row(2, number[array], 0, *numbers, *halo)
            for plan, entry, block, tile, steps, shared in plans:
                rows += sample.stencil_row(3, number[plan], 0, number[entry],
                                           *block, *tile, steps, shared)
        return rows



SAMPLE = StencilSample(3)

if __name__ == "__main__":
    sys.exit(sample.main(SAMPLE, sys.argv[1:]))
