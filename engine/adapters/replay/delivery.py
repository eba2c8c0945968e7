"""Hands events to the market room, each at its own time on the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.adapters.replay.listing import Listed
from engine.adapters.replay.recording import Broken, Disconnected, Malformed
from engine.clock import NS_PER_MS, SimulatedClock
from engine.model.bar import RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.market_status import StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade
from engine.ports.market_data import MarketSink

SLICE_NS = NS_PER_MS // 2
"""How long a command waits at most behind the market's events, but for the group that is being delivered."""
_GROUP = 32
"""Events delivered between two looks at the time."""
_ASIDES = frozenset((Malformed, Listed, Disconnected, Broken))
"""What a recording says beside the market's own events."""


class Delivery:
    """Moves the clock and calls the sink; counts what it handed on."""

    def __init__(self, sink: MarketSink, clock: SimulatedClock) -> None:
        self.delivered = 0
        """Events of the market."""
        self.malformed = 0
        self._sink = sink
        self._clock = clock
        self._handlers: dict[type, Callable[[Any], None]] = {
            Quote: sink.on_quote,
            Trade: sink.on_trade,
            DepthDelta: sink.on_delta,
            DepthSnapshot: sink.on_snapshot,
            RecordedBar: sink.on_bar,
            StatusChange: sink.on_status,
            Malformed: self._on_malformed,
            Listed: self._on_listed,
            Disconnected: self._on_disconnected,
            Broken: self._on_broken,
        }

    def slice(self, times: list[int], events: list[object], start: int, stop: int) -> int:
        """Deliver events for about half a millisecond and return the index of the next.

        Raises:
            FileDataError: the recording can't be read further than this.
        """
        deadline_ns = self._clock.monotonic_ns() + SLICE_NS
        position = start
        while position < stop:
            end = min(position + _GROUP, stop)
            self._group(times[position:end], events[position:end])
            position = end
            if self._clock.monotonic_ns() > deadline_ns:
                break
        return position

    def _group(self, times: list[int], events: list[object]) -> None:
        advance = self._clock.advance_to
        handlers = self._handlers
        for time_ns, event in zip(times, events, strict=True):
            advance(time_ns)
            handlers[type(event)](event)
        self.delivered += len(events)

    def _on_malformed(self, malformed: Malformed) -> None:
        self.delivered -= 1
        self.malformed += 1
        self._sink.on_malformed(malformed.source, malformed.reason, malformed.detail, malformed.symbol)

    def _on_listed(self, listed: Listed) -> None:
        self.delivered -= 1
        self._sink.on_listed(listed.instrument, listed.rule)

    def _on_disconnected(self, lost: Disconnected) -> None:
        self.delivered -= 1
        self._sink.on_disconnected(lost.source, lost.symbols, lost.reason)

    def _on_broken(self, broken: Broken) -> None:
        raise broken.error


def next_market_event(events: list[object], position: int) -> int:
    """Return the index after the next event of the market, for a step."""
    for index in range(position, len(events)):
        if type(events[index]) not in _ASIDES:
            return index + 1
    return len(events)
