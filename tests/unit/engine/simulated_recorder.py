"""Runs a simulated market for some market time and keeps what it says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from engine.adapters.simulated.market import START_NS, SimulatedMarket
from engine.clock import NS_PER_S, SimulatedClock
from engine.model.bar import Bar, RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot, SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade


class Recorder:
    """A sink that keeps everything, in order and by kind."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock = clock
        self.instruments: dict[Symbol, Instrument] = {}
        self.rules: set[SequenceRule] = set()
        self.messages: list[object] = []
        self.late: list[object] = []

    def on_listed(self, instrument: Instrument, sequence_rule: SequenceRule = SequenceRule.NONE) -> None:
        self.instruments[instrument.symbol] = instrument
        self.rules.add(sequence_rule)

    def on_quote(self, quote: Quote) -> None:
        self._keep(quote, quote.event_ns)

    def on_trade(self, trade: Trade) -> None:
        self._keep(trade, trade.event_ns)

    def on_snapshot(self, snapshot: DepthSnapshot) -> None:
        self._keep(snapshot, snapshot.event_ns)

    def on_delta(self, delta: DepthDelta) -> None:
        self._keep(delta, delta.event_ns)

    def on_bar(self, recorded: RecordedBar) -> None:
        self.messages.append(recorded)

    def on_late_bars(self, symbol: Symbol, bars: Sequence[RecordedBar]) -> None:
        raise AssertionError(symbol, bars)

    def on_status(self, change: StatusChange) -> None:
        self._keep(change, change.event_ns)

    def on_malformed(self, source: str, reason: str, detail: str, symbol: Symbol | None = None) -> None:
        raise AssertionError(source, reason, detail, symbol)

    def on_disconnected(self, source: str, symbols: tuple[Symbol, ...], reason: str) -> None:
        raise AssertionError(source, symbols, reason)

    def on_distrusted(self, source: str, symbol: Symbol, reason: str) -> None:
        raise AssertionError(source, symbol, reason)

    def _keep(self, message: object, event_ns: int) -> None:
        self.messages.append(message)
        if event_ns != self.clock.now_ns():
            self.late.append(message)

    @property
    def quotes(self) -> list[Quote]:
        return [message for message in self.messages if isinstance(message, Quote)]

    @property
    def trades(self) -> list[Trade]:
        return [message for message in self.messages if isinstance(message, Trade)]

    @property
    def statuses(self) -> list[StatusChange]:
        return [message for message in self.messages if isinstance(message, StatusChange)]

    @property
    def bars(self) -> list[Bar]:
        return [message.bar for message in self.messages if isinstance(message, RecordedBar)]


def _nothing(_market: SimulatedMarket, _clock: SimulatedClock) -> Iterator[None]:
    return iter(())


def record(
    seconds: float,
    *,
    seed: int = 1,
    speed: float = 0.0,
    events_per_s: float | None = None,
    start_ns: int = START_NS,
    symbols: Sequence[str] | None = None,
    meanwhile: Callable[[SimulatedMarket, SimulatedClock], Iterator[None]] = _nothing,
) -> Recorder:
    """Return what the market says up to some seconds after its start, and a little more.

    `meanwhile` goes a step on at each turn of the loop, and is always brought to its end.
    """
    clock = SimulatedClock(start_ns)
    market = SimulatedMarket(
        clock, seed=seed, speed=speed, events_per_s=events_per_s, start_ns=start_ns, symbols=symbols
    )
    recorder = Recorder(clock)
    until_ns = start_ns + int(seconds * NS_PER_S)

    async def run() -> None:
        task = asyncio.create_task(market.run(recorder))
        until_over = iter(lambda: clock.now_ns() >= until_ns or task.done(), True)
        for _ in chain(meanwhile(market, clock), until_over):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled():
            task.result()

    asyncio.run(run())
    return recorder


def until(recorder: Recorder, end_ns: int) -> list[object]:
    """Return the messages up to a market time."""
    return [message for message in recorder.messages if _time(message) <= end_ns]


def _time(message: object) -> int:
    if isinstance(message, RecordedBar):
        return message.receive_ns
    assert isinstance(message, Quote | Trade | DepthDelta | DepthSnapshot | StatusChange)
    return message.event_ns
