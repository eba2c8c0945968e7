"""How the connection to a venue is, for the health board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from engine.clock import NS_PER_MS
from engine.messages.circuits import CircuitState
from engine.messages.views import HealthState
from engine.ports.venue import VenueReading, VenueRow
from engine.transport.breaker import Breaker
from engine.transport.skew import ClockSkew

SKEW_GOOD_MS = 500
SKEW_BAD_MS = 2000
_CIRCUITS = {
    CircuitState.CLOSED: HealthState.OK,
    CircuitState.HALF_OPEN: HealthState.DEGRADED,
    CircuitState.OPEN: HealthState.DOWN,
}


class Connection(Protocol):
    """What keeps a source connected."""

    is_open: bool
    connects: int
    """Connections that came about."""
    requests_dropped: int
    trouble: str
    """Why the last connection ended or did not come about."""

    async def run(self) -> None:
        """Connect, and connect again, until it is cancelled."""


def rows_of(
    name: str,
    stream: Connection,
    circuits: Sequence[Breaker],
    skew: ClockSkew,
    subscribed: Callable[[], tuple[int, int]],
) -> tuple[VenueRow, ...]:
    """Return the rows: the connection, each circuit, the clock; `subscribed` counts what is and what is wanted."""
    return (
        VenueRow("venue", name, lambda: _connection(stream, subscribed())),
        *(circuit_row(circuit) for circuit in circuits),
        clock_row(skew),
    )


def _connection(stream: Connection, subscribed: tuple[int, int]) -> VenueReading:
    there, wanted = subscribed
    counts = f"connections {stream.connects:,}"
    if stream.requests_dropped:
        counts += f" · requests dropped {stream.requests_dropped:,}"
    if not stream.is_open:
        return VenueReading(HealthState.DOWN, "not connected", stream.trouble or "dialling", stream.connects)
    if there < wanted:
        return VenueReading(HealthState.DEGRADED, f"{there} of {wanted} feeds", counts, stream.connects)
    return VenueReading(HealthState.OK, "connected", f"{counts} · feeds {there}", stream.connects)


def circuit_row(circuit: Breaker) -> VenueRow:
    """Return the row of one operation's circuit."""

    def read() -> VenueReading:
        state = circuit.state
        detail = f"opened {circuit.openings:,}"
        if state is not CircuitState.CLOSED:
            detail = f"{detail} · {circuit.reason}"
        return VenueReading(_CIRCUITS[state], state.value, detail, circuit.openings)

    return VenueRow(f"route_{circuit.operation}", f"{circuit.operation} route", read)


def clock_row(skew: ClockSkew, name: str = "venue_clock", label: str = "venue clock") -> VenueRow:
    """Return the row of the clock of a venue, or of one of its hosts."""
    return VenueRow(name, label, lambda: _clock(skew))


def _clock(skew: ClockSkew) -> VenueReading:
    skew_ns = skew.skew_ns
    if skew_ns is None:
        return VenueReading(HealthState.OFF, "not measured")
    skew_ms = skew_ns / NS_PER_MS
    state = HealthState.OK
    if abs(skew_ms) > SKEW_GOOD_MS:
        state = HealthState.DOWN if abs(skew_ms) > SKEW_BAD_MS else HealthState.DEGRADED
    within = f"± {skew.within_ns / NS_PER_MS:,.0f} ms"
    return VenueReading(state, f"{skew_ms:+,.0f} ms", f"{within} · ahead of ours is +", skew_ms)
