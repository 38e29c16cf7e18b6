"""What each path is to reach on an H200, and how far a record is from it."""

import dataclasses

from rows import number


@dataclasses.dataclass(frozen=True)
class Target:
    """One line of the table. A limit bounds times from above and rates from
    below; with `beside`, it is a multiple of that floor or baseline."""
    number: str   # of the list of targets; docs/rationale/ refers to it
    text: str
    ours: tuple   # rows that count; the best of them is judged
    limit: float  # in the unit of the rows, or times `beside`
    beside: str = ""
    share_of: float = 1  # what of `beside` counts
    field: str = "p50"
    unit: str = ""  # of `field`, if it is not the row's
    why: str = ""  # the page that says what the path costs

    def best(self, rows):
        known = [rows[name] for name in self.ours
                 if self.field in rows.get(name, {})]
        pick = max if self.is_rate() else min
        return pick((row[self.field] for row in known), default=None)

    def is_rate(self):
        return self.unit.endswith("/s")


HOPS = "rationale/resident-actors.md"
LOOP = "rationale/hot-paths.md"
LINK = "rationale/host-link.md"
STENCILS = "rationale/stencil-models.md"


def plans(grid, *names):
    return tuple(f"stencil-{grid}-{name}" for name in
                 names or ("global", "streaming", "temporal", "resident"))


def graph_target(grid, text, limit):
    return Target("10", f"wave of {text} in float, beside a graph of launches",
                  plans(grid), limit, beside=f"stencil-graph-{grid}",
                  unit="Gcells/s", why=STENCILS)


TARGETS = [
    Target("1", "host → handler → host, pooled actor, beside a bare flag",
           ("host-handler-host",), 1.25, beside="host-round-trip-relaxed",
           unit="ns", why=LINK),
    Target("1", "the same, resident actor", ("host-resident-host",), 1.25,
           beside="host-round-trip-relaxed", unit="ns", why=HOPS),
    Target("2", "64-byte messages host → handlers, one host thread",
           ("host-to-handlers-1-threads", "host-to-handlers-1-threads-in-rows"),
           150, unit="M msg/s", why=LINK),
    Target("2", "the same, four host threads",
           ("host-to-handlers-4-threads", "host-to-handlers-4-threads-in-rows"),
           250, unit="M msg/s", why=LINK),
    Target("3", "resident → resident one way in a block",
           ("resident-hop-block",), 170, unit="ns", why=HOPS),
    Target("3", "the same in a cluster", ("resident-hop-cluster",), 290,
           unit="ns", why=HOPS),
    Target("3", "the same on the device", ("resident-hop-device",), 600,
           unit="ns", why=HOPS),
    Target("5", "messages between 1 M pooled actors at random",
           ("pooled-1M-actors", "pooled-1M-in-flight-64",
            "pooled-1M-in-flight-128", "pooled-1M-in-flight-320",
            "pooled-1M-in-flight-640"), 5000, unit="M msg/s", why=LOOP),
    Target("6", "an actor made by the host", ("spawn-from-host-1048576",), 4000,
           unit="ns", why="rationale/spawning-without-packets.md"),
    Target("6", "an actor made by a handler, one by one", ("spawn-on-device",),
           1000, unit="ns", why="rationale/spawning-without-packets.md"),
    Target("8", "skynet, 1 M actors made and summed", ("savina-skynet",), 5,
           unit="ms", why="rationale/spawning-without-packets.md"),
    Target("9", "barrier of a cluster of eight blocks", ("cluster-barrier",),
           220, unit="ns", why="rationale/teams.md"),
    Target("9", "barrier of the grid", ("grid-barrier",), 950, unit="ns",
           why="rationale/teams.md"),
    graph_target("64^3-float", "64³", 2),
    graph_target("128^3-float", "128³", 2),
    graph_target("512^3-float", "512³", 1.3),
    Target("10", "the same of 512³ by `streaming`, beside a copy's rate",
           plans("512^3-float", "streaming"), 0.9, beside="device-copy",
           share_of=1 / 12, unit="Gcells/s", why=STENCILS),
    Target("11", "events through four stages", ("stream-4-stages-device",), 100,
           unit="M events/s", why="../examples/README.md"),
    Target("15", "`rkc`, 136 lines, source to cubin, cold", ("rkc-total",), 500,
           unit="ms", why="rationale/library-with-the-handlers.md"),
    Target("16", "60 seconds: coefficient of variation of a second",
           ("sustained",), 1, field="cv_percent", unit="%", why=LOOP),
    Target("16", "60 seconds: messages lost", ("sustained",), 0, field="lost",
           unit="messages", why=LOOP),
]


def judge(target, record):
    """(target, measured, verdict) in words, or None if nothing was measured."""
    rows = {**record["floors"], **record["compiler"], **record["bench"]}
    value = target.best(rows)
    if value is None:
        return None
    sign = "≥" if target.is_rate() else "≤"
    limit, measured = target.limit, f"{number(value)} {target.unit}"
    asked = f"{sign} {number(limit)} {target.unit}"
    if target.beside:
        bound = rows.get(target.beside, {}).get("p50")
        if bound is None:
            return None
        bound *= target.share_of
        asked = f"{sign} {limit} × {number(bound)} {target.unit}"
        measured += f" = {value / bound:.2f} ×"
        limit *= bound
    if value >= limit if target.is_rate() else value <= limit:
        return asked, measured, "reached"
    short = value / limit if target.is_rate() else limit / value
    return asked, measured, f"{100 * short:.0f} % of the way"


def target_table(record):
    """Markdown: every target that the record says something about."""
    lines = ["| # | Quantity | Target | Measured | |", "|---|---|---|---|---|"]
    for target in TARGETS:
        verdict = judge(target, record)
        if verdict:
            asked, measured, how_far = verdict
            lines.append(f"| {target.number} | {target.text} | {asked} | "
                         f"{measured} | [{how_far}]({target.why}) |")
    return lines if len(lines) > 2 else []
