#!/usr/bin/env python3
"""Compares random stencils with plain C++, bit for bit, by each plan.

usage: property.py test  --rkc RKC [options]         make, compile, run
       property.py build FOLDER --rkc RKC [options]  make and compile only
       property.py run   FOLDER [options]            run what was built
       property.py total RECORD...                   add up what was recorded

A program has `--stencils` random classes: 1 to 3 dimensions, radius 1 to 8, star
or box, several fields with several levels, integers too, coefficients and
parameters, branches. It runs them on random grids with random boundaries, layers
and numbers of steps, which follow from a seed of their own.

`test` makes `--programs` programs, or goes on until programs ran for `--minutes`
(compiling does not count), with other stencils each time. `run` goes on with the
programs that there are, with other grids each time, `--jobs` processes at a time;
it needs Python alone, so that it runs on a machine with a GPU and no compiler.
RK_BACKEND chooses the back end. With `--devices all`, or `--devices 0,1`, `run`
has `--jobs` processes at a time on each of these GPUs.

Prints what was done, as a table; `run` also as a line of JSON for each program
and one for all. With --record FILE it adds a line to FILE.
Exit code: 1 if a cell differs, a program fails or a plan ran nothing; then the
command that repeats the case is printed.
"""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from property_stencils import Shape, write_program

HERE = pathlib.Path(__file__).resolve().parent
COUNTS = ("grids", "steps", "updates", "compared", "wrong")


class Totals:
    """What programs did, by plan."""

    def __init__(self):
        self.plans, self.devices = {}, set()
        self.failures, self.programs, self.stencils = [], 0, 0

    def add(self, plan, counts):
        mine = self.plans.setdefault(
            plan, {**dict.fromkeys(COUNTS, 0), "refusals": {}})
        for key in COUNTS:
            mine[key] += counts[key]
        # Without what it took to compile; older records have no such time.
        mine["seconds"] = round(
            mine.get("seconds", 0) + counts.get("seconds", 0), 1)
        for reason, count in counts["refusals"].items():
            mine["refusals"][reason] = mine["refusals"].get(reason, 0) + count

    def seconds(self):
        return sum(plan.get("seconds", 0) for plan in self.plans.values())

    def is_good(self):
        return not self.failures and all(
            plan["grids"] and not plan["wrong"] for plan in self.plans.values())

    def print(self):
        print(f"{self.programs} programs with {self.stencils} stencils")
        print(f"{'plan':10}{'grids':>11}{'steps':>13}{'cells updated':>17}"
              f"{'cells compared':>17}{'wrong':>7}{'refused':>10}")
        for name, plan in self.plans.items():
            refused = sum(plan["refusals"].values())
            print(f"{name:10}{plan['grids']:11}{plan['steps']:13}"
                  f"{plan['updates']:17}{plan['compared']:17}"
                  f"{plan['wrong']:7}{refused:10}")
        for name, plan in self.plans.items():
            for reason, count in sorted(plan["refusals"].items(),
                                        key=lambda item: -item[1]):
                print(f"  {name} refused {count}: {reason}")
        for failure in self.failures:
            print(failure)


def run_program(program, plan, words, limit, device=None):
    """Returns (counts or None, device, what went wrong or None)."""
    command = [str(program), f"--plan={plan}", *words]
    where = {} if device is None else {"CUDA_VISIBLE_DEVICES": device}
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              timeout=limit, check=False,
                              env={**os.environ, **where})
    except subprocess.TimeoutExpired as late:
        return None, None, (f"{' '.join(command)}: still running after "
                            f"{limit:.0f} s\n{late.stdout or ''}")
    lines = done.stdout.splitlines()
    last = lines[-1] if lines else ""
    counts = json.loads(last) if last.startswith("{") else None
    if counts and done.returncode == 0:
        return counts, counts["device"], None
    return counts, counts and counts["device"], (
        f"{' '.join(command)}: exit code {done.returncode}\n" +
        "\n".join(lines[:10] + lines[10:][-5:]) + again(command, done.stdout))


def again(command, output):
    """The command that repeats the first case that was wrong."""
    case = re.search(r"again: (--seed=\d+ --first=\d+ --count=1)", output)
    return f"\nagain: {command[0]} {command[1]} {case[1]}" if case else ""


def take(totals, plan, answer):
    counts, device, failure = answer
    if counts:
        totals.add(plan, counts)
    if device:
        totals.devices.add(device)
    if failure:
        totals.failures.append(failure)
        print(failure, flush=True)


def sees_a_bit(program, plan):
    """A program that finds no bit that was changed would find nothing else."""
    counts, _, _ = run_program(program, plan,
                               ["--count=40", "--seed=1", "--spoil"], 300)
    return counts and counts["wrong"] == counts["grids"]


