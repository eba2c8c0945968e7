"""How the way to an account is, for the health board."""

from __future__ import annotations

from typing import Any, Protocol

from engine.adapters.live.vitals import reconnecting
from engine.adapters.rest.broker import RestBroker
from engine.messages.views import HealthState
from engine.ports.venue import VenueReading, VenueRow


class Telling(Protocol):
    """Who tells what is heard of orders."""

    updates: int
    unreadable: int


def account_row(label: str, broker: RestBroker[Any], telling: Telling) -> VenueRow:
    """Return the row of an account."""
    stream = broker.admission.stream
    needs = ("route_account", "route_submit", "venue_clock", "orders_clock")
    return VenueRow(
        "venue_account", label, lambda: _account(broker, telling), needs, reconnecting(label, stream)
    )


def _account(broker: RestBroker[Any], telling: Telling) -> VenueReading:
    stream = broker.admission.stream
    counts = (
        f"connections {stream.connects:,} · updates {telling.updates:,} · unreadable {telling.unreadable:,} · "
        f"lost {broker.outcomes.lost:,} · not sent {broker.unsent:,}"
    )
    if not broker.connected:
        return VenueReading(HealthState.DOWN, "not connected", stream.trouble or "dialling", stream.connects)
    if trouble := broker.questions.trouble:
        return VenueReading(HealthState.DEGRADED, "not answering", trouble, stream.connects)
    return VenueReading(HealthState.OK, "connected", counts, stream.connects)
