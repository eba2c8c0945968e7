"""Bars for tests of what is worked out from bars."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.model.bar import Bar
from engine.model.instrument import Symbol

SYMBOL = Symbol("TEST")
MINUTE_NS = 60 * NS_PER_S
FIRST_NS = 1_723_161_240 * NS_PER_S
"""A whole minute."""


def bar(
    place: int,
    prices: tuple[int, int, int, int] = (1000, 1010, 990, 1005),
    volume: int = 10,
    *,
    closed: bool = True,
    symbol: Symbol = SYMBOL,
) -> Bar:
    """Return the bar of one minute with open, high, low and close."""
    start_ns = FIRST_NS + place * MINUTE_NS
    return Bar(symbol, MINUTE_NS, start_ns, *prices, volume, volume * prices[3], 0, closed)


def walk(steps: Sequence[tuple[int, int, int, int, int]], first: int = 10_000) -> list[Bar]:
    """Return bars one after the other: gap, body, wick above, wick below and volume of each."""
    bars, close = list[Bar](), first
    for place, (gap, body, above, below, volume) in enumerate(steps):
        opened = close + gap
        close = opened + body
        high, low = max(opened, close) + above, min(opened, close) - below
        bars.append(bar(place, (opened, high, low, close), volume))
    return bars


_STEP = st.tuples(
    st.integers(-20, 20), st.integers(-40, 40), st.integers(0, 15), st.integers(0, 15), st.integers(0, 500)
)


def walks(least: int = 22, most: int = 60) -> st.SearchStrategy[list[Bar]]:
    """Return walks of bars whose numbers can be, some of which don't move or have no volume."""
    return st.lists(_STEP, min_size=least, max_size=most).map(walk)
