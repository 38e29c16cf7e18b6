"""What a new record does better or worse than an old one: for bench/compare and
bench/report."""

import math
import statistics

from rows import BASELINES, PAIRS, best_of, quantity, stencil_graph

THRESHOLD = 0.05


class BadRecord(Exception):
    """Something that is no record, and why."""


class Rows:
    """What a record says: our rows, what bounds them, and whence it is."""

    def __init__(self, record, name):
        try:
            self.where = f"{record['header']['date']}, commit " \
                         f"{record['header']['commit'][:12]}"
            read = self.read_peers if "systems" in record else self.read_bench
            read(record)
            for row in (*self.ours.values(), *self.bounds.values()):
                check(row)
        except (ValueError, KeyError, TypeError, AttributeError) as bad:
            raise BadRecord(f"{name} is no record: {type(bad).__name__}: {bad}") \
                from bad

    def read_bench(self, record):
        self.where += f", {record['where']['device']}"
        self.ours = {**record["bench"], **record["compiler"]}
        self.floors = record["floors"]
        self.bounds = {}
        for name, bound, _ in PAIRS + BASELINES:
            if name in self.ours and has_value(self.floors.get(bound)):
                self.bounds.setdefault(name, self.floors[bound])
        for name in self.ours:
            if has_value(self.floors.get(stencil_graph(name))):
                self.bounds[name] = self.floors[stencil_graph(name)]

    def read_peers(self, record):
        """The bound of our programs is CAF's quicker scheduler."""
        systems = record["systems"]
        self.floors, self.ours, self.bounds = {}, {}, {}
        for system in ("rk-cuda", "rk-cpu"):
            for name, row in systems.get(system, {"rows": {}})["rows"].items():
                self.ours[f"{system} {name}"] = row
                bound = best_of(*(systems[caf]["rows"].get(name)
                                  for caf in ("caf", "caf-sharing")
                                  if caf in systems))
                if bound:
                    self.bounds[f"{system} {name}"] = bound


def check(row):
    """Raises if a row is neither a failure nor a measurement."""
    if "error" not in row:
        if not row["p50"] >= 0 or not row["p99"] >= 0 or not row["runs"] >= 1:
            raise ValueError(f"row '{row['name']}' has no sound values")
        row["unit"].endswith("/s")


def has_value(row):
    return row is not None and "error" not in row and row["p50"] > 0


def is_rate(row):
    return row["unit"].endswith("/s")


def noise(row):
    """How far the median of another record may lie from this one's, as a share
    of it: the distance from the median to the bad end, less with more runs."""
    spread = abs(row["p99"] / row["p50"] - 1)
    return spread / math.sqrt(row["runs"])


def cost(old, new):
    """How many times what OLD takes NEW takes."""
    factor = new["p50"] / old["p50"]
    return 1 / factor if is_rate(new) else factor


def text(row):
    return quantity(row["p50"], row["unit"])


def content(row):
    """What a message carries, as far as a record says it."""
    return f"{row['content']} bytes of content" if "content" in row \
        else "content that the record does not tell"


def judge(old, new, bounds, threshold):
    """Returns (verdict, what it is based on) of a row that both records have."""
    if not has_value(new):
        return ("same" if not has_value(old) else "worse",
                new.get("error", "is 0"))
    if not has_value(old):
        return "better", f"{old.get('error', 'was 0')}; now {text(new)}"
    if old["unit"] != new["unit"]:
        return "missing", f"was in {old['unit']}, is in {new['unit']}"
    if content(old) != content(new):
        return "missing", f"messages had {content(old)}, have {content(new)}"
    factor = cost(old, new)
    measured = [old, new]
    based = "value"
    if all(bounds):
        factor /= cost(*bounds)
        measured += bounds
        based = f"ratio to {bounds[1]['name']}"
    limit = max(threshold * (2 if 1 in (old["runs"], new["runs"]) else 1),
                2 * math.hypot(*map(noise, measured)))
    verdict = "worse" if factor > 1 + limit else \
        "better" if factor < 1 / (1 + limit) else "same"
    return verdict, (f"{text(old)} → {text(new)}, cost × {factor:.2f} by "
                     f"{based} (up to {100 * limit:.0f} % is noise)")


def compare(old, new, threshold):
    """Yields (verdict, name, text) for every row of either record."""
    for name, row in old.ours.items():
        if name not in new.ours:
            yield "missing", name, "not in the new record"
        else:
            bounds = [record.bounds.get(name) for record in (old, new)]
            if all(bounds) and bounds[0]["name"] != bounds[1]["name"]:
                bounds = [None, None]
            verdict, why = judge(row, new.ours[name], bounds, threshold)
            yield verdict, name, why
    for name in new.ours:
        if name not in old.ours:
            yield "new", name, text(new.ours[name]) \
                if has_value(new.ours[name]) else new.ours[name].get("error", "0")


def floors_line(old, new):
    """How the two machines compare where nothing of ours runs."""
    costs = [cost(old.floors[name], row) for name, row in new.floors.items()
             if has_value(row) and has_value(old.floors.get(name))]
    if not costs:
        return "No floor is in both records."
    return (f"Floors cost × {statistics.median(costs):.2f} (median of "
            f"{len(costs)}; {min(costs):.2f} to {max(costs):.2f}).")
