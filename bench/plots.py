"""Plots as SVG: lines through points, the same bytes for the same values.

A plot has colours for light and dark pages and a ground of its own, so that it
can be read on either. Series differ by the form of their points as well.
"""

import math
from typing import NamedTuple
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 680, 380
LEFT, RIGHT, TOP, BOTTOM = 76, 24, 44, 66
LEGEND_LINE = 18

STYLE = """svg { font-family: sans-serif; font-size: 13px; }
.ground { fill: #ffffff; }
text { fill: #1f2328; }
.title { font-size: 15px; font-weight: bold; }
.grid { stroke: #d8dee4; }
.s0 { color: #0b57d0; } .s1 { color: #b3261e; } .s2 { color: #1b6e2d; }
.s3 { color: #7b3fb5; }
path.line { fill: none; stroke: currentColor; stroke-width: 2; }
path.point { fill: currentColor; stroke: none; }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117; }
text { fill: #e6edf3; }
.grid { stroke: #30363d; }
.s0 { color: #79b8ff; } .s1 { color: #ff9a8f; } .s2 { color: #7ee083; }
.s3 { color: #d2a8ff; }
}"""

# Around (0, 0).
POINTS = ["M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z", "M-4,-4h8v8h-8z",
          "M0,-5L5,4H-5z", "M0,-5L5,0L0,5L-5,0z"]


class Axis(NamedTuple):
    """`names`, if given, stand at 0, 1, 2 …"""
    label: str
    log: bool = False
    names: tuple = ()


def short(value):
    """1200 as 1.2 K: no more digits than the value needs."""
    for factor, unit in ((1e9, " G"), (1e6, " M"), (1e3, " K")):
        if value >= factor:
            return f"{value / factor:.4g}{unit}"
    return f"{value:.4g}"


def linear_ticks(most):
    """0 and up to six round steps, the last at `most` or above."""
    most = most if most > 0 else 1
    step = next(factor * 10 ** power
                for power in range(math.floor(math.log10(most)) - 1, 400)
                for factor in (1, 2, 5) if factor * 10 ** power * 6 >= most)
    return [step * i for i in range(math.ceil(most / step) + 1)]


def log_ticks(least, most):
    """Powers of ten from `least` or below to `most` or above; if there are few,
    2 and 5 times them as well."""
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    factors = (1, 2, 5) if high - low <= 2 else (1,)
    ticks = [factor * 10 ** power for power in range(low, high + 1)
             for factor in factors]
    above = [tick for tick in ticks if tick >= most] or ticks[-1:]
    below = [tick for tick in ticks if tick <= least] or ticks[:1]
    return [tick for tick in ticks if below[-1] <= tick <= above[0]]


def scale(axis, values, low, high):
    """Returns ([(tick, text)], a function from a value to its place)."""
    if axis.names:
        ticks, texts = list(range(len(axis.names))), list(axis.names)
        first, last = -0.25, len(ticks) - 0.75
    else:
        ticks = log_ticks(min(values), max(values)) if axis.log \
            else linear_ticks(max(values))
        texts = list(map(short, ticks))
        first, last = ticks[0], ticks[-1]
    straight = math.log10 if axis.log and not axis.names else float
    begin, end = straight(first), straight(last)
    width = end - begin or 1

    def place(value):
        return low + (high - low) * (straight(value) - begin) / width
    return list(zip(ticks, texts)), place


def text(x, y, content, anchor="middle", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>'
            f"{escape(content)}</text>")


def grid(axis, ticks, place, bottom, upright):
    for value, name in ticks:
        at = place(value)
        if upright:
            yield f'<path class="grid" d="M{at:.1f},{TOP}V{bottom}"/>'
            yield text(at, bottom + 18, name)
        else:
            yield f'<path class="grid" d="M{LEFT},{at:.1f}H{WIDTH - RIGHT}"/>'
            yield text(LEFT - 8, at + 4, name, "end")
    middle = (TOP + bottom) / 2
    if upright:
        yield text((LEFT + WIDTH - RIGHT) / 2, bottom + 40, axis.label)
    else:
        yield text(16, middle, axis.label,
                   more=f' transform="rotate(-90 16 {middle:.1f})"')


def draw(title, x_axis, y_axis, series):
    """Returns the SVG of `series`: [(name, [(x, y)])], at most four."""
    height = HEIGHT + LEGEND_LINE * (len(series) - 1)
    bottom = HEIGHT - BOTTOM
    points = [point for _, row in series for point in row]
    x_ticks, x_place = scale(x_axis, [x for x, _ in points], LEFT, WIDTH - RIGHT)
    y_ticks, y_place = scale(y_axis, [y for _, y in points], bottom, TOP)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
             f'height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
             f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
             f'<path class="ground" d="M0,0H{WIDTH}V{height}H0z"/>',
             text(WIDTH / 2, 24, title, more=' class="title"'),
             *grid(x_axis, x_ticks, x_place, bottom, True),
             *grid(y_axis, y_ticks, y_place, bottom, False)]
    for index, (name, row) in enumerate(series):
        places = [f"{x_place(x):.1f},{y_place(y):.1f}" for x, y in row]
        y = HEIGHT - 12 + LEGEND_LINE * index
        shown = [*places, f"{LEFT + 8},{y - 4}"]
        lines += [f'<g class="s{index}">',
                  f'<path class="line" d="M{"L".join(places)}"/>']
        lines += [f'<path class="point" transform="translate({place})" '
                  f'd="{POINTS[index]}"/>' for place in shown]
        lines += [text(LEFT + 20, y, name, "start"), "</g>"]
    return "\n".join(lines + ["</svg>"]) + "\n"
