"""Tables of a record in Markdown: what bench/report writes into the record's
folder, and what of them docs/performance.md shows."""

from rows import BASELINES, COUNTS, DESIGNS, PAIRS, PATTERNS, PEER_SYSTEMS, \
    SECTIONS, SIZES, STENCIL_PLANS, VALUE_BYTES, best_of, number, quantity, \
    stencil_grid


def cell(row):
    if row is None:
        return "–", "–", "–"
    if "error" in row:
        return f"failed: {row['error']}", "–", "–"
    return (quantity(row["p50"], row["unit"]),
            quantity(row["p99"], row["unit"]), str(row["runs"]))


def ratio(ours, floor):
    """How many times the floor: of a time ours / floor, of a rate the share."""
    if not ours or not floor or "error" in ours or "error" in floor:
        return "–"
    times = ours["p50"] / floor["p50"]
    if ours["unit"].endswith("/s"):
        return f"{number(100 * times)} % of it"
    return f"{number(times) if times >= 10 else format(times, '.2f')} × it"


def pair_table(record, pairs, bound_is):
    """Ours beside something else of the same record."""
    lines = [f"| Quantity | Ours p50 | p99 | Runs | {bound_is} p50 | p99 | "
             "Ours is |", "|---|---|---|---|---|---|---|"]
    bounded = {name for name, floor, _ in pairs if floor in record["floors"]}
    for name, floor, text in pairs:
        mine, bound = record["bench"].get(name), record["floors"].get(floor)
        if bound is None and (mine is None or name in bounded):
            continue
        p50, p99, runs = cell(mine)
        bound50, bound99, _ = cell(bound)
        lines.append(f"| {text} | {p50} | {p99} | {runs} | {bound50} | "
                     f"{bound99} | {ratio(mine, bound)} |")
    return lines


def design_tables(floors):
    """Rows that do the same in several ways, each table from the quickest on."""
    lines = []
    for title, prefix in DESIGNS:
        rows = [row for name, row in floors.items() if name.startswith(prefix)]
        if not rows:
            continue
        lines += ["", f"{title}:", "", "| Design | p50 | p99 | Checked |",
                  "|---|---|---|---|"]
        rows.sort(key=lambda row: row.get("p50", float("inf")))
        for row in rows:
            p50, p99, _ = cell(row)
            lines.append(f"| {row['name'].removeprefix(prefix)} | {p50} | {p99} "
                         f"| {row.get('checked', '–')} |")
    return lines


def plain(row):
    """The median alone; the table says the unit."""
    if row is None:
        return "–"
    return "failed" if "error" in row else number(row["p50"])


def matrix_table(rows):
    """Messages a second by number of actors, pattern and size."""
    lines = []
    for count, actors in COUNTS.items():
        for pattern, name in PATTERNS.items():
            found = [rows.get(f"pooled-{count}-{pattern}-{size}-bytes")
                     for size in SIZES]
            if any(found):
                lines.append(f"| {actors} | {name} | "
                             + " | ".join(map(plain, found)) + " |")
    title = ["", "Messages between pooled actors by number of actors, pattern and "
             "size of content:"]
    if not lines:
        return title + ["not in this record."]
    return title + [
        "millions a second, one run each. *Hot spot*: a quarter goes to 64 actors; "
        "*broadcast*: a handler", "sends to all four actors that it knows, and "
        "copies count. Up to 32 bytes a message is one packet; beyond",
        "that its content lies in a block, which the packet names.", "",
        "| Actors | Pattern | " + " | ".join(f"{size} bytes" for size in SIZES)
        + " |", "|---|---|" + "---|" * len(SIZES), *lines]


def skew_table(rows):
    """Traffic with a skew, without and with balance."""
    lines = []
    for name, text in (("one-worker", "all among the actors of one worker"),
                       ("zipf", "10 K actors, the k-th gets 1/k"),
                       ("none", "32 K actors, each as busy as the others")):
        off, load, moves = (rows.get(f"skew-{name}-{way}")
                            for way in ("off", "load", "load-moves"))
        if off or load:
            lines.append(f"| {text} | {plain(off)} | {plain(load)} | "
                         f"{plain(moves)} |")
    title = ["", "Traffic with a skew, without and with `Balance::Load`:"]
    if not lines:
        return title + ["not in this record."]
    return title + ["millions of messages a second.", "",
                    "| Traffic | Off | Load | Shards moved |", "|---|---|---|---|",
                    *lines]


