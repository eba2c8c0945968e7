"""What every source of live market data does: it lists its pairs, gives them their minutes, and tells how it is."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence

from engine.adapters.live.listed import Listed
from engine.adapters.live.resyncs import Resyncs
from engine.adapters.live.standing import Standing
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import Clock
from engine.errors import AdapterError, DataError, InvalidValue, RejectedError, TransientError
from engine.messages.circuits import CircuitChanged, Operation, VenueCalled
from engine.messages.events import AlertRaised, Severity
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import StatusChange
from engine.model.text import clean
from engine.ports.market_data import MarketSink
from engine.transport.breaker import OPEN_S, Breaker

HISTORY_S = 5.0
"""How long the minutes of all pairs are waited for: the market itself is worth more."""
AGAIN_S = 15.0
"""How long after minutes did not come they are asked for again; each time twice as long."""
AGAIN_S_MAX = 300.0
UNKNOWN_SYMBOL = "unknown_symbol"
FINAL = (RejectedError, DataError)
"""Asking for minutes again gives the same."""


class LiveSource(Standing):
    """Delivers the pairs it was made for until it is cancelled; a venue adds what it says and how it is asked."""

    name: str
    label: str
    """Its name in a sentence."""
    rule: SequenceRule
    """How it numbers the changes of its books."""
    follows_more = False
    """Whether it takes symbols while it runs; where that is so, there is a `_look_up`."""

    def __init__(self, symbols: Sequence[Symbol], clock: Clock, *, open_s: float = OPEN_S) -> None:
        self.wanted = tuple(dict.fromkeys(symbols))
        self.publish: Callable[[object], None] = lambda _: None
        """Told of circuits that change and of what a person should see."""
        self.known_to_ns: Callable[[Symbol], int] = lambda _: 0
        """Where the minutes end that need not be asked for."""
        self.unreadable = 0
        """Frames that could not be read."""
        self._clock = clock
        self._listed: dict[Symbol, Listed] = {}
        self._begun: set[Symbol] = set()
        """Those whose minutes were asked for."""
        self._ready: set[Symbol] = set()
        """Those whose minutes have come, or never will."""
        self._left: set[Symbol] = set()
        """Those that are followed no more, of which the connection may still say something."""
        self._told: dict[str, str] = {}
        """What a person was told of each matter that is not well."""
        self._sink: MarketSink | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._resyncs = Resyncs(clock, self._refresh_listed)
        self.request_snapshot = self._resyncs.ask
        """Ask for a fresh snapshot of a book."""
        self.circuits = tuple(
            Breaker(self.name, each, clock, open_s=open_s) for each in (Operation.DATA, Operation.HISTORY)
        )
        for circuit in self.circuits:
            circuit.changed = circuit.called = self._circuit_told

    async def run(self, sink: MarketSink) -> None:
        """Deliver to the sink until cancelled."""
        self._sink = sink
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                await self.stream.run()
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        finally:
            self._resyncs.forget()
            await self._close()

    # More symbols, and fewer

    def want(self, symbols: Iterable[Symbol]) -> None:
        """Follow these too, before it runs; what the venue does not have is told once that is known."""
        self.wanted = tuple(dict.fromkeys((*self.wanted, *symbols)))

    async def follow(self, symbol: Symbol) -> None:
        """Follow one more, over the connection there is and those to come.

        Raises:
            AdapterError: the venue is not connected, did not answer, or has no such symbol.
            DataError: what it says of the symbol is of no use here.
        """
        if symbol in self.wanted:
            return
        if not self.stream.is_open:
            raise TransientError(f"{self.label} is not connected")
        self._left.discard(symbol)
        await self._look_up(symbol)
        if symbol not in self._listed:
            raise DataError(self._told.pop(symbol, f"{self.label} says nothing of it that can be used"))
        self.want([symbol])
        self._begin()

    def leave(self, symbol: Symbol) -> None:
        """Follow a symbol no more.

        Raises:
            RejectedError: it is the only one.
        """
        if self.wanted == (symbol,):
            raise RejectedError(f"it is the only one that is followed of {self.label}")
        self.wanted = tuple(each for each in self.wanted if each != symbol)
        self._left.add(symbol)
        self._told.pop(symbol, None)
        self._forget(symbol)

    # What a venue adds

    async def _look_up(self, symbol: Symbol) -> None:
        """List one more symbol while the connection lasts; only asked of a venue that follows more.

        Raises:
            AdapterError: the venue did not answer, or has no such symbol.
            DataError: its answer can't be read.
        """
        raise RejectedError(f"{symbol} goes on the command line: {self.label} takes no more while it runs")

    @abstractmethod
    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        """Ask for all feeds of these that were not asked for on this connection."""

    @abstractmethod
    def _unsubscribe(self, symbol: Symbol) -> None:
        """Ask for the feeds of one no more."""

    @abstractmethod
    def _refresh(self, symbol: Symbol) -> None:
        """Get a fresh snapshot of one book."""

    @abstractmethod
    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        """Return the closed minutes before now, oldest first; those since a time, or as many as the venue gives for 0.

        Raises:
            AdapterError: the venue did not answer, or refused.
            DataError: its answer is not what was asked for.
        """

    @abstractmethod
    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        """Return whether a pair trades."""

    @abstractmethod
    async def _close(self) -> None:
        """Let go of what is still open."""

    # What the client calls

    def lost(self, reason: str) -> None:
        """Distrust everything until it is said again."""
        self._distrust(reason)
        self._alert(Severity.WARNING, f"{self.label} is not connected: {reason}")

    def refused(self, feed: str, symbol: str, reason: str) -> None:
        """Say that a subscription was refused."""
        self._alert(
            Severity.WARNING, f"{self.label} refused {' '.join(filter(None, (feed, symbol)))}: {reason}"
        )

    def malformed(self, error: Unreadable) -> None:
        """Count a frame that could not be read; what still comes of a symbol that was left is no fault."""
        if error.reason == UNKNOWN_SYMBOL and error.found in self._left:
            return
        self.unreadable += 1
        if self._sink is not None:
            self._sink.on_malformed(self.name, error.reason, clean(error.found))

    def _connected_again(self) -> None:
        if self.stream.connects > 1:
            self._alert(Severity.INFO, f"{self.label} is connected again")

    def _distrust(self, reason: str) -> None:
        self._resyncs.forget()
        self._left.clear()
        if self._sink is not None and self._listed:
            self._sink.on_disconnected(self.name, tuple(self._listed), reason)

    # Pairs

    def _of(self, symbol: str) -> Listed:
        listed = self._listed.get(Symbol(symbol))
        if listed is None:
            raise Unreadable(UNKNOWN_SYMBOL, clean(symbol, 32))
        return listed

    def _refresh_listed(self, symbol: Symbol) -> None:
        if symbol in self._listed:
            self._refresh(symbol)

    def _list(self, instrument: Instrument, status: str, received_ns: int) -> None:
        """List a pair, or hear of it again; one that is kept in other units is left alone."""
        assert self._sink is not None
        try:
            self._sink.on_listed(instrument, self.rule)
        except InvalidValue as error:
            self._drop(instrument.symbol, str(error))
            return
        listed = self._listed.setdefault(instrument.symbol, Listed(instrument, status))
        listed.status = status
        self._say_status(listed, received_ns)

    def _say_status(self, listed: Listed, received_ns: int) -> None:
        assert self._sink is not None
        self._sink.on_status(self._status_of(listed, received_ns))

    def _odd(self, name: str, error: Unreadable) -> None:
        """Say that one pair can't be read; the others live."""
        self.malformed(error)
        name = clean(name, 32)
        self._tell_once(name, Severity.CRITICAL, f"{name} gets no market data: {clean(str(error))}")

    def _drop(self, symbol: Symbol, reason: str) -> None:
        """Take no more data of a pair whose units are not those that it is kept in."""
        assert self._sink is not None
        self._forget(symbol)
        self._sink.on_disconnected(self.name, (symbol,), reason)
        self._tell_once(symbol, Severity.CRITICAL, f"{reason}; it gets no market data")

    def _forget(self, symbol: Symbol) -> None:
        """Be as if it had never been listed."""
        self._begun.discard(symbol)
        self._ready.discard(symbol)
        if self._listed.pop(symbol, None) is not None:
            self._unsubscribe(symbol)

    # Beginning

    def _begin(self) -> None:
        """Subscribe what is ready; what is new gets its minutes first, which must come before all else."""
        assert self._tasks is not None
        self._subscribe(symbol for symbol in self._listed if symbol in self._ready)
        new = [listed for symbol, listed in self._listed.items() if symbol not in self._begun]
        if new:
            self._begun.update(listed.symbol for listed in new)
            self._tasks.create_task(self._fill(new))

    async def _fill(self, new: list[Listed]) -> None:
        """Let each pair begin once its minutes have come: one after the other, the venue counts how often it is asked."""
        assert self._tasks is not None
        deadline_s = asyncio.get_running_loop().time() + HISTORY_S
        late: list[Listed] = []
        for listed in new:
            try:
                async with asyncio.timeout_at(deadline_s):
                    await self._history(listed)
            except (TimeoutError, AdapterError, DataError) as error:
                reason = "it did not come in time" if isinstance(error, TimeoutError) else clean(str(error))
                self._alert(Severity.WARNING, f"no history of {listed.symbol}: {reason}")
                if not isinstance(error, FINAL):
                    late.append(listed)
            if self._listed.get(listed.symbol) is listed:
                self._ready.add(listed.symbol)
                self._subscribe([listed.symbol])
        if late:
            self._tasks.create_task(self._fill_in(late))

    async def _history(self, listed: Listed) -> None:
        """Hand on the minutes before; without them the chart begins now."""
        assert self._sink is not None
        listed.since_ns = known_ns = self.known_to_ns(listed.symbol)
        for bar in await self._minutes(listed.units, known_ns):
            if bar.bar.start_ns >= known_ns and self._listed.get(listed.symbol) is listed:
                self._sink.on_bar(bar)
                listed.since_ns = bar.bar.start_ns + bar.bar.interval_ns

    async def _fill_in(self, late: Sequence[Listed]) -> None:
        """Ask for minutes that did not come, ever more seldom; what comes late fills in what is missing."""
        wait_s = AGAIN_S
        while late := [each for each in late if self._listed.get(each.symbol) is each]:
            await asyncio.sleep(wait_s)
            late = [each for each in late if not await self._late_history(each)]
            wait_s = min(2 * wait_s, AGAIN_S_MAX)

    async def _late_history(self, listed: Listed) -> bool:
        """Hand on minutes that come after the market; tell whether asking again would be of no use."""
        assert self._sink is not None
        since_ns = listed.since_ns
        try:
            bars = await self._minutes(listed.units, since_ns)
        except (AdapterError, DataError) as error:
            return isinstance(error, FINAL)
        if self._listed.get(listed.symbol) is not listed:
            return True
        self._sink.on_late_bars(listed.symbol, [bar for bar in bars if bar.bar.start_ns >= since_ns])
        self._alert(Severity.INFO, f"the history of {listed.symbol} came after all")
        return True

    # What a person should see

    @property
    def resyncs(self) -> int:
        """How many snapshots were asked for because a book was wrong."""
        return self._resyncs.asked

    def _circuit_told(self, event: CircuitChanged | VenueCalled) -> None:
        self.publish(event)

    def _tell_once(self, matter: str, severity: Severity, text: str) -> None:
        """Tell a person what is not well, unless that was the last that was told of it."""
        if self._told.get(matter) != text:
            self._told[matter] = text
            self._alert(severity, text)

    def _is_well(self, matter: str) -> None:
        """Tell of it again once it is not well again."""
        self._told.pop(matter, None)

    def _alert(self, severity: Severity, text: str) -> None:
        self.publish(AlertRaised(severity, self.name, text, self._clock.now_ns()))
