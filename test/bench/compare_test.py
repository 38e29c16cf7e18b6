#!/usr/bin/env python3
"""Tests bench/compare with records that are made up."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

COMPARE = pathlib.Path(sys.argv.pop(1)).resolve()
HEADER = {"date": "2026-01-02T03:04:05Z", "commit": "0123456789abcdef"}


def row(name, unit, p50, p99=None, runs=5):
    return name, {"name": name, "value": p50, "unit": unit, "p50": p50,
                  "p99": p50 if p99 is None else p99, "runs": runs,
                  "checked": "sums"}


def failed(name, why):
    return name, {"name": name, "error": why}


class CompareTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def record(self, name, bench, floors=()):
        (self.root / name).mkdir()
        (self.root / name / "record.json").write_text(json.dumps({
            "header": HEADER, "where": {"device": "NVIDIA H200"},
            "floors": dict(floors), "bench": dict(bench), "compiler": {}}))

    def peers(self, name, **systems):
        (self.root / name).mkdir()
        (self.root / name / "peers.json").write_text(json.dumps({
            "header": HEADER,
            "systems": {system.replace("_", "-"): {"about": {}, "rows": dict(rows)}
                        for system, rows in systems.items()}}))

    def compare(self, *options):
        return subprocess.run([sys.executable, COMPARE, *options,
                               self.root / "old", self.root / "new"],
                              capture_output=True, text=True)

    def expect(self, code, *lines, options=()):
        done = self.compare(*options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for line in lines:
            self.assertIn(line + "\n", done.stdout)

    def test_regressions_of_a_time_and_of_a_rate(self):
        self.record("old", [row("hop", "ns", 100), row("rate", "M msg/s", 100)])
        self.record("new", [row("hop", "ns", 120), row("rate", "M msg/s", 80)])
        self.expect(1, "worse    hop: 100 ns → 120 ns, cost × 1.20 by value "
                       "(up to 5 % is noise)",
                    "worse    rate: 100 M msg/s → 80.0 M msg/s, cost × 1.25 by "
                    "value (up to 5 % is noise)",
                    "2 worse, 0 missing, 0 better, 0 new, 0 same")

    def test_improvement(self):
        self.record("old", [row("hop", "ns", 100), row("same", "ns", 100)])
        self.record("new", [row("hop", "ns", 50), row("same", "ns", 104)])
        self.expect(0, "better   hop: 100 ns → 50.0 ns, cost × 0.50 by value "
                       "(up to 5 % is noise)",
                    "0 worse, 0 missing, 1 better, 0 new, 1 same")

    def test_a_row_is_judged_by_its_floor(self):
        """The new machine is twice as slow; the second row lost to its floor."""
        pair = "handler-handler-one-way-"
        floor = "l2-packet64-one-way-"
        self.record("old", [row(pair + "near", "ns", 500), row(pair + "far", "ns", 500)],
                    [row(floor + "near", "ns", 250), row(floor + "far", "ns", 250)])
        self.record("new", [row(pair + "near", "ns", 1000), row(pair + "far", "ns", 500)],
                    [row(floor + "near", "ns", 500), row(floor + "far", "ns", 200)])
        self.expect(1, f"worse    {pair}far: 500 ns → 500 ns, cost × 1.25 by ratio "
                       f"to {floor}far (up to 5 % is noise)",
                    "Floors cost × 1.40 (median of 2; 0.80 to 2.00).",
                    "1 worse, 0 missing, 0 better, 0 new, 1 same")

    def test_stencils_are_judged_by_their_graph(self):
        names = ["stencil-64^3-float-resident", "stencil-64^3-radius-4-float-global"]
        graphs = ["stencil-graph-64^3-float", "stencil-graph-64^3-radius-4-float"]
        self.record("old", [row(name, "Gcells/s", 300) for name in names],
                    [row(name, "Gcells/s", 100) for name in graphs])
        self.record("new", [row(name, "Gcells/s", 200) for name in names],
                    [row(graphs[0], "Gcells/s", 50), row(graphs[1], "Gcells/s", 100)])
        self.expect(1, f"better   {names[0]}: 300 Gcells/s → 200 Gcells/s, cost × "
                       f"0.75 by ratio to {graphs[0]} (up to 5 % is noise)",
                    f"worse    {names[1]}: 300 Gcells/s → 200 Gcells/s, cost × 1.50 "
                    f"by ratio to {graphs[1]} (up to 5 % is noise)")

    def test_a_floor_in_one_record_alone_judges_nothing(self):
        name = "handler-handler-one-way-near"
        self.record("old", [row(name, "ns", 500)],
                    [row("l2-packet64-one-way-near", "ns", 250)])
        self.record("new", [row(name, "ns", 500)])
        self.expect(0, "No floor is in both records.",
                    "0 worse, 0 missing, 0 better, 0 new, 1 same")

    def test_noise_hides_a_change(self):
        self.record("old", [row("few", "ns", 100, 150), row("many", "ns", 100, 150, 10000),
                            row("once", "ns", 100, runs=1)])
        self.record("new", [row("few", "ns", 120), row("many", "ns", 120, 150, 10000),
                            row("once", "ns", 109, runs=1)])
        self.expect(1, "worse    many: 100 ns → 120 ns, cost × 1.20 by value "
                       "(up to 5 % is noise)",
                    "1 worse, 0 missing, 0 better, 0 new, 2 same")

    def test_threshold(self):
        self.record("old", [row("hop", "ns", 100)])
        self.record("new", [row("hop", "ns", 120)])
        self.expect(0, options=["--threshold=25"])
        self.expect(1, options=["--threshold=19.9"])

    def test_missing_and_new_rows(self):
        self.record("old", [row("gone", "ns", 100)])
        self.record("new", [row("came", "ns", 100)])
        lines = ("missing  gone: not in the new record", "new      came: 100 ns",
                 "0 worse, 1 missing, 0 better, 1 new, 0 same")
        self.expect(0, *lines)
        self.expect(1, *lines, options=["--strict"])

    def test_a_row_in_another_unit_is_missing(self):
        self.record("old", [row("hop", "ns", 100)])
        self.record("new", [row("hop", "M msg/s", 100)])
        self.expect(0, "missing  hop: was in ns, is in M msg/s")

    def test_messages_with_another_content_are_missing(self):
        name, rate = row("rate", "M msg/s", 100)
        self.record("old", [(name, rate)])
        self.record("new", [(name, {**rate, "content": 32})])
        self.expect(0, "missing  rate: messages had content that the record "
                       "does not tell, have 32 bytes of content")

    def test_failures(self):
        self.record("old", [row("breaks", "ns", 100), failed("works", "sums"),
                            failed("never", "sums")])
        self.record("new", [failed("breaks", "no sums"), row("works", "ns", 100),
                            failed("never", "sums")])
        self.expect(1, "worse    breaks: no sums", "better   works: sums; now 100 ns",
                    "1 worse, 0 missing, 1 better, 0 new, 1 same")

    def test_peers_are_judged_by_caf(self):
        self.peers("old", rk_cpu=[row("savina-big", "ms", 100)],
                   caf=[row("savina-big", "ms", 300)],
                   caf_sharing=[row("savina-big", "ms", 200)])
        self.peers("new", rk_cpu=[row("savina-big", "ms", 150)],
                   caf=[row("savina-big", "ms", 150)])
        self.expect(1, "worse    rk-cpu savina-big: 100 ms → 150 ms, cost × 2.00 by "
                       "ratio to savina-big (up to 5 % is noise)")

    def refused(self, text, *options):
        done = self.compare(*options)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn(text, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_broken_files(self):
        good = {"header": HEADER, "where": {"device": "X"}, "floors": {},
                "bench": dict([row("hop", "ns", 1)]), "compiler": {}}
        self.record("old", [])
        (self.root / "new").mkdir()
        file = self.root / "new/record.json"
        for content in ("", "{", "[]", "{}", '"text"',
                        json.dumps({**good, "bench": []}),
                        json.dumps({**good, "bench": {"hop": {"name": "hop"}}}),
                        json.dumps({**good, "bench": dict([row("hop", "ns", -1)])}),
                        json.dumps({**good, "bench": dict([row("hop", "ns", "1")])}),
                        json.dumps({**good, "header": None})):
            file.write_text(content)
            self.refused("record.json is no record: ")
        file.write_text(json.dumps(good))
        self.expect(0)

    def test_nothing_in_common(self):
        self.record("old", [])
        self.peers("new")
        self.refused("have no kind of record in common")

    def test_wrong_usage(self):
        self.record("old", [])
        self.record("new", [])
        self.refused("unknown argument: --treshold=3", "--treshold=3")
        self.refused("no percentage: '--threshold=x'", "--threshold=x")
        self.refused("no percentage: '--threshold=-1'", "--threshold=-1")
        self.refused("unknown argument", self.root / "old")
        self.assertEqual(subprocess.run([sys.executable, COMPARE], check=False,
                                        capture_output=True).returncode, 2)


if __name__ == "__main__":
    unittest.main()
