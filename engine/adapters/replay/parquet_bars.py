"""Bars from parquet: traded prices, the middle of bid and ask, or closes alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.adapters.replay.parquet_rows import Builder, Terms
from engine.adapters.replay.recording import Doubtful
from engine.adapters.replay.row_faults import RowFaults
from engine.model.bar import Bar, RecordedBar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAY_NS = 86_400 * 10**9
_MINUTE_NS = 60 * 10**9
_EDGES = ("open", "high", "low", "close")
Prices = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]


def interval_of(starts: NDArray[np.int64]) -> int:
    """Return the commonest distance between the starts of neighbouring bars, in ns."""
    import numpy as np  # noqa: PLC0415

    steps = np.diff(starts)
    steps = steps[steps > 0]
    if not len(steps):
        return DAY_NS if len(starts) and not starts[0] % DAY_NS else _MINUTE_NS
    found, counts = np.unique(steps, return_counts=True)
    return int(found[counts.argmax()])


def trade_bars(interval_ns: int) -> Builder:
    """Turn rows of open, high, low, close, volume into bars."""

    def build(faults: RowFaults, terms: Terms, received: NDArray[np.int64]) -> list[object]:
        open_, high, low, close = (faults.prices(edge, terms.price_scale) for edge in _EDGES)
        volume = faults.sizes("volume", terms.size_scale, 0)
        return _bars(faults, terms, received, interval_ns, (open_, high, low, close), volume)

    return build


def quote_bars(interval_ns: int, *, checked: bool = False) -> Builder:
    """Turn rows of bid_open … ask_close into bars of the middle; they have no volume.

    Where they are `checked`, a bar whose bid is above its ask anywhere is a `Doubtful`.
    """

    def build(faults: RowFaults, terms: Terms, received: NDArray[np.int64]) -> list[object]:
        scale = terms.price_scale
        sides = [
            (faults.prices(f"bid_{edge}", scale), faults.prices(f"ask_{edge}", scale)) for edge in _EDGES
        ]
        open_, high, low, close = (_middle(faults, bid, ask) for bid, ask in sides)
        bars = _bars(faults, terms, received, interval_ns, (open_, high, low, close), high * 0)
        return _doubted(bars, sides) if checked else bars

    return build


def _doubted(bars: list[object], sides: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> list[object]:
    """Put a doubt about it in the place of each bar whose bid and ask cross."""
    for edge, (bid, ask) in zip(_EDGES, sides, strict=True):
        for row in (bid > ask).nonzero()[0].tolist():
            crossed = bars[row]
            if isinstance(crossed, RecordedBar):
                bars[row] = Doubtful(crossed, "crossed_bar", f"bid_{edge} is above ask_{edge}")
    return bars


def close_bars(interval_ns: int, name: str) -> Builder:
    """Turn rows of a closing price alone into bars that open, peak and end there."""

    def build(faults: RowFaults, terms: Terms, received: NDArray[np.int64]) -> list[object]:
        close = faults.prices(name, terms.price_scale)
        return _bars(faults, terms, received, interval_ns, (close, close, close, close), close * 0)

    return build


def _middle(faults: RowFaults, bid: NDArray[np.int64], ask: NDArray[np.int64]) -> NDArray[np.int64]:
    """Average two prices; the units were chosen fine enough for halves."""
    total = bid + ask
    faults.mark(total % 2 != 0, "off_grid")
    return total // 2


def _bars(
    faults: RowFaults,
    terms: Terms,
    received: NDArray[np.int64],
    interval_ns: int,
    prices: Prices,
    volume: NDArray[np.int64],
) -> list[object]:
    opens, highs, lows, closes = (column.tolist() for column in prices)
    typical = ((prices[1] + prices[2] + prices[3]) // 3).tolist()
    volumes = volume.tolist()
    starts = faults.batch.wholes("ts").tolist()
    told = (starts, opens, highs, lows, closes, volumes, typical, received.tolist())
    return [
        RecordedBar(
            terms.venue,
            Bar(symbol, interval_ns, start, open_, high, low, close, size, price * size, 0, closed=True),
            at,
        )
        for symbol, start, open_, high, low, close, size, price, at in zip(terms.symbols, *told, strict=True)
    ]
