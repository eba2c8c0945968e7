"""The session's volume-weighted average price, bar by bar, and its dotted line."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from engine.model.bar import Bar
from engine.model.trading_day import day_end_ns
from terminal.widgets.chart_scale import PriceScale

_COVERED_SHARE = 0.02
"""Less than this of the day's volume before the first bar is rounding, not trading."""
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Braille dots, left and right column, top to bottom."""


def session_vwap(bars: Sequence[Bar], day_volume: int, day_vwap: int, calendar: str) -> list[float]:
    """Return the VWAP since the session's start after every bar, in price units; 0 before a trade.

    Bars rarely reach back to the session's start: what was traded before them is the day's total less
    theirs. Sessions part where the calendar's trading day ends.
    """
    if not bars:
        return []
    ends = _day_ends(bars, calendar)
    of_today = [bar for bar, end_ns in zip(bars, ends, strict=True) if end_ns == ends[-1]]
    missing = day_volume - sum(bar.volume for bar in of_today)
    turnover = day_vwap * day_volume - sum(bar.turnover for bar in of_today)
    covers_all = missing <= _COVERED_SHARE * day_volume or turnover <= 0
    line: list[float] = []
    volume_sum = turnover_sum = day = 0
    for bar, end_ns in zip(bars, ends, strict=True):
        if end_ns != day:
            day = end_ns
            known = day == ends[-1] and not covers_all
            volume_sum, turnover_sum = (missing, turnover) if known else (0, 0)
        volume_sum += bar.volume
        turnover_sum += bar.turnover
        line.append(turnover_sum / volume_sum if volume_sum else 0.0)
    return line


def _day_ends(bars: Sequence[Bar], calendar: str) -> list[int]:
    """Return when the trading day of every bar ends."""
    ends: list[int] = []
    end_ns = 0
    for bar in bars:
        if bar.start_ns >= end_ns:
            end_ns = day_end_ns(calendar, bar.start_ns)
        ends.append(end_ns)
    return ends


def dotted(line: Sequence[float], columns: Sequence[int], scale: PriceScale) -> dict[tuple[int, int], str]:
    """Return a line through values at columns as braille glyphs by (row, column)."""
    bits: dict[tuple[int, int], int] = {}
    points = [(column, value) for column, value in zip(columns, line, strict=True) if value]
    for (x0, v0), (x1, v1) in itertools.pairwise(points):
        dots = 2 * (x1 - x0)
        for dot in range(dots):
            _set(bits, 2 * x0 + dot, v0 + (v1 - v0) * dot / dots, scale)
    if points:
        _set(bits, 2 * points[-1][0], points[-1][1], scale)
    return {cell: chr(0x2800 + pattern) for cell, pattern in bits.items()}


def _set(bits: dict[tuple[int, int], int], dot: int, value: float, scale: PriceScale) -> None:
    price = round(value)
    if scale.holds(price):
        eighth = scale.eighth(price)
        cell = (scale.rows - 1 - eighth // 8, dot // 2)
        bits[cell] = bits.get(cell, 0) | _DOTS[dot % 2][3 - eighth % 8 // 2]
