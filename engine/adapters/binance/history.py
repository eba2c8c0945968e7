"""The minutes before now, for charts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.adapters.binance import messages as m
from engine.adapters.binance.parse import SOURCE
from engine.adapters.steps import amount
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_MS, NS_PER_S
from engine.model.bar import Bar, RecordedBar

MINUTE_NS = 60 * NS_PER_S


def closed(minutes: Iterable[m.Minute], units: TextUnits, now_ns: int) -> list[RecordedBar]:
    """Return the bars of the minutes that are over, oldest first.

    Raises:
        Unreadable: a number is none.
    """
    bars = [_bar(each, units) for each in minutes]
    return [RecordedBar(SOURCE, bar, now_ns) for bar in bars if bar.start_ns + MINUTE_NS <= now_ns]


def _bar(minute: m.Minute, units: TextUnits) -> Bar:
    if not 0 < minute.open_ms < m.TIME_MS_MAX:
        raise Unreadable("absurd_time", str(minute.open_ms)[:24])
    instrument = units.instrument
    return Bar(
        symbol=instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=minute.open_ms * NS_PER_MS,
        open=units.price(minute.open),
        high=units.price(minute.high),
        low=units.price(minute.low),
        close=units.price(minute.close),
        volume=units.size(minute.volume),
        turnover=int(amount(minute.quote_volume) * Decimal(instrument.price_scale * instrument.size_scale)),
        trades=minute.trades,
        closed=True,
    )
