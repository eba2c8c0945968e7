"""A band around the recent median that a price has to lie in to be believed."""

from __future__ import annotations

from collections import deque
from typing import Final

from engine.clock import NS_PER_S
from engine.config import FilterSettings

ANY_PRICE: Final = (1 << 62) - 1
"""The largest number that compiled code compares without making an object of it."""
SAMPLES: Final = 32
STRIDE: Final = 16
"""Every how many accepted prices one is sampled, once there are enough."""
RELEARN_EVERY: Final = 8
MAD_TO_SIGMA: Final = 1.4826
"""Makes the median absolute deviation of a normal sample its standard deviation."""
PERSISTENT: Final = 5
"""Refused prices in a row that agree with each other: then the level has moved."""
MEMORY_NS: Final = 60 * NS_PER_S
"""After a silence this long, the next price is news and not an outlier."""


class OutlierBand:
    """Median and median absolute deviation of sampled prices, widened by a floor and the spread.

    The bounds are two plain numbers, so that a price inside costs two comparisons; learning is amortised
    over `STRIDE` x `RELEARN_EVERY` prices.
    """

    __slots__ = (
        "_deviations",
        "_floor",
        "_learned",
        "_stray",
        "_stray_mark",
        "_strays",
        "_window",
        "countdown",
        "high",
        "low",
    )

    def __init__(self, settings: FilterSettings) -> None:
        self._deviations = settings.outlier_band * MAD_TO_SIGMA
        self._floor = settings.outlier_floor_bps / 10_000
        self._window: deque[int] = deque(maxlen=SAMPLES)
        self.forget()

    def forget(self) -> None:
        """Believe any price until some have been seen."""
        self._window.clear()
        self.low = 0
        self.high = ANY_PRICE
        self.countdown = 1
        """How many accepted prices until `learn` is to be called."""
        self._learned = 0
        self._strays = 0
        self._stray = 0
        self._stray_mark = (0, 0)

    def learn(self, bid: int, ask: int) -> None:
        """Take an accepted price (for a trade, twice the same) as a sample."""
        self.countdown = STRIDE if len(self._window) == SAMPLES else 1
        if not (bid and ask):
            return
        self._window.append((bid + ask) // 2)
        self._learned += 1
        if self.countdown == 1 or self._learned % RELEARN_EVERY == 0:
            self._draw(2 * abs(ask - bid))

    def is_outlier(self, bid: int, ask: int, held: tuple[int, int], silence_ns: int) -> bool:
        """Judge a price outside the bounds, given the one that is held and for how long none was let in.

        A price next to the one held is believed (a fast market outruns the band), as is the first one after
        a silence, and a level that lasts.
        """
        low, high = bid or ask, ask or bid
        if not low or (self.low <= low and high <= self.high):
            return False
        if self._is_near(low, held[0]) and self._is_near(high, held[1]):
            self.countdown = 1
            return False
        if silence_ns > MEMORY_NS or self._is_new_level((low + high) // 2):
            self.forget()
            return False
        return True

    def _is_near(self, price: int, other: int) -> bool:
        return abs(price - other) <= self._floor * price

    def _is_new_level(self, price: int) -> bool:
        mark = (self._learned, self.countdown)
        agrees = mark == self._stray_mark and self._is_near(price, self._stray)
        self._strays = self._strays + 1 if agrees else 1
        self._stray = price
        self._stray_mark = mark
        return self._strays >= PERSISTENT

    def _draw(self, margin: int) -> None:
        ordered = sorted(self._window)
        median = ordered[len(ordered) // 2]
        deviation = sorted([abs(price - median) for price in ordered])[len(ordered) // 2]
        half = int(self._deviations * deviation + self._floor * median) + margin
        self.low = median - half
        self.high = median + half
