"""Where prices and times lie on a chart, and which of them are round enough for a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from engine.clock import NS_PER_S
from engine.model.bar import Bar
from terminal.format import minute_of_day, month_and_day, seconds_since_midnight

_DAY_S = 86_400
_TIME_STEPS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200)
_GRID_ROWS_MIN = 4


class PriceScale:
    """Maps prices in units to eighths of a cell, counted from the bottom of `rows` rows."""

    __slots__ = ("high", "low", "rows", "top_eighth")

    def __init__(self, low: int, high: int, rows: int) -> None:
        if high <= low:
            low, high = low - 1, low + 1
        margin = max(1, (high - low) // 50)
        self.low = low - margin
        self.high = high + margin
        self.rows = rows
        self.top_eighth = rows * 8 - 1

    def eighth(self, price: int) -> int:
        """Return the eighth of a cell in which a price lies, clamped to the scale."""
        eighth = (price - self.low) * self.rows * 8 // (self.high - self.low)
        return 0 if eighth < 0 else min(eighth, self.top_eighth)

    def row(self, price: int) -> int:
        """Return the row in which a price lies, 0 at the top."""
        return self.rows - 1 - self.eighth(price) // 8

    def holds(self, price: int) -> bool:
        """Return whether a price lies on the scale."""
        return self.low <= price <= self.high

    def grid(self, unit_scale: int) -> list[int]:
        """Return round prices, a few rows apart; `unit_scale` price units make 1."""
        least = (self.high - self.low) * _GRID_ROWS_MIN / self.rows
        step = next(step for step in _round_steps(unit_scale) if step >= least)
        first = -(-self.low // step) * step
        return list(range(first, self.high + 1, step))


def _round_steps(unit_scale: int) -> Iterator[int]:
    """Yield 1, 2 and 5 times the powers of ten, in price units, rising; only whole units."""
    power = 10 ** len(str(unit_scale))
    numerator, denominator = unit_scale, power
    while True:
        for digit in (1, 2, 5):
            units, rest = divmod(digit * numerator, denominator)
            if units and not rest:
                yield units
        numerator *= 10


def volume_bars(bars: Sequence[Bar], rows: int) -> tuple[list[int], int]:
    """Return the height of every bar's volume in eighths of a cell, and the greatest volume."""
    greatest = max((bar.volume for bar in bars), default=0)
    if not greatest:
        return [0] * len(bars), 0
    return [-(-bar.volume * rows * 8 // greatest) for bar in bars], greatest


def time_labels(bars: Sequence[Bar], pitch: int, room: int, zone: tzinfo) -> list[tuple[int, str]]:
    """Return the bars that get a label on the time axis, by index, at least `room` cells apart."""
    if len(bars) < 2:
        return [(index, minute_of_day(bar.start_ns, zone)) for index, bar in enumerate(bars)]
    typical_s = max(1, (bars[-1].start_ns - bars[0].start_ns) // (len(bars) - 1) // NS_PER_S)
    least_s = typical_s * room / pitch
    step_s = next((step for step in _TIME_STEPS_S if step >= least_s), _DAY_S)
    labels: list[tuple[int, str]] = []
    previous = _bucket(bars[0], step_s, zone)
    for index, bar in enumerate(bars):
        bucket = _bucket(bar, step_s, zone)
        crossed = bucket != previous or (index == 0 and _on_step(bar, step_s, zone))
        far = not labels or (index - labels[-1][0]) * pitch >= room
        if crossed and far:
            new_day = bucket[0] != previous[0] or step_s == _DAY_S
            text = month_and_day(bar.start_ns, zone) if new_day else minute_of_day(bar.start_ns, zone)
            labels.append((index, text))
        previous = bucket
    return labels


def _bucket(bar: Bar, step_s: int, zone: tzinfo) -> tuple[int, int]:
    of_day = seconds_since_midnight(bar.start_ns, zone)
    day = (bar.start_ns // NS_PER_S - of_day + _DAY_S // 2) // _DAY_S
    return day, of_day // step_s


def _on_step(bar: Bar, step_s: int, zone: tzinfo) -> bool:
    return seconds_since_midnight(bar.start_ns, zone) % step_s == 0
