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
                             {"name": "pooled-32K-actors",
                              "error": "check failed: x"}])
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.stdout.strip(),
                         "bench/results/2026-01-02-nvidia-h200", added.stderr)
        self.assertEqual(self.run_report("check").returncode, 1)
        self.assertEqual(self.run_report("generate").returncode, 0)
        self.assertEqual(self.run_report("check").returncode, 0)
        page = (self.root / "docs/performance.md").read_text()
        self.assertIn("| 3.00 µs | 9.00 µs | 5 | 2.50 µs | 2.50 µs | 1.20 × it |",
                      page)
        self.assertIn("| 25.0 % of it |", page)
        self.assertIn("| ≤ 1.25 × 2.50 µs | 3.00 µs = 1.20 × | [reached]", page)
        # What was not measured is not judged, nor a row of other messages.
        for asked in ("≥ 5.00 G msg/s", "≤ 5.00 ms", "≥ 70.0 %"):
            self.assertIn(f"| {asked} | not in this record | [–]", page)
        self.assertIn("failed: check failed: x", page)
        self.assertIn("16 threads of Some CPU", page)

    def test_details_are_in_the_records_table_alone(self):
        floors = [row(f"grid-barrier-{i}", "ns", 900 + i) for i in range(9)]
        self.write("floors", floors)
        self.write("bench", [where(), row("grid-barrier", "ns", 960),
                             row("memory-x", "bytes", 0.0004)])
        self.run_report("add", str(self.root / "out"))
        self.run_report("generate")
        page = (self.root / "docs/performance.md").read_text()
        table = (self.root / "bench/results/2026-01-02-nvidia-h200/table.md"
                 ).read_text()
        self.assertIn("| 8 | 908 ns |", table)
        self.assertIn("| memory-x | 0 bytes |", table)
        for detail in ("| 8 | 908 ns |", "memory-x", "Other floors"):
            self.assertNotIn(detail, page)

    def add(self, header=HEADER, **files):
        """Keeps a record of these rows, and returns the page."""
        (self.root / "out/record.txt").write_text(header)
        for name, rows in files.items():
            self.write(name, rows)
        added = self.run_report("add", str(self.root / "out"))
        self.assertEqual(added.returncode, 0, added.stderr)
        self.assertEqual(self.run_report("generate").returncode, 0)
        return (self.root / "docs/performance.md").read_text()

    def test_units(self):
        page = self.add(
            floors=[row("persistent-kernel-start", "ns", 8595)],
            bench=[where(), row("system-start", "ns", 129863000, 1.2e9),
                   row("bulk-copy-4M", "GB/s", 1135)])
        self.assertIn("| 130 ms | 1.20 s | 5 | 8.60 µs | 8.60 µs | 15109 × it |",
                      page)
        self.assertIn("| 1.14 TB/s |", page)

    def curve(self, rates):
        return [{**row(f"pooled-1M-in-flight-{each}", "M msg/s", rate),
                 "content": 32} for each, rate in rates.items()]

    def test_row_5_and_ten_times_its_load(self):
        page = self.add(bench=[where(), *self.curve(
            {64: 5000, 128: 5500, 640: 5000, 1280: 4400, 3200: 1000})])
        self.assertIn("| ≥ 5.00 G msg/s | 5.50 G msg/s | [reached]", page)
        self.assertIn("| ≥ 70.0 % | 80.0 % | [reached]", page)
        page = self.add(bench=[where(), *self.curve(
            {64: 5000, 128: 5500, 640: 1100, 1280: 4400})])
        self.assertIn("| ≥ 70.0 % | 20.0 % | [29 % of the way]", page)
        page = self.add(bench=[where(), *self.curve({640: 5500, 1280: 5400})])
        self.assertIn("| ≥ 70.0 % | not in this record |", page)

    def test_matrix_and_skew(self):
        page = self.add(bench=[where(),
                               row("pooled-10M-hot-spot-48-bytes", "M msg/s", 85.5),
                               row("skew-zipf-off", "M msg/s", 9.5),
                               row("skew-zipf-load", "M msg/s", 9.4),
                               row("skew-zipf-load-moves", "shards", 878)])
        self.assertIn("| 10 M | hot spot | – | 85.5 | – | – |", page)
        self.assertIn("| 9.50 | 9.40 | 878 |", page)

    def test_sources_and_seconds(self):
        lasted = {**row("sustained", "M msg/s", 5000), "cv_percent": 0.1,
                  "lost": 0, "seconds": 60}
        whence = {"date": "2026-01-01T00:00:00Z", "commit": "fedcba9876543210"}
        page = self.add(
            bench=[where(), {**whence, "commit": "a" * 40},
                   {"groups": {"slow": 100.04}}, row("hop", "ns", 1),
                   {"groups": {"quick": 2}}, {"seconds": 417}],
            sustained=[whence, lasted])
        self.assertIn("benchmarks 2026-01-01T00:00:00Z, commit `aaaaaaaaaaaa`, "
                      "417 s; 60 seconds 2026-01-01T00:00:00Z, commit "
                      "`fedcba987654`; compiler: not said in this record.", page)
        self.assertIn("What took longest: slow 100 s, quick 2.00 s.", page)
        self.assertIn("| ≤ 1.00 % | 0.100 % | [reached]", page)
        page = self.add(sustained=[whence, {**lasted, "seconds": 10}])
        self.assertIn("| ≤ 1.00 % | 0.100 % | [refused: 10.0 s, not 60]", page)

    def test_against_the_previous_record(self):
        page = self.add(bench=[where(), row("hop", "ns", 100),
                               row("near", "ns", 100)])
        self.assertIn("There is no record of this device before this one.", page)
        later = HEADER.replace("2026-01-02", "2026-01-03").replace(
            "0123456789abcdef", "fedcba9876543210")
        for _ in range(2): # a record is not compared with itself
            page = self.add(later, bench=[where(), row("hop", "ns", 120),
                                          row("near", "ns", 104)])
            self.assertIn("commit `0123456789ab` (2026-01-02-nvidia-h200)", page)
            self.assertIn("1 rows are worse by more than 5 %", page)
            self.assertIn("| `hop` | 100 ns | 120 ns | 1.20 × | value |", page)
            self.assertNotIn("`near`", page)
        self.assertEqual(self.run_report("refresh").returncode, 0)
        self.assertEqual(self.run_report("check").returncode, 0)

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
        table = (self.root / "bench/results/2026-01-02-nvidia-h200/table.md"
                 ).read_text()
        places = [table.index(text) for text in (
            "one launch a generation | 2.50 G msg/s | 2.50 G msg/s | 5 "
            "| 5.00 G msg/s | 5.00 G msg/s | 50.0 % of it |",
            "| quick-132x256 | 700 ns | 700 ns | sums |",
            "| slow-132x256 | 1.50 µs | 1.50 µs | sums |",
            "| broken-132x256 | failed: a wait was given up | – | – |",
            "Other floors:", "| other | 1.00 ns |")]
        self.assertEqual(places, sorted(places))
        self.assertNotIn("grid-barrier", table)
        self.assertNotIn("that sorts", table)
        self.assertIn("one launch a generation | 2.50 G msg/s |", page)

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
