#!/usr/bin/env python3
"""Makes sample.rkm, the frozen module of format version 0.4.

`make-sample.py FILE` writes the module; `make-sample.py --check FILE` compares,
and exits with 1 if the bytes differ. See ../sample.py.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import sample

# name, type name, size, align, dimensions, radius, line,
# arrays (name, offset, bytes, levels, entries, flags, halo, part),
# plans (name, entry, block, tile, steps, shared),
# boundary (entry, sets, levels, reads the step),
# reductions (name, name of the tag's type, entry, later entry, size, align)
STENCILS = [
    ("Wave", "4Wave", 8, 4, 3, 1, 51,
     [("pressure", 0, 4, 2, 2, 5, (1, 1, 1), 0),
      ("speed", 1, 4, 1, 1, 3, (0, 0, 0), 0),
      ("flow.0", 2, 2, 1, 2, 13, (0, 1, 0), 0),
      ("flow.1", 2, 2, 1, 2, 4, (0, 1, 0), 1)],
     [("global", "rk_stencil_0_global", (64, 4, 1), (64, 4, 1), 1, 0)],
     ("rk_stencil_0_boundary", 5, 1, 1),
     [("energy", "N2rk6detail12ReductionTagIXadL_ZNK4Wave6energyEvEEEE",
       "rk_stencil_0_reduce_energy", "rk_stencil_0_reduce_energy_fold", 16, 8)]),
]


class StencilSample(sample.Sample):
    """The module with a stencil that has a boundary and a reduction."""

    def stencil_texts(self):
        texts = set()
        for name, *_, arrays, plans, boundary, reductions in STENCILS:
            texts |= {name, "boundary", boundary[0]}
            texts |= {array[0] for array in arrays}
            texts |= {text for plan in plans for text in plan[:2]}
            texts |= {text for reduction in reductions
                      for text in (reduction[0], *reduction[2:4])}
        return texts

    def stencil_rows(self, number):
        rows = b""

        def add_row(kind, name, hash_, *numbers):
            nonlocal rows
            rows += sample.stencil_row(kind, number[name], hash_, *numbers)

        for (name, typeid, size, align, dims, radius, line, arrays, plans,
             boundary, reductions) in STENCILS:
            add_row(1, name, sample.fnv1a(typeid), size, align, dims, radius,
                    number[self.source], line)
            for array, *numbers, halo, part in arrays:
                add_row(2, array, 0, *numbers, *halo, part)
            for plan, entry, block, tile, steps, shared in plans:
                add_row(3, plan, 0, number[entry], *block, *tile, steps, shared)
            add_row(4, "boundary", 0, number[boundary[0]], *boundary[1:])
            for reduction, tag, entry, later, size, align in reductions:
                add_row(5, reduction, sample.fnv1a(tag), number[entry],
                        number[later], size, align)
        return rows



SAMPLE = StencilSample(4)

if __name__ == "__main__":
    sys.exit(sample.main(SAMPLE, sys.argv[1:]))
