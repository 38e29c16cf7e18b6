#!/usr/bin/env python3
"""Checks that each primitive of the device library exists for both targets."""

import repo

TARGETS = ("nvptx", "host")

# Kernels that only a GPU's host launches: on the CPU the runtime calls what
# they do from its own threads.
KERNELS = {"Stencils.cpp", "StencilResident.cpp"}


def main():
    cells = {target: set() for target in TARGETS}
    for path in repo.files(".cpp", ".h"):
        for target in TARGETS:
            folder = f"runtime/device/{target}/"
            if str(path).startswith(folder):
                cells[target].add(str(path)[len(folder):])
    errors = [f"runtime/device/{target}/{name}: is missing; the other target "
              "has it"
              for target in TARGETS
              for name in sorted(set.union(*cells.values()) - cells[target] - KERNELS)]
    repo.finish("device grid", errors, "write the file, or move what is common "
                "to runtime/device/common/")


if __name__ == "__main__":
    main()
