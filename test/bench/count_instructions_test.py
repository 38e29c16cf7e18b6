#!/usr/bin/env python3
"""Tests bench/count-instructions with a module that rkc has made."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT, RKC, MODFILE = (sys.argv.pop(1) for _ in range(3))

SOURCE = """
#include <rk/actor.h>
struct [[rk::message]] Add { int value; };
class [[rk::actor]] Adder {
public:
  [[rk::handler]] void on(const Add &add) { sum += add.value; }
  int sum = 0;
};
"""


def count(*arguments):
    return subprocess.run([SCRIPT, f"--modfile={MODFILE}", *arguments],
                          capture_output=True, text=True, check=False)


class CountInstructionsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(cls.folder.name)
        source, cls.module = root / "adder.cpp", str(root / "adder.rkm")
        source.write_text(SOURCE)
        subprocess.run([RKC, "--emit=rkm", "--arch=sm_90a", str(source), "-o", cls.module],
                       check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def refused(self, message, *arguments):
        done = count(*arguments)
        self.assertEqual(done.returncode, 1)
        self.assertIn(message, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_kinds_add_up(self):
        done = count(self.module, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        kernel = next(row for row in rows if row["function"] == "rk_kernel")
        self.assertGreater(kernel["global"], 0)
        self.assertGreater(kernel["wait"], 0)
        for row in rows:
            kinds = sum(value for key, value in row.items()
                        if key not in ("kernel", "function", "all"))
            self.assertEqual(kinds, row["all"], row["function"])

    def test_listing_has_as_many_instructions(self):
        listing = pathlib.Path(self.folder.name) / "adder.sass"
        done = count(self.module, "--json", f"--listing={listing}")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        lines = [line for line in listing.read_text().splitlines()
                 if line.lstrip().startswith("/*") and " NOP" not in line
                 and not line.rstrip().endswith("*/")]
        self.assertEqual(sum(row["all"] for row in rows), len(lines))

    def test_table_names_the_kernel(self):
        self.assertIn("rk_kernel: ", count(self.module, "--kernel=rk_kernel").stdout)

    def test_refuses(self):
        self.refused("no kernel rk_colonel in", self.module, "--kernel=rk_colonel")
        self.refused("there is no file no-such.rkm", "no-such.rkm")
        self.refused("no image in", self.module, "--image=sm_80")
        self.refused("no image in", __file__)


if __name__ == "__main__":
    unittest.main()
