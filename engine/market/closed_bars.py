"""The closed bars of one symbol and one interval, as rows of one array: 64 bytes each, a fifth of what a bar of its own takes."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Final

from engine.market.forming_bar import FormingBar
from engine.model.bar import Bar
from engine.model.instrument import Symbol

BARS_MAX: Final = 1500
"""Closed bars kept of each interval."""
_DROPPED: Final = 100
"""How many leave at once, so that not every bar moves all others."""
_WIDTH: Final = 8
"""Numbers in a row."""
_CLOSE: Final = 4
"""Where the close is in a row."""
_INT64: Final = "q"


class ClosedBars:
    """Rows, the oldest first; read as bars, which are made as they are asked for."""

    __slots__ = ("_interval_ns", "_rows", "_symbol", "_told")

    def __init__(self, symbol: Symbol, interval_ns: int) -> None:
        self._symbol = symbol
        self._interval_ns = interval_ns
        self._rows: array[int] | list[int] = array(_INT64)
        """A list from the first number on that 64 bits can't hold."""
        self._told: tuple[Bar, ...] = ()
        """What was asked for last, until something changes: a chart that is drawn again asks for the same."""

    def __len__(self) -> int:
        """Return how many there are, `BARS_MAX` at most."""
        return min(len(self._rows) // _WIDTH, BARS_MAX)

    def __getitem__(self, index: int) -> Bar:
        """Return one bar; the newest is -1.

        Raises:
            IndexError: there is none.
        """
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"bar {index} of {count}")
        return self._bar(len(self._rows) + (index if index < 0 else index - count) * _WIDTH)

    def __iter__(self) -> Iterator[Bar]:
        """Return the bars that there are now, the oldest first."""
        return iter([self._bar(at) for at in self._places(len(self))])

    def __contains__(self, bar: object) -> bool:
        """Tell whether a bar is one of these."""
        return any(each == bar for each in self)

    def newest(self, count: int) -> tuple[Bar, ...]:
        """Return so many of the newest, oldest first."""
        count = max(0, min(count, len(self)))
        if len(self._told) != count:
            self._told = tuple([self._bar(at) for at in self._places(count)])
        return self._told

    def closes(self, count: int) -> list[int]:
        """Return so many of the newest closes, oldest first."""
        count = max(0, min(count, len(self)))
        return list(self._rows[len(self._rows) - count * _WIDTH + _CLOSE :: _WIDTH])

    def append(self, bar: FormingBar | Bar) -> None:
        """Take the next one; the oldest leave where there are too many."""
        row = (bar.start_ns, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.turnover, bar.trades)
        rows = self._rows
        try:
            rows.extend(row if isinstance(rows, list) else array(_INT64, row))
        except OverflowError:
            self._rows = [*rows, *row]
        if len(self._rows) >= (BARS_MAX + _DROPPED) * _WIDTH:
            del self._rows[: _DROPPED * _WIDTH]
        self._told = ()

    def replace_newest(self, bar: Bar) -> None:
        """Take a bar in the place of the newest."""
        del self._rows[-_WIDTH:]
        self.append(bar)

    def clear(self) -> None:
        """Forget all of them."""
        self._rows, self._told = array(_INT64), ()

    def copy(self) -> ClosedBars:
        """Return the same bars, for whoever reads them in another thread."""
        copied = ClosedBars(self._symbol, self._interval_ns)
        copied._rows = self._rows[:]
        return copied

    def _places(self, count: int) -> range:
        """Return where the rows of the newest begin."""
        end = len(self._rows)
        return range(end - count * _WIDTH, end, _WIDTH)

    def _bar(self, at: int) -> Bar:
        start_ns, first, high, low, close, volume, turnover, trades = self._rows[at : at + _WIDTH]
        return Bar(
            self._symbol,
            self._interval_ns,
            start_ns,
            first,
            high,
            low,
            close,
            volume,
            turnover,
            trades,
            closed=True,
        )
