"""Time and sales: the last prints, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import ClassVar

from engine.model.trade import Trade
from terminal.format import Figures, direction, figures, time_of_day
from terminal.strips import Run, fit
from terminal.widgets.pane import LivePane

LARGE_TIMES = 5
"""A print is large from this many times the median of those known."""
LARGE_PRINTS_MIN = 8
"""Fewer prints have no median worth the name."""

_SOURCE_WIDTH = 5
_SIZE_WIDTH = 9
"""Cells within which sizes keep their decimals."""


class Tape(LivePane):
    """Shows the prints of the desk's symbol; large ones stand out."""

    reads: ClassVar[frozenset[str]] = frozenset({"tape", "instruments"})

    def draw(self) -> None:
        """Put the newest prints."""
        symbol, tape = self.desk.focus, self.desk.tape
        instrument = self.desk.instruments.get(symbol) if symbol else None
        if instrument is None or tape is None or tape.symbol != symbol or not tape.prints:
            text = "No symbol chosen · / finds one" if symbol is None else f"No prints of {symbol} yet"
            self.put(0, (f" {text}", "faint"))
            self.clear_from(1)
            self.caption(symbol or "")
            return
        shown = tape.prints[: self.size.height]
        writer = figures(instrument)
        shape = _Shape(self.size.width, writer, shown)
        large = large_size(tape.prints)
        for y, trade in enumerate(shown):
            self._put_print(y, trade, writer, shape, large=0 < large <= trade.size)
        self.clear_from(len(shown))
        self.caption(symbol or "")

    def _put_print(self, y: int, trade: Trade, writer: Figures, shape: _Shape, *, large: bool) -> None:
        side = int(trade.aggressor or 0)
        tone = "up" if side > 0 else "down" if side < 0 else "muted"
        paper = "panel" if not large else "flash_down" if side < 0 else "flash_up"
        self.put(y, *_runs(trade, writer, shape, self._time(trade, shape), tone, large=large), paper=paper)

    def _time(self, trade: Trade, shape: _Shape) -> str:
        moment = trade.event_ns or trade.receive_ns
        text = time_of_day(moment, self.desk.zone, ms=shape.ms)
        return text if shape.time else ""


class _Shape:
    """Which columns fit: price and size always, then time, source, and the milliseconds."""

    __slots__ = ("gap", "ms", "price", "price_decimals", "size", "size_decimals", "source", "time")

    def __init__(self, width: int, writer: Figures, prints: Sequence[Trade]) -> None:
        self.price_decimals = writer.decimals_of_prices(trade.price for trade in prints)
        self.size_decimals = writer.decimals_of_sizes((trade.size for trade in prints), _SIZE_WIDTH)
        self.price = max(len(writer.price(trade.price, self.price_decimals)) for trade in prints)
        self.size = max(5, *(len(writer.sized(trade.size, self.size_decimals)) for trade in prints))
        left = width - self.price - self.size - 4
        self.time = left >= 9
        left -= 9 if self.time else 0
        self.source = left >= _SOURCE_WIDTH + 1
        left -= _SOURCE_WIDTH + 1 if self.source else 0
        self.ms = self.time and left >= 4
        left -= 4 if self.ms else 0
        self.gap = max(0, min(2, left // 2))


def large_size(prints: Sequence[Trade]) -> float:
    """Return the size from which a print is large; 0 when that can't be told."""
    if len(prints) < LARGE_PRINTS_MIN:
        return 0
    return LARGE_TIMES * median(trade.size for trade in prints)


def _runs(
    trade: Trade, writer: Figures, shape: _Shape, time: str, tone: str, *, large: bool
) -> tuple[Run, ...]:
    quiet = "" if trade.sets_last else "+i"
    return (
        (f"{time} " if time else "", "muted" if large else "faint"),
        (
            " " * shape.gap + writer.price(trade.price, shape.price_decimals).rjust(shape.price),
            f"{tone}+b{quiet}",
        ),
        (
            " " * shape.gap + writer.sized(trade.size, shape.size_decimals).rjust(shape.size + 1),
            "text+b" if large else "text",
        ),
        (f" {direction(int(trade.aggressor or 0))}", tone),
        (f" {fit(trade.source, _SOURCE_WIDTH)}" if shape.source else "", "faint"),
    )
