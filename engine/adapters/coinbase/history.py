"""The minutes before now, for charts."""

from __future__ import annotations

from collections.abc import Iterable

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase.parse import SOURCE
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_S
from engine.model.bar import Bar, RecordedBar

MINUTE_NS = 60 * NS_PER_S
SECONDS_DIGITS = 10


def closed(minutes: Iterable[m.Candle], units: TextUnits, now_ns: int) -> list[RecordedBar]:
    """Return the bars of the minutes that are over, oldest first.

    Raises:
        Unreadable: a number is none.
    """
    bars = sorted((_bar(each, units) for each in minutes), key=lambda bar: bar.start_ns)
    return [RecordedBar(SOURCE, bar, now_ns) for bar in bars if bar.start_ns + MINUTE_NS <= now_ns]


def _bar(minute: m.Candle, units: TextUnits) -> Bar:
    """Return one minute; what it turned over is not told, and taken from its middle."""
    start = minute.start
    if not (start.isascii() and start.isdigit() and len(start) <= SECONDS_DIGITS and int(start)):
        raise Unreadable("absurd_time", start[:24])
    high, low, close = units.price(minute.high), units.price(minute.low), units.price(minute.close)
    volume = units.size(minute.volume)
    return Bar(
        symbol=units.instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=int(start) * NS_PER_S,
        open=units.price(minute.open),
        high=high,
        low=low,
        close=close,
        volume=volume,
        turnover=(high + low + close) * volume // 3,
        trades=0,
        closed=True,
    )