def build(options, seed, folder):
    """Writes and compiles a program; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = Shape(options.dimensions, options.radius, options.star)
    write_program(folder, seed, options.stencils, shape)
    program = folder / "program"
    command = [options.rkc, folder / "stencils.cpp", folder / "main.cpp", "-o",
               program, f"--arch={options.arch}", "-O2", "-I", HERE]
    for include in options.include:
        command += ["-I", include]
    for word in ("-ffp-contract=off", "-w", "-static-libstdc++",
                 "-static-libgcc", "-s"):
        command += ["-Xhost", word]
    # Seconds of work, but beside others on a busy machine.
    begin = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=3600,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"seed {seed}: {' '.join(map(str, command))}\n{done.stdout}")
    if options.what == "build":
        print(f"{program}: made in {time.monotonic() - begin:.0f} s",
              flush=True)
    return program


def words_of(options, seed):
    if options.seconds:
        return [f"--seed={seed}", f"--seconds={options.seconds}"]
    return [f"--seed={seed}", f"--count={options.grids}"]


def test(options, totals, folder):
    while (totals.programs < options.programs or
           totals.seconds() < 60 * options.minutes):
        seed = options.seed + totals.programs
        program = build(options, seed, folder)
        totals.programs += 1
        totals.stencils += options.stencils
        if totals.programs == 1 and not sees_a_bit(program, options.plans[0]):
            totals.failures.append(
                f"{program} --spoil does not find the bits that it changes")
        for plan in options.plans:
            take(totals, plan, run_program(program, plan,
                                           words_of(options, seed),
                                           options.seconds + 600))
        if options.minutes and totals.programs % 20 == 0:
            print(f"after {totals.programs} programs: "
                  f"{json.dumps(totals.plans)}", flush=True)
        if len(totals.failures) > 10:
            break


class Turns:
    """Which program runs next, by which plan: each in turn, until time is up."""

    def __init__(self, programs, options):
        self.jobs = [(program, plan) for plan in options.plans
                     for program in programs]
        self.first, self.slice = options.seed, options.seconds or 5
        self.begin = time.monotonic()
        self.minutes, self.next, self.failures = options.minutes, 0, 0
        self.lock = threading.Lock()

    def take(self):
        """Returns (program, plan, seed, seconds), or None."""
        with self.lock:
            number = self.next
            left = self.begin + 60 * self.minutes - time.monotonic()
            if (number >= len(self.jobs) if not self.minutes else
                    left < 1) or self.failures > 10:
                return None
            self.next += 1
        seconds = min(self.slice, left) if self.minutes else self.slice
        return (*self.jobs[number % len(self.jobs)], self.first + number,
                seconds)


def run(options, totals):
    """The programs in turn by each plan, with new grids each time."""
    programs = sorted(options.folder.glob("*/program"))
    if not programs:
        sys.exit(f"no */program in {options.folder}: make some by "
                 "'property.py build'")
    totals.programs = len(programs)
    about = json.loads((options.folder / "about.json").read_text())
    totals.stencils = about["stencils"]
    turns, lock = Turns(programs, options), threading.Lock()
    done = {program: dict.fromkeys(("runs", *COUNTS, "seconds", "failures"), 0)
            for program in programs}

    def work(device):
        while job := turns.take():
            program, plan, seed, seconds = job
            answer = run_program(
                program, plan, [f"--seed={seed}", f"--seconds={seconds:.1f}"],
                seconds + options.patience, device)
            with lock:
                take(totals, plan, answer)
                counts, sums = answer[0], done[program]
                sums["runs"] += 1
                for key in (*COUNTS, "seconds") if counts else ():
                    sums[key] = round(sums[key] + counts[key], 1)
                if answer[2]:
                    sums["failures"] += 1
                    turns.failures += 1

    devices = devices_of(options)
    workers = [device for _ in range(options.jobs) for device in devices]
    with concurrent.futures.ThreadPoolExecutor(len(workers)) as pool:
        for ended in [pool.submit(work, device) for device in workers]:
            ended.result()
    machine = {"device": ", ".join(sorted(totals.devices)),
               "driver": ask_gpus("driver_version")[:1],
               "devices": len(devices), "jobs": len(workers)}
    for program, sums in done.items():
        print(json.dumps({"program": program.parent.name, **sums,
                          "stencils": totals.stencils // len(programs)}))
    print(json.dumps({"program": "all", **machine, **{
        key: round(sum(sums[key] for sums in done.values()), 1)
        for key in next(iter(done.values()))},
        "stencils": totals.stencils, "commit": commit_of(options.folder),
        "minutes": round((time.monotonic() - turns.begin) / 60, 1)}))


def ask_gpus(what):
    """One answer of nvidia-smi for each GPU; none without it."""
    try:
        done = subprocess.run(
            ["nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader"],
            capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.split() if done.returncode == 0 else []


def devices_of(options):
    """What CUDA_VISIBLE_DEVICES is for each; None leaves it as it is."""
    if options.devices != "all":
        return options.devices.split(",") if options.devices else [None]
    found = ask_gpus("index")
    if not found:
        sys.exit("--devices all: nvidia-smi names no GPU")
    return found


def commit_of(folder):
    """What was built: the file `commit` beside it, or git's."""
    if (folder / "commit").exists():
        return (folder / "commit").read_text().strip()
    done = subprocess.run(["git", "-C", HERE, "rev-parse", "HEAD"],
                          capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def record(options, totals, seconds):
    line = {"date": datetime.datetime.now(datetime.timezone.utc).strftime(
                "%Y-%m-%dT%H:%M:%SZ"),
            "commit": commit_of(options.folder or HERE),
            "device": ", ".join(sorted(totals.devices)),
            "host": f"{platform.machine()}, {os.cpu_count()} threads",
            "command": " ".join([options.what, f"--seed={options.seed}",
                                 f"--plans={','.join(options.plans)}"]),
            "minutes": round(seconds / 60, 1), "programs": totals.programs,
            "stencils": totals.stencils, "failures": len(totals.failures),
            "plans": totals.plans}
    with open(options.record, "a") as file:
        file.write(json.dumps(line) + "\n")


def add_up(paths):
    """Prints what recorded runs did, together, by device."""
    devices = {}
    for path in paths:
        for line in path.read_text().splitlines():
            row = json.loads(line)
            totals, sums = devices.setdefault(
                row["device"], (Totals(), {"minutes": 0, "runs": 0}))
            sums["minutes"] += row["minutes"]
            sums["runs"] += 1
            totals.programs += row["programs"]
            totals.stencils += row["stencils"]
            totals.failures += ["a program failed"] * row["failures"]
            for plan, counts in row["plans"].items():
                totals.add(plan, counts)
    for device, (totals, sums) in sorted(devices.items()):
        print(f"\n{device}: {sums['runs']} runs, {sums['minutes']:.1f} minutes")
        totals.print()
    return all(totals.is_good() for totals, _ in devices.values())


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("test", "build", "run", "total"))
    parser.add_argument("paths", nargs="*", type=pathlib.Path)
    parser.add_argument("--rkc")
    parser.add_argument("--include", nargs="*", default=[])
    parser.add_argument("--arch", default="host")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--programs", type=int, default=1)
    parser.add_argument("--stencils", type=int, default=24,
                        help="in a program")
    parser.add_argument("--plans", type=lambda text: text.split(","),
                        default=["global"],
                        help="names with commas between; auto: what is taken")
    parser.add_argument("--grids", type=int, default=480,
                        help="of a program by a plan")
    parser.add_argument("--seconds", type=float, default=0,
                        help="of a program by a plan, instead of --grids")
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--jobs", type=int, default=1,
                        help="programs that 'build' makes at a time, and\n"
                             "processes of 'run' at a time: on each device")
    parser.add_argument("--devices", default="",
                        help="GPUs by number with commas between, or all")
    parser.add_argument("--patience", type=float, default=60,
                        help="seconds that 'run' gives a program beyond its own")
    parser.add_argument("--dimensions", type=int, default=0,
                        help="of all stencils; 0: 1 to 3")
    parser.add_argument("--radius", type=int, default=8, help="the widest")
    parser.add_argument("--star", action="store_true",
                        help="no boxes: neighbours on the axes only")
    parser.add_argument("--record", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path,
                        help="a folder for the last program of 'test'")
    options = parser.parse_args()
    needs_rkc = options.what in ("test", "build")
    if needs_rkc and not options.rkc:
        parser.error(f"'{options.what}' needs --rkc")
    if options.what in ("build", "run") and len(options.paths) != 1:
        parser.error(f"'{options.what}' needs one folder")
    options.folder = options.paths[0] if options.what == "run" else None
    return options


def main():
    options = arguments()
    if options.what == "total":
        return 0 if add_up(options.paths) else 1
    if options.what == "build":
        folder = options.paths[0]
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for made in [pool.submit(build, options, options.seed + i,
                                     folder / f"{i:02}")
                         for i in range(options.programs)]:
                made.result()
        for name in ("property.py", "property_stencils.py"):
            shutil.copy(HERE / name, folder)
        (folder / "commit").write_text(commit_of(folder) + "\n")
        (folder / "about.json").write_text(json.dumps(
            {"stencils": options.programs * options.stencils}) + "\n")
        return 0
    totals, begin = Totals(), time.monotonic()
    try:
        if options.what == "run":
            run(options, totals)
        else:
            with tempfile.TemporaryDirectory() as temporary:
                test(options, totals, options.keep or pathlib.Path(temporary))
    finally:  # what was done counts, however it ends
        totals.print()
        if options.record:
            record(options, totals, time.monotonic() - begin)
    return 0 if totals.is_good() else 1


if __name__ == "__main__":
    sys.exit(main())
