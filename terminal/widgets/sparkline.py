"""Draws a row of values as small bars, one cell each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

_BARS = "▁▂▃▄▅▆▇"
"""Capped below the full block: full blocks of neighbouring rows would merge."""


def sparkline(values: Sequence[float], width: int) -> str:
    """Return exactly `width` cells, the newest value last; a flat series lies in the middle."""
    return _sparkline(tuple(values), width)


@lru_cache(maxsize=2048)
def _sparkline(values: tuple[float, ...], width: int) -> str:
    if width <= 0:
        return ""
    picked = _pick(values, width)
    if not picked:
        return " " * width
    low, high = min(picked), max(picked)
    if low == high:
        return (_BARS[3] * len(picked)).rjust(width)
    scale = (len(_BARS) - 1) / (high - low)
    return "".join([_BARS[round((value - low) * scale)] for value in picked]).rjust(width)


def _pick(values: tuple[float, ...], width: int) -> tuple[float, ...]:
    """Return at most `width` of the values, evenly spaced, always with the last."""
    count = len(values)
    if count <= width:
        return values
    return tuple(values[(cell + 1) * count // width - 1] for cell in range(width))
