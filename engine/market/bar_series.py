"""The bars of one symbol and one interval: a bounded history, and the bar that forms."""

from __future__ import annotations

from collections import deque

from engine.market.forming_bar import EMPTY, FormingBar
from engine.model.bar import Bar
from engine.model.instrument import Symbol

BARS_MAX = 1500
"""Closed bars kept of each interval."""
TICKS = 0
"""The interval of bars that last a number of trades."""


class BarSeries:
    """Bars that are made here from `parts` (what forms is what these hold together), or recorded ones."""

    __slots__ = ("_parts", "_recorded_forming", "closed", "interval_ns", "made", "recorded", "symbol")

    def __init__(self, symbol: Symbol, interval_ns: int, parts: tuple[FormingBar, ...] = ()) -> None:
        self.symbol = symbol
        self.interval_ns = interval_ns
        self.closed: deque[Bar] = deque(maxlen=BARS_MAX)
        """Oldest first."""
        self.made = 0
        """How many were closed, those since forgotten included."""
        self.recorded = False
        """Whether a source sends these bars; ours are not made then."""
        self._parts = parts
        self._recorded_forming: Bar | None = None

    @property
    def forming(self) -> Bar | None:
        """The bar that is being made; None when there is none."""
        if self.recorded:
            return self._recorded_forming
        whole = FormingBar()
        for part in self._parts:
            if part.start_ns != EMPTY:
                whole.absorb(part, self.interval_ns or 1)
        return None if whole.start_ns == EMPTY else whole.bar(self.symbol, self.interval_ns, closed=False)

    def last(self, count: int) -> tuple[Bar, ...]:
        """Return the newest bars, oldest first, the forming one last."""
        forming = self.forming
        bars = tuple(self.closed) if forming is None else (*self.closed, forming)
        return bars[-count:] if count > 0 else ()

    def close(self, forming: FormingBar) -> None:
        """Put a finished bar into history, unless a source sends its own."""
        if not self.recorded:
            self.closed.append(forming.bar(self.symbol, self.interval_ns, closed=True))
            self.made += 1

    def record(self, bar: Bar) -> bool:
        """Take a bar that a source made; the same start again replaces it.

        Returns whether it was taken: a bar from before the newest one is not.
        """
        if not self.recorded:
            self.empty()
            self.recorded = True
        newest = self.closed[-1].start_ns if self.closed else EMPTY
        if bar.start_ns < newest:
            return False
        self._recorded_forming = None if bar.closed else bar
        if bar.closed:
            self._append(bar, newest)
        return True

    def empty(self) -> None:
        """Forget the history."""
        self.closed.clear()
        self.made = 0
        self.recorded = False
        self._recorded_forming = None

    def _append(self, bar: Bar, newest_ns: int) -> None:
        if bar.start_ns == newest_ns:
            self.closed[-1] = bar
        else:
            self.closed.append(bar)
            self.made += 1
