"""Which rows of a record stand beside which, and how values are written: what
bench/report and bench/compare share."""

PACKETS = "64-byte packets with 32 bytes of content"

# What we measure, beside what bounds it from below: (ours, floor, text).
PAIRS = [
    ("host-handler-host", "host-round-trip-relaxed",
     "host → handler → host, beside a bare flag to and fro"),
    ("host-resident-host", "host-round-trip-relaxed",
     "host → resident handler → host, beside the same"),
    ("host-handler-host", "launch-sync",
     "host → handler → host, beside a kernel launch and synchronisation"),
    ("handler-handler-one-way-near", "l2-packet64-one-way-near",
     "handler → handler one way, near, beside 64 bytes through L2"),
    ("handler-handler-one-way-far", "l2-packet64-one-way-far",
     "handler → handler one way, far, beside 64 bytes through L2"),
    ("host-handler-host", "device-memory-round-trip",
     "host → handler → host, beside a flag in device memory that the host "
     "writes"),
    ("host-resident-host", "device-memory-round-trip",
     "host → resident handler → host, beside the same"),
    ("host-to-handlers-1-threads", "host-injection-32-rings-1-threads",
     f"{PACKETS}, host → handlers, one host thread, beside bare rings in "
     "host memory"),
    ("host-to-handlers-4-threads", "host-injection-32-rings-4-threads",
     f"{PACKETS}, host → handlers, four host threads"),
    ("host-to-handlers-1-threads-in-rows", "host-injection-32-rings-1-threads",
     "the same in rows (sendAll), one host thread"),
    ("host-to-handlers-4-threads-in-rows", "host-injection-32-rings-4-threads",
     "the same, four host threads"),
    ("host-to-handlers-1-threads", "device-memory-injection-16-rings-1-threads",
     f"{PACKETS}, host → handlers, one host thread, beside bare rings in "
     "device memory"),
    ("host-to-handlers-4-threads", "device-memory-injection-32-rings-4-threads",
     "the same, four host threads"),
    ("host-to-handlers-1-threads-in-rows",
     "device-memory-injection-16-rings-1-threads",
     "the same in rows (sendAll), one host thread"),
    ("host-to-handlers-4-threads-in-rows",
     "device-memory-injection-32-rings-4-threads",
     "the same, four host threads"),
    ("resident-hop-block", "tier-block-packet64-one-way",
     "resident → resident one way in a block, beside 64 bytes between warps"),
    ("resident-hop-cluster", "tier-cluster-packet64-one-way",
     "the same in a cluster, beside 64 bytes between two of its blocks"),
    ("resident-hop-device", "tier-l2-packet64-one-way",
     "the same between clusters, beside 64 bytes through L2"),
    ("block-barrier", "block-barrier-hardware-256",
     "barrier of a block in a handler, beside that of the hardware"),
    ("cluster-barrier", "cluster-barrier-hardware-8",
     "the same of a cluster of eight blocks, beside that of the hardware"),
    ("grid-barrier", "grid-barrier-counter-half-fences-132x256",
     "the same of the grid, beside the same design in all 132 blocks"),
    ("pooled-32K-actors", "pooled-32K-actors",
     "packets between 32 K pooled actors, at random"),
    ("pooled-1M-actors", "pooled-1M-actors",
     "packets between 1 M pooled actors, at random"),
    ("bulk-copy-16K", "payload-copy-16K",
     "payloads of 16 KiB copied by 1024 warps, beside the same without actors"),
    ("bulk-copy-256K", "payload-copy-256K", "the same of 256 KiB"),
    ("bulk-copy-4M", "payload-copy-4M", "the same of 4 MiB by 256 warps"),
    ("bulk-block-copy-4M-8", "block-copy-bulk-4M-8",
     "payloads of 4 MiB copied by 8 block actors, beside the same without actors"),
    ("bulk-block-copy-4M-64", "block-copy-bulk-4M-64", "the same by 64"),
    ("system-start", "persistent-kernel-start",
     "start of a system, beside a bare persistent kernel"),
    ("system-stop-idle", "persistent-kernel-stop",
     "stop of an idle system, beside a bare persistent kernel"),
    ("system-stop-busy", "persistent-kernel-stop",
     "stop while actors send to each other, beside the same"),
]

