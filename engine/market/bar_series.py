"""The bars of one symbol and one interval: a bounded history, and the bar that forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.market.closed_bars import ClosedBars
from engine.market.forming_bar import EMPTY, FormingBar
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.ports.bar_listener import BarListener

TICKS: Final = 0
"""The interval of bars that last a number of trades."""


class BarSeries:
    """Bars that a source recorded, and then those made here from `parts`.

    What forms is what the parts hold together. Of a recorded and a made bar of the same time, the
    recorded one stands.
    """

    __slots__ = (
        "_parts",
        "_recorded_forming",
        "_recorded_ns",
        "closed",
        "interval_ns",
        "listeners",
        "made",
        "symbol",
    )

    def __init__(self, symbol: Symbol, interval_ns: int, parts: tuple[FormingBar, ...] = ()) -> None:
        self.symbol = symbol
        self.interval_ns = interval_ns
        self.closed = ClosedBars(symbol, interval_ns)
        self.listeners: tuple[BarListener, ...] = ()
        """Who is told of closed bars, and of those that changed."""
        self._parts = parts
        self.empty()

    @property
    def forming(self) -> Bar | None:
        """The bar that is being made; None when there is none."""
        standing = self._standing()
        if not isinstance(standing, FormingBar):
            return standing
        whole = FormingBar()
        for part in self._parts:
            if part.start_ns != EMPTY:
                whole.absorb(part, self.interval_ns or 1)
        return whole.bar(self.symbol, self.interval_ns, closed=False)

    def _standing(self) -> FormingBar | Bar | None:
        """Return the recorded bar that forms, or else the newest part of the one that is made here."""
        first_ns, newest = EMPTY, None
        for part in self._parts:
            if part.start_ns != EMPTY:
                first_ns = part.start_ns if newest is None else first_ns
                newest = part
        start_ns = first_ns if newest is None else first_ns - first_ns % (self.interval_ns or 1)
        recorded = self._recorded_forming
        if recorded is not None and recorded.start_ns >= start_ns:
            return recorded
        return newest if start_ns > self._recorded_ns else None

    def closes(self, count: int) -> tuple[int, ...]:
        """Return the closes of the newest bars, oldest first, the forming one's last."""
        standing = self._standing()
        if standing is None:
            return tuple(self.closed.closes(count))
        return (*self.closed.closes(count - 1), standing.close)

    def last(self, count: int) -> tuple[Bar, ...]:
        """Return the newest bars, oldest first, the forming one last."""
        forming = self.forming
        if forming is None or count <= 0:
            return self.closed.newest(count)
        return (*self.closed.newest(count - 1), forming)

    def close(self, forming: FormingBar) -> None:
        """Put a finished bar into history, unless there is a recorded one of its time."""
        if forming.start_ns > self._recorded_ns:
            self._append(forming)

    def record(self, bar: Bar) -> bool:
        """Take a bar that a source made; the same start again replaces it.

        Returns whether it was taken: a bar from before the newest one is not.
        """
        newest_ns = self.closed[-1].start_ns if self.closed else EMPTY
        if bar.start_ns < newest_ns:
            return False
        self._recorded_forming = None if bar.closed else bar
        if bar.closed:
            self._recorded_ns = bar.start_ns
            if bar.start_ns == newest_ns:
                self.closed.replace_newest(bar)
                self._tell_rewritten()
            else:
                self._append(bar)
        return True

    def fill(self, bars: Iterable[Bar]) -> None:
        """Put closed bars where there are none yet, or in the place of ours; what forms is left alone."""
        forming_ns = min((part.start_ns for part in self._parts if part.start_ns != EMPTY), default=None)
        end_ns = None if forming_ns is None else forming_ns - forming_ns % (self.interval_ns or 1)
        kept = {bar.start_ns: bar for bar in self.closed}
        known = len(kept)
        kept |= {bar.start_ns: bar for bar in bars if end_ns is None or bar.start_ns < end_ns}
        self.made += len(kept) - known
        self.closed.clear()
        for start_ns in sorted(kept):
            self.closed.append(kept[start_ns])
        self._tell_rewritten()

    def empty(self) -> None:
        """Forget all bars."""
        self.closed.clear()
        self.made = 0
        """How many were closed, those since forgotten included."""
        self._recorded_ns = EMPTY
        self._recorded_forming = None
        self._tell_rewritten()

    def _append(self, made: FormingBar | Bar) -> None:
        self.closed.append(made)
        self.made += 1
        if self.listeners:
            bar = self.closed[-1]
            for listener in self.listeners:
                listener.on_bar_closed(bar)

    def _tell_rewritten(self) -> None:
        for listener in self.listeners:
            listener.on_bars_rewritten(self.symbol, tuple(self.closed))
