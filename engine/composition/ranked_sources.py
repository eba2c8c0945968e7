"""Puts several sources of the same symbols behind one market: the first in rank, and those that stand by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from engine.clock import NS_PER_S
from engine.duties.announcing import announce
from engine.errors import AdapterError, DataError
from engine.market.channel import Channel
from engine.market.failover import Failover
from engine.messages.events import AlertRaised, Severity
from engine.messages.remedies import Remedy
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.observe.health import Reading, Remedies
from engine.ports.market_data import MarketSink
from engine.ports.venue import LiveVenue, OpenEnded
from engine.rooms import Rooms
from engine.transport.words import in_words

SOURCES = "sources"
"""The row of who speaks."""
NameAt = Callable[[str, str, Symbol], Symbol | None]
"""Returns what a venue calls a symbol of another, None where that is not known."""


class _Through:
    """A source that speaks into its own channel, whoever runs it."""

    def __init__(self, source: LiveVenue, channel: Channel) -> None:
        self.name = source.name
        self._source = source
        self._channel = channel

    async def run(self, sink: MarketSink) -> None:  # noqa: ARG002  # the channel passes on what the market is to hear
        """Deliver until cancelled."""
        await self._source.run(self._channel)


class Ranked:
    """The first source and those that stand by for it, as one to which symbols are added."""

    def __init__(
        self,
        first: LiveVenue,
        failover: Failover,
        name_at: NameAt,
        tell: Callable[[str], None],
    ) -> None:
        self._first = first
        self._failover = failover
        self._name_at = name_at
        self._tell = tell
        self.others: list[tuple[LiveVenue, Channel]] = []
        """Those that stand by."""

    @property
    def follows_more(self) -> bool:
        """Whether the first takes symbols while it runs; of the others those stand by that do."""
        return isinstance(self._first, OpenEnded) and self._first.follows_more

    @property
    def wanted(self) -> tuple[Symbol, ...]:
        """The desk's symbols, which are the first one's."""
        return self._first.wanted

    def want(self, symbols: Iterable[Symbol]) -> None:
        """Follow these too, before any of them runs."""
        assert isinstance(self._first, OpenEnded)
        symbols = tuple(symbols)
        self._first.want(symbols)
        self._failover.begin(symbols)
        for symbol in symbols:
            for source, channel, theirs in self._named(symbol):
                source.want([theirs])
                channel.call(theirs, symbol)

    async def follow(self, symbol: Symbol) -> None:
        """Follow one more at the first, and wherever it is known what it is called there; raises what the first raises."""
        assert isinstance(self._first, OpenEnded)
        self._failover.begin([symbol])
        try:
            await self._first.follow(symbol)
        except BaseException:
            self._failover.drop(symbol)
            raise
        for source, channel, theirs in self._named(symbol):
            channel.call(theirs, symbol)
            try:
                await source.follow(theirs)
            except (AdapterError, DataError) as error:
                channel.drop(symbol)
                self._tell(f"{channel.name} does not stand by for {symbol}: {in_words(error)}")

    def leave(self, symbol: Symbol) -> None:
        """Follow a symbol no more, anywhere; raises what the first raises."""
        assert isinstance(self._first, OpenEnded)
        self._first.leave(symbol)
        self._failover.drop(symbol)
        for source, channel in self.others:
            theirs = channel.drop(symbol)
            if theirs is not None and isinstance(source, OpenEnded) and source.follows_more:
                with suppress(AdapterError):  # its last one goes on unheard
                    source.leave(theirs)

    def _named(self, symbol: Symbol) -> Iterator[tuple[OpenEnded, Channel, Symbol]]:
        """Yield those that can stand by for one more symbol, with what they call it."""
        for source, channel in self.others:
            theirs = self._name_at(source.name, self._first.name, symbol)
            if theirs is None or not isinstance(source, OpenEnded) or not source.follows_more:
                self._tell(f"{source.name} does not stand by for {symbol}")
            else:
                yield source, channel, theirs


def rank_sources(
    rooms: Rooms,
    first: LiveVenue,
    others: Sequence[tuple[LiveVenue, Mapping[Symbol, Symbol]]],
    name_at: NameAt,
) -> Ranked:
    """Let others stand by for the first; each comes with the desk's symbol for every one of its own."""
    clock, bus = rooms.clock, rooms.bus

    def tell(text: str) -> None:
        bus.publish(AlertRaised(Severity.WARNING, SOURCES, text, clock.now_ns()))

    failover = Failover(rooms.market, rooms.settings.market, clock, tell)
    ranked = Ranked(first, failover, name_at, tell)
    rooms.source = _Through(first, _channel(failover, first, None))
    for source, names in others:
        channel = _channel(failover, source, names)
        source.publish = partial(announce, bus)
        source.known_to_ns = lambda _: clock.now_ns() - 120 * NS_PER_S  # the chart is the first one's
        rooms.venues.append(source)
        rooms.services.append((source.name, partial(source.run, channel)))
        ranked.others.append((source, channel))
    failover.begin(first.wanted)
    rooms.market.resync_requested = None  # each channel asks for its own
    rooms.services.append(("failover", failover.run))
    rooms.failover = failover
    steers: Remedies = {
        Remedy.FAIL_OVER: lambda _: failover.fail_over(),
        Remedy.FAIL_BACK: lambda _: failover.fail_back(),
    }
    needs = ("venue", *(f"venue_{source.name}" for source, _ in others))
    rooms.health.register(SOURCES, SOURCES, partial(_reading, failover), needs=needs, remedies=steers)
    return ranked


def _channel(failover: Failover, source: LiveVenue, names: Mapping[Symbol, Symbol] | None) -> Channel:
    channel = failover.add(source.name, names)
    channel.scout.resync_requested = source.request_snapshot
    return channel


def _reading(failover: Failover) -> Reading:
    """Say who speaks for what, or who could."""
    first = failover.channels[0]
    away = {symbol: each.name for symbol, each in failover.speaking.items() if each is not first}
    if away:
        value = f"{len(away)} of {len(failover.speaking)} moved"
        detail = ", ".join(f"{symbol} from {name}" for symbol, name in away.items())
        return Reading(HealthState.DEGRADED, value, detail, len(away))
    others, symbols = failover.channels[1:], failover.speaking
    alone = [symbol for symbol in symbols if all(each.trouble(symbol) for each in others)]
    if alone:
        whom = f" for {', '.join(alone)}" if len(alone) < len(symbols) else ""
        return Reading(HealthState.DEGRADED, first.name, f"nobody stands by{whom}")
    ready = [each.name for each in others if not all(map(each.trouble, symbols))]
    return Reading(HealthState.OK, first.name, f"stand-by: {', '.join(ready)}")
