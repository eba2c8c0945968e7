"""Lines over time, with an axis of rounded numbers, the time below and a legend."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.gallery.evaluation import Drawn, Series
from tests.gallery.figures import figure
from tests.gallery.ink import CYCLE, LETTER, LINE, MUTED, NAMED, Box, path, rect, rule, word
from tests.gallery.panels import Panel

LEGEND_PX, TICK_PX = 10, 9
LEGEND_ROWS = 2
LEFT, BELOW, MORE_W = 46, 44, 44
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def draw(drawn: Drawn, box: Box, length_s: float, step_s: float) -> Iterator[str]:
    """Yield the shapes of a panel with lines in its box below the title."""
    panel = drawn.panel
    series = stacked(drawn.series) if panel.is_stacked else drawn.series
    plot = Box(box.x + LEFT, box.y + 4, box.w - LEFT - 8, box.h - BELOW)
    ticks = ticks_of(panel, series)
    low, high = ticks[0], ticks[-1]

    def height(value: float) -> float:
        return plot.bottom - (value - low) / (high - low) * plot.h

    for tick in ticks:
        yield rule(plot.x, height(tick), plot.right, height(tick), LINE)
        yield word(figure(tick, panel.unit), plot.x - 5, height(tick) + 3, px=TICK_PX, at="end")
    yield from _times(plot, length_s)
    if panel.has_bounds:
        for value, colour in panel.steps:
            if low <= value <= high:
                yield rule(plot.x, height(value), plot.right, height(value), NAMED[colour], dashed=True)
    for place, each in enumerate(series):
        ways = (
            path([(plot.x + at / length_s * plot.w, height(value)) for at, value in part])
            for part in unbroken(each.points, step_s)
        )
        yield f'<path d="{"".join(ways)}" stroke="{CYCLE[place % len(CYCLE)]}" stroke-width="1.5"/>'
    yield from _legend([each.name for each in series], Box(plot.x, plot.bottom + 16, plot.w, 26))


def ticks_of(panel: Panel, series: Sequence[Series]) -> list[float]:
    """Return from three to six rounded numbers that hold all values between them."""
    values = [value for each in series for _, value in each.points if math.isfinite(value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if panel.from_zero or 0 < low < high / 2:
        low = 0.0
    if high <= low:
        low, high = min(low, 0.0), max(high, low + (abs(low) or 1.0))
    whole = 1024.0**2 if panel.unit == "bytes" else 1.0
    rough = (high - low) / 4 / whole
    scale = 10.0 ** math.floor(math.log10(rough)) * whole
    step = next(each * scale for each in STEPS if each * scale >= rough * whole * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [place * step for place in range(first, last + 1)]


def stacked(series: Sequence[Series]) -> list[Series]:
    """Return each line on top of those before it."""
    below = defaultdict[float, float](float)
    found = []
    for each in series:
        points = []
        for at, value in each.points:
            below[at] += value
            points.append((at, below[at]))
        found.append(Series(each.name, points))
    return found


def unbroken(points: Sequence[tuple[float, float]], step_s: float) -> Iterator[list[tuple[float, float]]]:
    """Yield the parts of a line between which there was nothing; a point alone is drawn as long as a step."""
    part: list[tuple[float, float]] = []
    for point in points:
        if not math.isfinite(point[1]) or (part and point[0] - part[-1][0] > 1.5 * step_s):
            if part:
                yield part
            part = []
        if math.isfinite(point[1]):
            part.append(point)
    if part:
        yield part if len(part) > 1 else [part[0], (part[0][0] + step_s, part[0][1])]


def _times(plot: Box, length_s: float) -> Iterator[str]:
    every = max(1, math.ceil(length_s / 60 / 5))
    for minute in range(0, int(length_s // 60) + 1, every):
        x = plot.x + minute * 60 / length_s * plot.w
        yield word(f"{minute} min", x, plot.bottom + 11, px=TICK_PX, at="middle")


def _legend(names: Sequence[str], box: Box) -> Iterator[str]:
    x, row = box.x, 0
    for place, name in enumerate(names):
        wide = 16 + len(name) * LEGEND_PX * LETTER + 8
        right = box.right - MORE_W if row == LEGEND_ROWS - 1 and place < len(names) - 1 else box.right
        if x + wide > right and x > box.x:
            x, row = box.x, row + 1
        if row == LEGEND_ROWS:
            yield word(f"+ {len(names) - place} more", box.right, box.y + 21, px=LEGEND_PX, at="end")
            return
        y = box.y + row * 13
        yield rect(Box(x, y + 3, 10, 3), CYCLE[place % len(CYCLE)])
        yield word(name, x + 14, y + 8, px=LEGEND_PX, ink=MUTED)
        x += wide
