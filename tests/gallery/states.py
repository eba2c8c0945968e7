"""Single numbers, states over time and heat maps."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.gallery.evaluation import Drawn, Series
from tests.gallery.figures import figure
from tests.gallery.ink import MUTED, NAMED, ROLES, TEXT, Box, cut, number, rect, word
from tests.gallery.panels import Panel

NAMES_WIDE = 90
COOL, HOT = (26, 42, 74), (255, 200, 87)
SHADES = 6


def draw_stat(drawn: Drawn, box: Box, now_s: float) -> Iterator[str]:
    """Yield the newest number of each series side by side, in its colour."""
    wide = box.w / len(drawn.series)
    for place, each in enumerate(drawn.series):
        value = each.points[-1][1]
        part = Box(box.x + place * wide + 3, box.y, wide - 6, box.h - 6)
        colour, ink = colour_of(drawn.panel, value), TEXT
        if drawn.panel.is_filled:
            yield rect(part, colour, round_px=3)
            ink = ROLES["on_badge"]
        said = said_of(drawn.panel, each, value, now_s)
        px = min(26.0, part.w / (max(len(said), 1) * 0.62), part.h * 0.6)
        middle = part.x + part.w / 2
        is_named = len(drawn.series) > 1 and drawn.panel.shows != "name"
        yield word(
            said,
            middle,
            part.y + part.h * (0.55 if is_named else 0.62),
            px=px,
            ink=ink,
            at="middle",
            bold=True,
        )
        if is_named:
            yield word(cut(each.name, part.w, 9), middle, part.bottom - 6, px=9, ink=ink, at="middle")


def colour_of(panel: Panel, value: float) -> str:
    """Return the colour that a panel gives a value."""
    if value in panel.colours:
        return NAMED[panel.colours[value]]
    return NAMED[next(colour for bound, colour in reversed(panel.steps) if value >= bound)]


def draw_timeline(drawn: Drawn, box: Box, length_s: float, step_s: float) -> Iterator[str]:
    """Yield a bar for each series, coloured by what it was."""
    high = min(14.0, (box.h - 22) / len(drawn.series))
    plot = Box(box.x + NAMES_WIDE, box.y, box.w - NAMES_WIDE - 8, box.h)
    for row, each in enumerate(drawn.series):
        y = plot.y + row * high
        yield word(each.name, plot.x - 6, y + high * 0.78, px=min(10.0, high * 0.95), at="end")
        for begin, end, value in spells(each.points, step_s):
            x, right = (plot.x + min(at, length_s) / length_s * plot.w for at in (begin, end))
            yield rect(Box(x, y + 0.8, right - x, high - 1.6), colour_of(drawn.panel, value))
    x = plot.x
    for value, text in drawn.panel.texts.items():
        yield rect(Box(x, box.bottom - 15, 10, 8), colour_of(drawn.panel, value))
        yield word(text, x + 14, box.bottom - 8, px=10)
        x += 24 + len(text) * 6.5


def spells(points: Sequence[tuple[float, float]], step_s: float) -> list[tuple[float, float, float]]:
    """Return from when to when a series was the same, and what it was."""
    found: list[tuple[float, float, float]] = []
    for at, value in points:
        if found and found[-1][2] == value and at - found[-1][1] <= step_s * 0.5:
            found[-1] = (found[-1][0], at + step_s, value)
        else:
            found.append((at, at + step_s, value))
    return found


def draw_heat(drawn: Drawn, box: Box, length_s: float, step_s: float) -> Iterator[str]:
    """Yield a cell for each bucket and moment, hotter where more fell into it."""
    buckets = apart(drawn.series)
    plot = Box(box.x + 46, box.y + 4, box.w - 54, box.h - 26)
    high, wide = plot.h / len(buckets), step_s / length_s * plot.w
    most = max((count for _, cells in buckets for _, count in cells), default=0.0)
    shapes = defaultdict[int, list[str]](list)
    for row, (bound, cells) in enumerate(buckets):
        y = plot.bottom - (row + 1) * high
        if row % max(1, len(buckets) // 6) == 0:
            yield word(_bound(bound), plot.x - 5, y + high * 0.5 + 3, px=9, at="end")
        for at, count in cells:
            if count > 0 and at <= length_s - step_s:
                shade = math.ceil(math.sqrt(count / most) * SHADES)
                x = plot.x + at / length_s * plot.w
                shapes[shade].append(
                    f"M{number(x)} {number(y)}h{number(wide)}v{number(high)}h-{number(wide)}z"
                )
    for shade, cells_of in shapes.items():
        yield f'<path d="{"".join(cells_of)}" fill="{_heat(shade / SHADES)}" stroke="{ROLES["panel"]}" stroke-width="0.5"/>'
    yield word("few", plot.x, box.bottom - 8, px=9)
    for shade in range(1, SHADES + 1):
        yield rect(Box(plot.x + 14 + shade * 12, box.bottom - 16, 11, 9), _heat(shade / SHADES))
    yield word(
        "many, by the upper bound of their bucket", plot.x + 32 + SHADES * 12, box.bottom - 8, px=9, ink=MUTED
    )


def apart(series: Sequence[Series]) -> list[tuple[float, list[tuple[float, float]]]]:
    """Return what fell into each bucket alone, lowest first, of what fell below each bound."""
    ordered = sorted((float(each.name), dict(each.points)) for each in series)
    found = []
    below: dict[float, float] = {}
    for bound, counts in ordered:
        found.append((bound, [(at, count - below.get(at, 0.0)) for at, count in counts.items()]))
        below = counts
    used = [place for place, (_, cells) in enumerate(found) if any(count > 0 for _, count in cells)]
    return found[min(used, default=0) : max(used, default=0) + 1]


def said_of(panel: Panel, series: Series, value: float, now_s: float) -> str:
    """Return what a single number says; a moment is told in milliseconds since the epoch."""
    if panel.shows == "name":
        return series.name
    if panel.unit == "dateTimeFromNow":
        return f"{figure(now_s - value / 1_000, 's')} ago"
    return panel.texts.get(value) or figure(value, panel.unit)


def _bound(bound: float) -> str:
    return "more" if math.isinf(bound) else figure(bound, "s")


def _heat(share: float) -> str:
    red, green, blue = (round(cool + (hot - cool) * share) for cool, hot in zip(COOL, HOT, strict=True))
    return f"#{red:02x}{green:02x}{blue:02x}"
