#!/usr/bin/env python3
"""Tests bench/report: keeps a record, writes the page, and refuses what is no
record. Works on a copy, so the real records stay as they are."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

REPORT = pathlib.Path(sys.argv.pop(1)).resolve()
HEADER = """RingKernel GPU record
date        2026-01-02T03:04:05Z
commit      0123456789abcdef
host        Linux 6, 16 threads of Some CPU
gpu         NVIDIA H200, 580.1, 1980 MHz
gpu fields  name,driver_version,clocks.sm

Benchmarks
"""


def row(name, unit, p50, p99=None, runs=5):
    return {"name": name, "value": p50, "unit": unit, "p50": p50,
            "p99": p50 if p99 is None else p99, "runs": runs,
            "checked": "sums"}


def peer(system, **row):
    return {"system": system, **row}


def where(**changes):
    return {"backend": "cuda", "device": "NVIDIA H200", "driver": "13.0",
            "image": "cubin sm_90a", "workers": 1056, "quick": False,
            **changes}


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        for made in ("bench/results", "docs", "out"):
            (self.root / made).mkdir(parents=True)
        self.report = self.root / "bench/report"
        shutil.copy(REPORT, self.report)
        for module in REPORT.parent.glob("*.py"):
            shutil.copy(module, self.report.parent)
        (self.root / "out/record.txt").write_text(HEADER)
        self.write("floors", [row("host-round-trip-relaxed", "ns", 2500),
                              row("pooled-1M-actors", "M msg/s", 10000)])

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, rows):
        (self.root / f"out/{name}.jsonl").write_text(
            "".join(json.dumps(line) + "\n" for line in rows))

    def run_report(self, *arguments):
        return subprocess.run([sys.executable, self.report, *arguments],
                              capture_output=True, text=True)

    def test_record_and_page(self):
        self.write("bench", [where(), row("host-handler-host", "ns", 3000, 9000),
                             row("pooled-1M-actors", "M msg/s", 2500),
                             {"name": "hop", "error": "check failed: x"}])
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.stdout.strip(),
                         "bench/results/2026-01-02-nvidia-h200", added.stderr)
        self.assertEqual(self.run_report("check").returncode, 1)
        self.assertEqual(self.run_report("generate").returncode, 0)
        self.assertEqual(self.run_report("check").returncode, 0)
        page = (self.root / "docs/performance.md").read_text()
        self.assertIn("| 3000 ns | 9000 ns | 5 | 2500 ns | 2500 ns | 1.20 × it |",
                      page)
        self.assertIn("| 25.0 % of it |", page)
        self.assertIn("| ≤ 1.25 × 2500 ns | 3000 ns = 1.20 × | [reached]", page)
        self.assertIn("| ≥ 5000 M msg/s | 2500 M msg/s | [50 % of the way]",
                      page)
        self.assertNotIn("skynet", page) # what was not measured is not judged
        self.assertIn("failed: check failed: x", page)
        self.assertIn("16 threads of Some CPU", page)

    def test_details_are_in_the_records_table_alone(self):
        floors = [row(f"grid-barrier-{i}", "ns", 900 + i) for i in range(9)]
        self.write("floors", floors)
        self.write("bench", [where(), row("grid-barrier", "ns", 960)])
        self.run_report("add", str(self.root / "out"))
        self.run_report("generate")
        page = (self.root / "docs/performance.md").read_text()
        table = (self.root / "bench/results/2026-01-02-nvidia-h200/table.md"
                 ).read_text()
        self.assertIn("| 8 | 908 ns |", table)
        self.assertNotIn("| 8 | 908 ns |", page)
        self.assertIn("| 5 | 905 ns |", page)
        self.assertIn("the quickest 6 of 9", page)

    def test_stencils(self):
        self.write("floors", [row("stencil-graph-512^3-float", "Gcells/s", 200),
                              row("stencil-hand-512^3-float", "Gcells/s", 400),
                              row("device-copy", "GB/s", 3000)])
        self.write("bench", [where(),
                             row("stencil-512^3-float-global", "Gcells/s", 190),
                             row("stencil-512^3-float-temporal", "Gcells/s", 300),
                             {"name": "stencil-64^2-double-global", "error": "x"}])
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.returncode, 0, added.stderr)
        table = (self.root / added.stdout.strip() / "table.md").read_text()
        self.assertIn("| 512³ float | 190 | – | 300 | – | – | 200 | 400 | 250 | 1.50 × "
                      "| 1.20 × |", table)
        self.assertIn("| 64² double | failed | – | – | – | – | – | – | 125 | – | "
                      "0.00 × |", table)
        # The stencils' rows stand in that table alone.
        self.assertEqual(table.count("stencil-"), 0)

    def write_peers(self, quick=False):
        (self.root / "out/peers.txt").write_text(
            "RingKernel peers record\ndate        2026-01-02T03:04:05Z\n"
            "commit      0123456789abcdef\nhost        Linux 6, 2 threads of X\n"
            "load before  0.10 0.20 0.30\nnote        Cut off.\n")
        lines = [peer("rk-cpu", **where(backend="cpu", device="X CPU", quick=quick))]
        lines += [peer("caf", version="CAF 0.17.6", quick=quick)]
        lines += [peer("rk-cpu", **row("savina-big", "ms", 300, 400)),
                  peer("rk-cpu", **row("savina-skynet", "ms", 50)),
                  peer("rk-cpu", name="savina-counting", error="check failed: x"),
                  peer("caf", **row("savina-big", "ms", 100)),
                  peer("caf", **row("savina-skynet", "ms", 200)),
                  peer("caf-sharing", version="CAF 0.17.6", quick=quick),
                  peer("caf-sharing", **row("savina-skynet", "ms", 100)),
                  peer("caf-sharing", name="savina-big", error="code 1"),
                  peer("caf", **row("savina-counting", "ms", 100))]
        self.write("peers", lines)

    def test_peers_alone_are_a_record(self):
        self.write_peers()
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.stdout.strip(),
                         "bench/results/2026-01-02-x-cpu", added.stderr)
        self.assertEqual(self.run_report("generate").returncode, 0)
        self.assertEqual(self.run_report("check").returncode, 0)
        page = (self.root / "docs/performance.md").read_text()
        self.assertIn("## Peers", page)
        self.assertIn("\nCut off.\n", page)
        self.assertIn("| Program | Ours, CPU | CAF, stealing | CAF, sharing | "
                      "Ours, CPU, beside the quicker CAF |", page)
        self.assertIn("| big | 300 (400) | 100 (100) | failed: code 1 | "
                      "3.00 × it |", page)
        self.assertIn("| skynet | 50.0 (50.0) | 200 (200) | 100 (100) | "
                      "0.50 × it |", page)
        self.assertIn("| counting | failed: check failed: x | 100 (100) | – | "
                      "– |", page)
        self.assertIn("CAF 0.17.6, 5 runs after one to warm up", page)
        self.assertIn("load average before the first run 0.10", page)

    def test_peers_beside_benchmarks(self):
        self.write("bench", [where(), row("host-handler-host", "ns", 3000)])
        self.write_peers()
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.stdout.split(),
                         ["bench/results/2026-01-02-x-cpu",
                          "bench/results/2026-01-02-nvidia-h200"], added.stderr)

    def test_quick_peers_are_no_record(self):
        self.write_peers(quick=True)
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.stderr.strip(), "a quick run is no record")

    def test_designs_and_baselines(self):
        self.write("floors", [row("grid-barrier-slow-132x256", "ns", 1500),
                              row("grid-barrier-quick-132x256", "ns", 700),
                              {"name": "grid-barrier-broken-132x256",
                               "error": "a wait was given up"},
                              row("baseline-pooled-1M-graph", "M msg/s", 5000),
                              row("other", "ns", 1)])
        self.write("bench", [where(),
                             row("pooled-1M-actors", "M msg/s", 2500)])
        self.run_report("add", str(self.root / "out"))
        self.run_report("generate")
        page = (self.root / "docs/performance.md").read_text()
        places = [page.index(text) for text in (
            "one launch a generation | 2500 M msg/s | 2500 M msg/s | 5 "
            "| 5000 M msg/s | 5000 M msg/s | 50.0 % of it |",
            "| quick-132x256 | 700 ns | 700 ns | sums |",
            "| slow-132x256 | 1500 ns | 1500 ns | sums |",
            "| broken-132x256 | failed: a wait was given up | – | – |",
            "Other floors:", "| other | 1.00 ns |")]
        self.assertEqual(places, sorted(places))
        self.assertNotIn("grid-barrier", page)
        self.assertNotIn("that sorts", page)

    def test_plots(self):
        self.write("floors", [
            {**row("host-round-trip-relaxed", "ns", 2500),
             "percentiles": {"50": 2500, "90": 2600, "99": 2700, "99.9": 9000,
                             "100": 20000}},
            row("pooled-32K-actors", "M msg/s", 8000)])
        self.write("bench", [where(), row("host-handler-host", "ns", 3000, 9000),
                             row("pooled-32K-actors", "M msg/s", 2500),
                             row("pooled-1M-actors", "M msg/s", 4500),
                             {"name": "pooled-10M-actors", "error": "sums"},
                             row("pooled-1M-in-flight-1", "M msg/s", 100)])
        self.run_report("add", str(self.root / "out"))
        self.run_report("generate")
        folder = self.root / "docs/generated/performance"
        names = [f"nvidia-h200-{plot}.svg" for plot in
                 ("actors", "in-flight", "latency")]
        self.assertEqual(sorted(path.name for path in folder.iterdir()), names)
        actors, in_flight, latency = [(folder / name).read_text()
                                      for name in names]
        for drawn in (actors, in_flight, latency):
            root = xml.etree.ElementTree.fromstring(drawn)
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            self.assertIn("prefers-color-scheme: dark", drawn)
        # Points and the sign beside the name; one series of two, one of one.
        self.assertEqual(actors.count('class="point"'), 3 + 2)
        self.assertIn(">messages a second<", actors)
        self.assertIn(">2 G<", actors)
        self.assertIn(">messages in flight<", in_flight)
        self.assertIn(">microseconds<", latency)
        self.assertEqual(latency.count('class="point"'), 3 + 6)
        page = (self.root / "docs/performance.md").read_text()
        for name in names:
            self.assertIn(f"](generated/performance/{name})", page)
        (folder / names[0]).write_text(actors.replace("2 G", "3 G"))
        self.assertEqual(
            self.run_report("check").stderr.strip(),
            f"docs/generated/performance/{names[0]} is out of date: run "
            "bench/report generate")
        (folder / "other-device-actors.svg").write_text(actors)
        self.run_report("generate")
        self.assertEqual(self.run_report("check").returncode, 0)
        self.assertEqual(sorted(path.name for path in folder.iterdir()), names)

    def test_a_record_without_points_has_no_plots(self):
        self.write("floors", [])
        self.write("bench", [where(), {"name": "pooled-1M-actors", "error": "x"}])
        self.run_report("add", str(self.root / "out"))
        self.assertEqual(self.run_report("generate").returncode, 0)
        self.assertFalse((self.root / "docs/generated/performance").exists())

    def test_quick_run_is_no_record(self):
        self.write("bench", [where(quick=True),
                             row("host-handler-host", "ns", 3000)])
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.returncode, 1)
        self.assertEqual(added.stderr.strip(), "a quick run is no record")

    def test_page_without_records(self):
        self.run_report("generate")
        self.assertIn("There is no record yet.",
                      (self.root / "docs/performance.md").read_text())

    def test_wrong_usage(self):
        self.assertEqual(self.run_report("ad").returncode, 1)
        self.assertIn("usage:", self.run_report("ad").stderr)


if __name__ == "__main__":
    unittest.main()
