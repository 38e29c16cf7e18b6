#!/usr/bin/env python3
"""Tests bench/hot-loop: that it finds the loop, and each step of a turn in it."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCRIPT, BUILD = sys.argv.pop(1), sys.argv.pop(1)
STEPS = ["look", "to the handler", "to the ticket", "to the packet's store",
         "to the report", "to the next look"]


class HotLoopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            way = pathlib.Path(folder) / "way.txt"
            cls.done = subprocess.run([SCRIPT, f"--build={BUILD}", f"--way={way}"],
                                      capture_output=True, text=True, check=False)
            cls.way = way.read_text() if way.exists() else ""

    def test_a_turn_has_all_its_steps(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        found = re.findall(r"^=== (.*): (\d+) instructions", self.way, re.M)
        self.assertEqual([name for name, _ in found], STEPS)
        for name, count in found:
            self.assertGreater(int(count), 0, name)

    def test_the_tables_count_what_is_listed(self):
        listed = len(re.findall(r"^    \S", self.way, re.M))
        turn = re.search(r"^ +(\d+) .* a turn of one message", self.done.stdout, re.M)
        self.assertEqual(int(turn[1]), listed)
        whole = re.search(r"^ +(\d+) .* all of it", self.done.stdout, re.M)
        self.assertGreater(int(whole[1]), listed)

    def test_the_way_has_the_read_the_ticket_and_the_store(self):
        for wanted in ("LDG.E.128.STRONG.GPU", "ATOMG", "STG.E.128.STRONG.GPU"):
            self.assertIn(wanted, self.way)


if __name__ == "__main__":
    unittest.main()
