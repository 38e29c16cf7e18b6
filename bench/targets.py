"""What each path is to reach on an H200, and how far a record is from it."""

import dataclasses

from rows import PACKETS, number, quantity


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
    content: int = 0  # of a message of a row that counts, if not 0
    seconds: int = 0  # that a row must have lasted
    rising: bool = False  # more is better, though the unit is no rate

    def best(self, rows):
        known = [rows[name] for name in self.ours
                 if self.field in rows.get(name, {})
                 and self.content in (0, rows[name].get("content"))]
        pick = max if self.is_rate() else min
        return pick(known, key=lambda row: row[self.field], default=None)

    def is_rate(self):
        return self.rising or self.unit.endswith("/s")


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


PACKET = "a 64-byte packet with {} bytes of content"
EIGHT, FULL = PACKET.format(8), PACKET.format(32)
IN_FLIGHT = "pooled-1M-in-flight-"
TENFOLD = "pooled-1M-ten-times-the-best-load"

TARGETS = [
    Target("1", f"host → handler → host, pooled actor, {EIGHT} each way, beside "
           "a bare flag",
           ("host-handler-host",), 1.25, beside="host-round-trip-relaxed",
           unit="ns", why=LINK),
    Target("1", "the same, resident actor", ("host-resident-host",), 1.25,
           beside="host-round-trip-relaxed", unit="ns", why=HOPS),
    Target("2", f"host → handlers, {PACKETS}, one host thread",
           ("host-to-handlers-1-threads", "host-to-handlers-1-threads-in-rows"),
           150, unit="M msg/s", why=LINK),
    Target("2", "the same, four host threads",
           ("host-to-handlers-4-threads", "host-to-handlers-4-threads-in-rows"),
           250, unit="M msg/s", why=LINK),
    Target("3", f"resident → resident one way in a block, {FULL}",
           ("resident-hop-block",), 170, unit="ns", why=HOPS),
    Target("3", "the same in a cluster", ("resident-hop-cluster",), 290,
           unit="ns", why=HOPS),
    Target("3", "the same on the device", ("resident-hop-device",), 600,
           unit="ns", why=HOPS),
    Target("5", f"between 1 M pooled actors at random, {PACKETS}",
           ("pooled-1M-actors", *(f"{IN_FLIGHT}{each}" for each in
                                  (64, 128, 320, 640, 1280))),
           5000, unit="M msg/s", why=LOOP, content=32),
    Target("5", "the least of it at loads from the best to ten times that, of the best",
           (TENFOLD,), 70, unit="%", why=LOOP, rising=True),
    Target("6", "an actor made by the host, one at a time",
           ("spawn-one-from-host",), 4000, unit="ns",
           why="rationale/spawning-without-packets.md"),
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
           ("sustained",), 1, field="cv_percent", unit="%", why=LOOP, seconds=60),
    Target("16", "60 seconds: messages lost", ("sustained",), 0, field="lost",
           unit="messages", why=LOOP, seconds=60),
]


def tenfold(rows):
    """What of the best rate over messages in flight is left, at the worst, at loads
    from the best to ten times that, in per cent; nothing if that was not measured."""
    curve = {int(name.removeprefix(IN_FLIGHT)): row["p50"]
             for name, row in rows.items()
             if name.startswith(IN_FLIGHT) and row.get("content") == 32}
    best = max(curve, key=curve.get, default=0)
    end = min((each for each in curve if each >= 10 * best), default=None)
    if end is None:
        return {}
    least = min(rate for each, rate in curve.items() if best <= each <= end)
    return {TENFOLD: {"p50": 100 * least / curve[best]}}


def judge(target, record):
    """(target, measured, verdict) in words, and whether it was measured."""
    rows = {**record["floors"], **record["compiler"], **record["bench"]}
    rows.update(tenfold(record["bench"]))
    row = target.best(rows)
    bound = rows.get(target.beside, {}).get("p50")
    sign, limit = "≥" if target.is_rate() else "≤", target.limit
    asked = f"{sign} {quantity(limit, target.unit)}"
    if target.beside:
        asked = f"{sign} {limit} × "
        asked += "its bound" if bound is None \
            else quantity(bound * target.share_of, target.unit)
    if row is None or target.beside and bound is None:
        return asked, "not in this record", "–", False
    value = row[target.field]
    measured = quantity(value, target.unit)
    if row.get("seconds", target.seconds) < target.seconds:
        return asked, measured, f"refused: {number(row['seconds'])} s, not " \
            f"{target.seconds}", True
    if target.beside:
        bound *= target.share_of
        measured += f" = {value / bound:.2f} ×"
        limit *= bound
    if value >= limit if target.is_rate() else value <= limit:
        return asked, measured, "reached", True
    short = value / limit if target.is_rate() else limit / value
    return asked, measured, f"{100 * short:.0f} % of the way", True


def target_table(record):
    """Markdown: every target, if the record says something about one."""
    lines = ["| # | Quantity | Target | Measured | |", "|---|---|---|---|---|"]
    any_known = False
    for target in TARGETS:
        asked, measured, how_far, known = judge(target, record)
        any_known |= known
        lines.append(f"| {target.number} | {target.text} | {asked} | "
                     f"{measured} | [{how_far}]({target.why}) |")
    return lines if any_known else []