def stencil_row(grid, rows):
    """A line of the table of stencils."""
    plans = [rows.get(f"stencil-{grid}-{plan}") for plan in STENCIL_PLANS]
    best = max((row["p50"] for row in plans if row and "p50" in row), default=0)
    graph, by_hand, copy = (rows.get(name, {}) for name in (
        f"stencil-graph-{grid}", f"stencil-hand-{grid}", "device-copy"))
    # A copy that moves as much as an update: two values read and one written.
    limit = copy.get("p50", 0) / (3 * VALUE_BYTES[grid.rpartition("-")[2]])
    times = f"{best / graph['p50']:.2f} ×" if "p50" in graph else "–"
    share = f"{best / limit:.2f} ×" if limit else "–"
    cells = [plain(row) for row in (*plans, graph or None, by_hand or None)]
    shape, _, kind = grid.partition("-")
    shape = shape.replace("^3", "³").replace("^2", "²")
    return "| " + " | ".join([f"{shape} {kind.replace('-', ' ')}", *cells,
                              number(limit) if limit else "–", times,
                              share]) + " |"


def stencil_table(record):
    """Cells a second of each grid by each plan, beside what bounds them."""
    rows = {**record["bench"], **record["floors"]}
    grids = dict.fromkeys(grid for name in record["bench"]
                          if (grid := stencil_grid(name)))
    if not grids:
        return []
    return ["", "Waves by each plan, in 10⁹ cells a second: two values of a cell "
            "read and one written;", "7 points on a cube, 25 with radius 4, 5 on "
            "a square, 17 with radius 4; *open* has ten cells of sponge",
            "at all faces, a source and a probe. *Graph* is a plain kernel "
            "written by hand in a",
            "graph of launches, *by hand* the best kernel written by hand (cubes "
            "of float), *copy* what the memory", "allows if an update moves three "
            "values: a plan that keeps cells on the chip may pass it.", "",
            "| Grid | " + " | ".join(STENCIL_PLANS) + " | Graph | By hand | "
            "Copy | Best, of the graph | of the copy |",
            "|---|" + "---|" * (len(STENCIL_PLANS) + 5),
            *(stencil_row(grid, rows) for grid in grids)]


def row_table(title, rows):
    """Markdown of rows that stand alone, or nothing if there are none."""
    if not rows:
        return []
    return ["", f"{title}:", "", "| Name | p50 | p99 | Runs | Checked |",
            "|---|---|---|---|---|",
            *("| " + " | ".join([row["name"], *cell(row),
                                 row.get("checked", "–")]) + " |"
              for row in rows)]


def sections(rows, names, rest):
    """Rows by what they are about; the others under `rest`."""
    lines, left = [], rows
    for title, prefixes in names:
        chosen = [row for row in left if row["name"].startswith(prefixes)]
        left = [row for row in left if row not in chosen]
        lines += row_table(title, chosen)
    return lines + row_table(rest, left)


def summary_tables(record):
    """Markdown of what of a record the page shows, and the pairs of rows that
    it says something about."""
    pairs = [pair for pair in BASELINES if pair[1] in record["floors"]]
    lines = pair_table(record, PAIRS, "Floor")
    if pairs:
        lines += ["", "Baselines, the same jobs without actors:", ""]
        lines += pair_table(record, pairs, "Baseline")
    lines += stencil_table(record) + matrix_table(record["bench"])
    return lines + skew_table(record["bench"]), PAIRS + pairs


def tables(record):
    """Markdown of one record, every row."""
    floors, ours = record["floors"], record["bench"]
    lines, pairs = summary_tables(record)
    lines += design_tables(floors)
    paired = {pair[0] for pair in pairs}
    bounds = {pair[1] for pair in pairs}
    designs = tuple(prefix for _, prefix in DESIGNS)
    lines += sections([row for name, row in ours.items() if name not in paired
                       and not name.startswith("stencil-")], SECTIONS,
                      "Ours, without a floor")
    lines += row_table("Other floors", [
        row for name, row in floors.items() if name not in bounds
        and not name.startswith(("stencil-", *designs))])
    return lines + row_table("Compiler, cold", record["compiler"].values())


def peer_cell(row):
    if row is None:
        return "–"
    if "error" in row:
        return f"failed: {row['error']}"
    return f"{number(row['p50'])} ({number(row['p99'])})"


def peer_table(record):
    """Markdown of one record of peers: every program, whoever wins."""
    shown = [pair for pair in PEER_SYSTEMS if pair[0] in record["systems"]]
    lines = ["| Program | " + " | ".join(text for _, text in shown)
             + " | Ours, CPU, beside the quicker CAF |", "|---|" + "---|" * (len(shown) + 1)]
    for name in dict.fromkeys(name for system, _ in shown
                              for name in record["systems"][system]["rows"]):
        rows = {system: record["systems"][system]["rows"].get(name)
                for system, _ in shown}
        caf = best_of(rows.get("caf"), rows.get("caf-sharing"))
        lines.append(f"| {name.removeprefix('savina-')} | "
                     + " | ".join(peer_cell(rows[key]) for key, _ in shown)
                     + f" | {ratio(rows.get('rk-cpu'), caf)} |")
    return lines
