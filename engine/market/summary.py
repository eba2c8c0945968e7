"""What came in and where every symbol stands, in plain numbers: what a headless replay prints."""

from __future__ import annotations

from collections.abc import Iterable

from engine.market.bars import MINUTE_NS
from engine.market.counters import MarketCounters
from engine.market.line import Line


def summarise(counters: MarketCounters, lines: Iterable[Line]) -> dict[str, object]:
    """Return counts by kind and reason, and a record per symbol; prices and sizes as JSON numbers.

    What is not known (a size that is not published, a price that never came) is None.
    """
    return {
        "events": {**counters.events, "unreadable": sum(counters.malformed.values())},
        "accepted": counters.accepted,
        "refused": counters.refused_by_reason,
        "noted": dict(counters.noted),
        "symbols": {line.instrument.symbol: _symbol(line) for line in lines},
    }


def _symbol(line: Line) -> dict[str, object]:
    state, instrument = line.state, line.instrument

    def price(units: int) -> float | None:
        return units / instrument.price_scale if units else None

    def size(units: int) -> float | None:
        return units / instrument.size_scale if units > 0 else None

    return {
        "events": state.accepted + state.refused,
        "accepted": state.accepted,
        "refused": state.refused,
        "bid": price(state.bid),
        "ask": price(state.ask),
        "bid_size": size(state.bid_size),
        "ask_size": size(state.ask_size),
        "first": price(line.first),
        "last": price(state.last),
        "high": price(state.day_high),
        "low": price(state.day_low),
        "volume": state.day_volume / instrument.size_scale,
        "event_ns": state.event_ns or None,
        "crossed": line.crossed,
        "resyncs": line.book.resyncs,
        "synced": line.book.synced if line.book.source else None,
        "bars": _bars(line),
    }


def _bars(line: Line) -> int:
    series = line.bars.series.get(line.bar_ns or MINUTE_NS)
    if series is None:
        return 0
    return series.made + (series.forming is not None)
