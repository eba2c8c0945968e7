"""A book that needs a fresh snapshot is asked for at once, and then no sooner than a pause after."""

from __future__ import annotations

import asyncio

from engine.adapters.live.resyncs import PAUSE_S, Resyncs
from engine.clock import NS_PER_S, SimulatedClock
from engine.model.instrument import Symbol
from tests.waiting import until

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")


class Bench:
    """Resyncs on a clock that is moved by hand."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(0, steady_is_own=True)
        self.asked: list[Symbol] = []
        self.resyncs = Resyncs(self.clock, self.asked.append)

    def asks(self, *symbols: Symbol) -> None:
        for symbol in symbols:
            self.resyncs.ask(symbol, "its checksum is wrong")


def test_a_book_is_asked_for_at_once_and_again_after_a_pause_however_often_it_is_lost() -> None:
    async def scenario(bench: Bench) -> None:
        bench.asks(BTC)
        bench.clock.advance_to(int((PAUSE_S - 0.01) * NS_PER_S))
        bench.asks(BTC, BTC, BTC, ETH)
        assert bench.asked == [BTC, ETH]
        await until(lambda: len(bench.asked) == 3)

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.asked == [BTC, ETH, BTC]
    assert bench.resyncs.asked == 3


def test_nothing_is_asked_for_once_the_connection_is_gone() -> None:
    async def scenario(bench: Bench) -> None:
        bench.asks(BTC)
        bench.clock.advance_to(int((PAUSE_S - 0.01) * NS_PER_S))
        bench.asks(BTC)
        bench.resyncs.forget()
        bench.asks(ETH)
        await asyncio.sleep(0.05)

    bench = Bench()
    asyncio.run(scenario(bench))
    assert bench.asked == [BTC, ETH]
