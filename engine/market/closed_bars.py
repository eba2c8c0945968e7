"""The closed bars of one symbol and one interval, as rows of numbers: 64 bytes each, a fifth of what a bar of its own takes."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from typing import Final

from engine.market.forming_bar import FormingBar
from engine.model.bar import Bar
from engine.model.instrument import Symbol

BARS_MAX: Final = 1500
"""Closed bars kept of each interval."""
_PAGE: Final = 100
"""Rows of a page. Pages leave whole, and what comes next fits where they were: one array of everything leaves holes as it grows."""
_PAGES_MAX: Final = BARS_MAX // _PAGE + 1
_WIDTH: Final = 8
"""Numbers in a row."""
_CLOSE: Final = 4
"""Where the close is in a row."""
_INT64: Final = "q"


class ClosedBars:
    """Pages of rows, the oldest first; read as bars, which are made as they are asked for."""

    __slots__ = ("_interval_ns", "_pages", "_symbol", "_told")

    def __init__(self, symbol: Symbol, interval_ns: int) -> None:
        self._symbol = symbol
        self._interval_ns = interval_ns
        self._pages: deque[array[int] | list[int]] = deque((array(_INT64),))
        """All full but the last; a list from the first number on that 64 bits can't hold."""
        self._told: tuple[Bar, ...] = ()
        """What was asked for last, until something changes: a chart that is drawn again asks for the same."""

    def __len__(self) -> int:
        """Return how many there are, `BARS_MAX` at most."""
        return min(self._held, BARS_MAX)

    @property
    def _held(self) -> int:
        """How many rows there are, those included that leave with their page."""
        return (len(self._pages) - 1) * _PAGE + len(self._pages[-1]) // _WIDTH

    def __getitem__(self, index: int) -> Bar:
        """Return one bar; the newest is -1.

        Raises:
            IndexError: there is none.
        """
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"bar {index} of {count}")
        page, row = divmod(self._held + (index if index < 0 else index - count), _PAGE)
        return self._bar(self._pages[page], row * _WIDTH)

    def __iter__(self) -> Iterator[Bar]:
        """Return the bars that there are now, the oldest first."""
        return iter(self._bars(len(self)))

    def __contains__(self, bar: object) -> bool:
        """Tell whether a bar is one of these."""
        return any(each == bar for each in self)

    def newest(self, count: int) -> tuple[Bar, ...]:
        """Return so many of the newest, oldest first."""
        count = max(0, min(count, len(self)))
        if len(self._told) != count:
            self._told = tuple(self._bars(count))
        return self._told

    def closes(self, count: int) -> list[int]:
        """Return so many of the newest closes, oldest first."""
        count = max(0, min(count, len(self)))
        found: list[int] = []
        for page in reversed(self._pages):
            if len(found) >= count:
                break
            found[:0] = page[_CLOSE::_WIDTH]
        return found[len(found) - count :]

    def append(self, bar: FormingBar | Bar) -> None:
        """Take the next one; the oldest leave where there are too many."""
        row = (bar.start_ns, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.turnover, bar.trades)
        pages = self._pages
        if len(pages[-1]) == _PAGE * _WIDTH:
            pages.append(array(_INT64))
            if len(pages) > _PAGES_MAX:
                pages.popleft()
        page = pages[-1]
        try:
            page.extend(row if isinstance(page, list) else array(_INT64, row))
        except OverflowError:
            pages[-1] = [*page, *row]
        self._told = ()

    def replace_newest(self, bar: Bar) -> None:
        """Take a bar in the place of the newest."""
        del self._pages[-1][-_WIDTH:]
        self.append(bar)

    def clear(self) -> None:
        """Forget all of them."""
        self._pages, self._told = deque((array(_INT64),)), ()

    def copy(self) -> ClosedBars:
        """Return the same bars, for whoever reads them in another thread."""
        copied = ClosedBars(self._symbol, self._interval_ns)
        copied._pages = self._pages.copy()
        copied._pages[-1] = self._pages[-1][:]
        return copied

    def _bars(self, count: int) -> list[Bar]:
        found: list[Bar] = []
        for page in reversed(self._pages):
            if len(found) == count:
                break
            first = max(0, len(page) - (count - len(found)) * _WIDTH)
            found[:0] = [self._bar(page, at) for at in range(first, len(page), _WIDTH)]
        return found

    def _bar(self, page: array[int] | list[int], at: int) -> Bar:
        start_ns, first, high, low, close, volume, turnover, trades = page[at : at + _WIDTH]
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
