#!/usr/bin/env python3
"""Makes sample.rkm, the frozen module of format version 0.1.

`make-sample.py FILE` writes the module; `make-sample.py --check FILE` compares,
and exits with 1 if the bytes differ. See ../sample.py.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import sample

SAMPLE = sample.Sample(1)

if __name__ == "__main__":
    sys.exit(sample.main(SAMPLE, sys.argv[1:]))
