"""Alpaca as whoever is on call sees it: its data, and where orders go there, its account."""

from __future__ import annotations

from collections.abc import Callable

from engine.adapters.alpaca.assets import VENUE
from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.market_data import AlpacaSource
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.live.vitals import circuit_row, clock_row
from engine.clock import Clock
from engine.messages.events import AlertRaised, Severity
from engine.messages.views import HealthState
from engine.ports.venue import VenueReading, VenueRow
from engine.transport.breaker import Breaker


class AlpacaVenue:
    """Tells how each part of it is; what happens to any is told to one listener."""

    name = VENUE

    def __init__(
        self, source: AlpacaSource, requests: TradingRequests, broker: AlpacaBroker | None, clock: Clock
    ) -> None:
        self.publish: Callable[[object], None] = lambda _: None
        """Told of circuits that change and of what a person should see."""
        self._source = source
        self._requests = requests
        self._broker = broker
        self._clock = clock
        source.publish = self._publish
        for circuit in requests.circuits:
            circuit.changed = self._publish
        if broker is not None:
            broker.admission.alert = self._alert

    @property
    def circuits(self) -> tuple[Breaker, ...]:
        """The circuits of the data, and those of the account."""
        return (*(each for feed in self._source.feeds for each in feed.circuits), *self._requests.circuits)

    @property
    def connects(self) -> int:
        """How many connections to its streams came about."""
        account = self._broker.admission.stream.connects if self._broker is not None else 0
        return account + sum(feed.connects for feed in self._source.feeds)

    @property
    def skew_ns(self) -> int | None:
        """How far its clock is ahead of ours; None when that is not known."""
        return self._broker.skew.skew_ns if self._broker is not None else None

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board."""
        found = [row for feed in self._source.feeds for row in _of_feed(feed.rows(), feed.name)]
        broker = self._broker
        if broker is not None:
            found.append(VenueRow("venue_account", "alpaca account", lambda: _account(broker)))
            found += [circuit_row(circuit) for circuit in self._requests.circuits]
            found.append(VenueRow("venue_requests", "requests left", lambda: _allowance(self._requests)))
            found.append(clock_row(broker.skew))
        return tuple(found)

    def _publish(self, event: object) -> None:
        self.publish(event)

    def _alert(self, severity: Severity, text: str) -> None:
        self.publish(AlertRaised(severity, VENUE, text, self._clock.now_ns()))


def _of_feed(rows: tuple[VenueRow, ...], feed: str) -> list[VenueRow]:
    """Return a stream's rows under names of their own; it tells no time."""
    kept = [row for row in rows if row.name != "venue_clock"]
    if feed == VENUE:
        return kept
    suffix = feed.removeprefix(f"{VENUE}-")
    return [
        VenueRow(
            f"{row.name}_{suffix}", row.label if row.name == "venue" else f"{suffix} {row.label}", row.read
        )
        for row in kept
    ]


def _account(broker: AlpacaBroker) -> VenueReading:
    stream, telling = broker.admission.stream, broker.telling
    counts = (
        f"connections {stream.connects:,} · updates {telling.updates:,} · unreadable {telling.unreadable:,} · "
        f"lost {broker.orders.lost:,} · not sent {broker.unsent:,}"
    )
    if not broker.connected:
        return VenueReading(HealthState.DOWN, "not connected", stream.trouble or "dialling", stream.connects)
    if trouble := broker.questions.trouble:
        return VenueReading(HealthState.DEGRADED, "not answering", trouble, stream.connects)
    return VenueReading(HealthState.OK, "connected", counts, stream.connects)


def _allowance(requests: TradingRequests) -> VenueReading:
    allowance = requests.allowance
    left = allowance.left
    state = HealthState.OK if left > allowance.reserve else HealthState.DEGRADED
    detail = f"of {allowance.limit:,} a minute · {allowance.reserve:,} kept for cancels · refused {allowance.refused:,}"
    return VenueReading(state, f"{left:,} left", detail, left)
