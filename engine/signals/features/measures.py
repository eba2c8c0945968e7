"""How each feature is worked out from a window that is full; None where there is no such number.

Returns are logarithms. Volatility is the sample standard deviation of one-bar returns.
"""

from __future__ import annotations

from itertools import pairwise
from math import fsum, log

from engine.signals.features.window import Window, deviation


def returned(window: Window, count: int, volatility: int) -> float | None:
    """Return the return over `count` bars, in volatilities of one bar."""
    closes, risk = window.closes, window.deviation(volatility)
    return log(closes[-1] / closes[-1 - count]) / risk if risk else None


def relative_strength(window: Window, count: int) -> float | None:
    """Return gains over gains and losses of `count` steps, in percent, by Cutler's simple sums.

    Wilder's own smoothing never forgets a bar, and so depends on where the bars began.
    """
    closes = list(window.closes)[-count - 1 :]
    steps = [after - before for before, after in pairwise(closes)]
    moved = sum(map(abs, steps))
    return 100 * sum(step for step in steps if step > 0) / moved if moved else None


def volatility_ratio(window: Window, short: int, long: int) -> float | None:
    """Return the newer volatility over the longer one."""
    risk = window.deviation(long)
    return window.deviation(short) / risk if risk else None


def close_score(window: Window, count: int) -> float | None:
    """Return how many standard deviations the close is from the mean of `count` closes."""
    last = window.closes[-1]
    closes = [close / last for close in list(window.closes)[-count:]]
    spread = deviation(closes)
    return (1 - fsum(closes) / count) / spread if spread else None


def bar_range(window: Window, volatility: int) -> float | None:
    """Return the newest bar's high over its low, in volatilities of one bar."""
    bar, risk = window.bars[-1], window.deviation(volatility)
    return log(bar.high / bar.low) / risk if risk else None


def close_location(window: Window) -> float | None:
    """Return where the newest bar closed: -1 at its low, 1 at its high."""
    bar = window.bars[-1]
    width = bar.high - bar.low
    return (2 * bar.close - bar.high - bar.low) / width if width else None


def volume_score(window: Window, count: int) -> float | None:
    """Return how many standard deviations the volume is from the mean of `count` bars."""
    volumes = [bar.volume for bar in window.bars][-count:]
    total = sum(volumes)
    if not total:
        return None
    shares = [volume / total for volume in volumes]
    spread = deviation(shares)
    return (shares[-1] - 1 / count) / spread if spread else None


def opening_gap(window: Window, volatility: int) -> float | None:
    """Return the newest open over the close before, in volatilities of one bar."""
    bars, risk = window.bars, window.deviation(volatility)
    return log(bars[-1].open / bars[-2].close) / risk if risk else None
