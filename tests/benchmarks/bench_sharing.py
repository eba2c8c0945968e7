"""What sharing its quotes costs a desk: a quote with and without it, a look at what changed, and an entry on its way."""

from __future__ import annotations

import gc
import time
from dataclasses import replace
from statistics import median

from msgspec import json

from engine.clock import NS_PER_MS, SimulatedClock
from engine.config import MarketSettings
from engine.desk.quote_outbox import QuoteOutbox
from engine.duties.quote_sharing import QuoteSharing
from engine.market.market import Market
from engine.messages.shared_quotes import EVERY_S, SharedEntry
from engine.model.instrument import Symbol
from engine.model.quote import Quote
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited
from tests.engine_rooms import NOON_NS, share

_SYMBOLS, _A_SECOND, _ROUNDS, _LOOKS = 100, 50_000, 9, 20
_A_LOOK = round(_A_SECOND * EVERY_S)
"""Quotes between two looks of a market that is busy in all of its symbols."""


class _Desk:
    """A market of a hundred symbols, and what it shares."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(NOON_NS, steady_is_own=True)
        self.market = Market(MarketSettings(), self.clock)
        self.symbols = [Symbol(f"S{number}") for number in range(_SYMBOLS)]
        for symbol in self.symbols:
            self.market.on_listed(replace(share(symbol), venue="kraken"))
        self.outbox = QuoteOutbox("run", self.clock)
        self.sharing = QuoteSharing(self.market, self.outbox)

    def quotes(self) -> list[Quote]:
        """Return those until the next look."""
        self.clock.advance_to(self.clock.now_ns() + round(EVERY_S * 1_000) * NS_PER_MS)
        now_ns, symbols = self.clock.now_ns(), self.symbols
        return [
            Quote(symbols[at % _SYMBOLS], "kraken", 9_990 + at % 7, 10_000 + at % 5, 5, 6, now_ns, now_ns)
            for at in range(_A_LOOK)
        ]


def rows(options: Options) -> list[Row]:
    """Return what a quote costs with sharing against without, a look, and an entry."""
    rounds = options.rounds(_ROUNDS)
    pairs = [(_quote_ns(shares=False), *_sharing()) for _ in range(rounds)]
    _, shared, look_us = (min(each) for each in zip(*pairs, strict=True))
    name, against = "quote of a desk that shares it", "the same, not shared"
    return [
        Row(
            name=name,
            value=shared,
            unit="ns",
            against=against,
            ratio=median(mine / alone for alone, mine, _ in pairs),
            goal="<= 1.2",
        ),
        limited("sharing, a look at 100 symbols that all changed", look_us, "us", 1_000),
        limited("sharing, an entry of 100 symbols as text", _encoding_us(rounds), "us", 1_000),
    ]


def _quote_ns(*, shares: bool) -> float:
    desk = _Desk()
    took_ns = 0
    for _ in range(_LOOKS):
        quotes, on_quote = desk.quotes(), desk.market.on_quote
        gc.collect()
        gc.disable()
        start_ns = time.perf_counter_ns()
        for quote in quotes:
            on_quote(quote)
        if shares:
            desk.sharing.look()
        took_ns += time.perf_counter_ns() - start_ns
        gc.enable()
        desk.outbox.take(0)
    assert desk.market.counters.refused.total() == 0
    return took_ns / (_LOOKS * _A_LOOK)


def _sharing() -> tuple[float, float]:
    """Return nanoseconds of a quote that is shared, and microseconds of a look."""
    return _quote_ns(shares=True), min(_look_us() for _ in range(3))


def _look_us() -> float:
    desk = _Desk()
    for quote in desk.quotes():
        desk.market.on_quote(quote)
    start_ns = time.perf_counter_ns()
    desk.sharing.look()
    return (time.perf_counter_ns() - start_ns) / 1_000


def _encoding_us(rounds: int) -> float:
    desk, encode = _Desk(), json.Encoder().encode
    for quote in desk.quotes():
        desk.market.on_quote(quote)
    desk.sharing.look()
    entry = desk.outbox.take(0)
    assert isinstance(entry, SharedEntry)
    assert len(entry.rows) == _SYMBOLS
    took = []
    for _ in range(10 * rounds):
        start_ns = time.perf_counter_ns()
        encode(entry)
        took.append((time.perf_counter_ns() - start_ns) / 1_000)
    return min(took)