# The same jobs done without actors, in the same form.
BASELINES = [
    ("pooled-1M-actors", "baseline-pooled-1M-graph",
     "messages between 1 M actors, beside a graph, one launch a generation"),
    ("pooled-1M-actors", "baseline-pooled-1M-graph-sorted",
     "the same, beside a graph that sorts the messages by receiver"),
    ("pooled-1M-actors", "baseline-pooled-1M-cooperative",
     "the same, beside one kernel with a grid barrier a generation"),
    ("pooled-1M-actors-1M-in-flight", "baseline-pooled-1M-graph-1M-in-flight",
     "with 1 M messages in flight, beside the graph"),
    ("pooled-1M-actors-1M-in-flight",
     "baseline-pooled-1M-graph-sorted-1M-in-flight",
     "the same, beside the graph that sorts"),
    ("pooled-1M-actors-1M-in-flight",
     "baseline-pooled-1M-cooperative-1M-in-flight",
     "the same, beside the kernel with grid barriers"),
    ("handler-handler-one-way-near", "baseline-hop-launch",
     "handler → handler one way, near, beside a launch that the host awaits"),
    ("handler-handler-one-way-near", "baseline-hop-graph",
     "the same, beside a node of a graph, which decides nothing"),
]

# Floors with a table of their own, from the quickest on: (title, prefix).
DESIGNS = [("Barriers of the whole grid", "grid-barrier-"),
           ("Barriers of a cluster", "cluster-barrier-"),
           ("Barriers of a block", "block-barrier-"),
           ("One way within a block, a cluster and the device", "tier-")]

# Our rows that have no floor, by what they are about: (title, prefixes).
SECTIONS = [("Messages between pooled actors", ("pooled-",)),
            ("Requests of the host", ("host-asks-",)),
            ("Traffic with a skew", ("skew-",)),
            ("Making and stopping actors", ("spawn-", "stop-", "churn-")),
            ("Memory, and the start of a system", ("memory-", "system-")),
            ("Bulk payloads", ("bulk-",)),
            ("Savina's programs on this back end", ("savina-",)),
            ("Programs", ("stream-", "fraud-", "sustained"))]

# rk-bench names the rows of the matrix pooled-COUNT-PATTERN-SIZE-bytes.
COUNTS = {"1K": "1 K", "32K": "32 K", "1M": "1 M", "10M": "10 M"}
PATTERNS = {"random": "random", "neighbour": "neighbour", "hot-spot": "hot spot",
            "broadcast": "broadcast"}
SIZES = (16, 48, 112, 1024)

# rk-bench-stencils names its rows stencil-GRID-PLAN, as stencil-512^3-float-global.
STENCIL_PLANS = ("global", "streaming", "temporal", "resident", "auto")
VALUE_BYTES = {"float": 4, "double": 8}

# The systems that run Savina's programs: (name in a record, text).
PEER_SYSTEMS = [("rk-cuda", "Ours, GPU"), ("rk-cpu", "Ours, CPU"),
                ("caf", "CAF, stealing"), ("caf-sharing", "CAF, sharing"),
                ("erlang", "Erlang")]


def number(value):
    """Three digits that count, with no exponent and at most three decimals."""
    if abs(value) < 0.0005:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{3 if abs(value) < 1 else digits}f}"


# Units that follow each other, each so many times the one before.
SCALES = [(("ns", "µs", "ms", "s"), 1000), (("bytes", "KiB", "MiB", "GiB"), 1024),
          (("MB/s", "GB/s", "TB/s"), 1000),
          (("Mcells/s", "Gcells/s", "Tcells/s"), 1000)]


def scale_of(unit):
    """The units that `unit` is one of, and how far apart they are."""
    for units, factor in SCALES:
        if unit in units:
            return units, factor
    bare = unit.removeprefix("M ").removeprefix("G ")
    return (bare, f"K {bare}", f"M {bare}", f"G {bare}"), 1000


def quantity(value, unit):
    """A value in the unit in which it has one to three digits, if there is one:
    129863000 ns is 130 ms."""
    units, factor = scale_of(unit)
    if unit not in units or not (unit.endswith("/s") or units in dict(SCALES)):
        return f"{number(value)} {unit}"
    at = units.index(unit)
    while at + 1 < len(units) and abs(value) >= factor * (1 - 5e-4):
        value, at = value / factor, at + 1
    while at > 0 and 0 < abs(value) < 1:
        value, at = value * factor, at - 1
    return f"{number(value)} {units[at]}"


def best_of(*rows):
    """The quickest of several systems' rows of one program, or None."""
    good = [row for row in rows if row and "error" not in row]
    return min(good, key=lambda row: row["p50"], default=None)


def stencil_grid(name):
    """The grid of a row that a plan gives, or None."""
    kind, _, rest = name.partition("-")
    grid, _, plan = rest.rpartition("-")
    return grid if kind == "stencil" and plan in STENCIL_PLANS else None


def stencil_graph(name):
    """What a plan's row is judged by: a graph of plain launches, or None."""
    grid = stencil_grid(name)
    return grid and f"stencil-graph-{grid}"
