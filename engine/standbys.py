"""Puts several sources of the same symbols behind one market: the first in rank, and those that stand by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from engine.announcing import announce
from engine.clock import NS_PER_S
from engine.market.channel import Channel
from engine.market.failover import Failover
from engine.messages.events import AlertRaised, Severity
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.observe.health import Reading
from engine.ports.market_data import MarketSink
from engine.ports.venue import LiveVenue
from engine.rooms import Rooms

SOURCES = "sources"
"""The row of who speaks."""


class _Through:
    """A source that speaks into its own channel, whoever runs it."""

    def __init__(self, source: LiveVenue, channel: Channel) -> None:
        self.name = source.name
        self._source = source
        self._channel = channel

    async def run(self, sink: MarketSink) -> None:  # noqa: ARG002  # the channel passes on what the market is to hear
        """Deliver until cancelled."""
        await self._source.run(self._channel)


def stand_by(
    rooms: Rooms, first: LiveVenue, others: Sequence[tuple[LiveVenue, Mapping[Symbol, Symbol]]]
) -> Failover:
    """Let others stand by for the first; each comes with the desk's symbol for every one of its own."""
    clock, bus = rooms.clock, rooms.bus
    failover = Failover(
        rooms.market,
        rooms.settings.market,
        clock,
        lambda text: bus.publish(AlertRaised(Severity.WARNING, SOURCES, text, clock.now_ns())),
    )
    rooms.source = _Through(first, _channel(failover, first, None))
    for source, names in others:
        channel = _channel(failover, source, names)
        source.publish = partial(announce, bus)
        source.known_to_ns = lambda _: clock.now_ns() - 120 * NS_PER_S  # the chart is the first one's
        rooms.venues.append(source)
        rooms.services.append((source.name, partial(source.run, channel)))
    failover.begin(first.wanted)
    rooms.market.resync_requested = None  # each channel asks for its own
    rooms.services.append(("failover", failover.run))
    rooms.health.register(SOURCES, SOURCES, partial(_reading, failover))
    return failover


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
    ready = [each.name for each in failover.channels[1:] if not any(map(each.trouble, failover.speaking))]
    if not ready:
        return Reading(HealthState.DEGRADED, first.name, "nobody stands by")
    return Reading(HealthState.OK, first.name, f"stand-by: {', '.join(ready)}")
