"""How the connection to a venue is, for the health board."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Protocol, runtime_checkable

from engine.clock import NS_PER_MS
from engine.messages.circuits import CircuitState, Operation
from engine.messages.remedies import Remedy
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.ports.venue import VenueReading, VenueRow
from engine.transport.breaker import Breaker
from engine.transport.skew import ClockSkew

ASKED = "a person at the desk asked for a new one"
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

    @property
    def heard_ns(self) -> int | None:
        """When the other side last proved that it tells what there is to tell, on the monotonic clock."""

    async def run(self) -> None:
        """Connect, and connect again, until it is cancelled."""


@runtime_checkable
class TriesNow(Protocol):
    """A connection that a person can have begun anew."""

    def try_now(self, reason: str) -> None:
        """Give the connection up for a new one, or try again at once; raises EngineError where that can't be."""


def rows_of(
    name: str,
    stream: Connection,
    circuits: Sequence[Breaker],
    skew: ClockSkew,
    subscribed: Callable[[], tuple[int, int]],
) -> tuple[VenueRow, ...]:
    """Return the rows: the connection, each circuit, the clock; `subscribed` counts what is and what is wanted."""
    return (
        VenueRow(
            "venue",
            name,
            lambda: _connection(stream, subscribed()),
            ("route_data",),
            reconnecting(name, stream),
        ),
        *(circuit_row(circuit, stream) for circuit in circuits),
        clock_row(skew),
    )


def reconnecting(label: str, stream: object) -> Mapping[Remedy, Callable[[Symbol | None], str]]:
    """Return what a person can do about a connection."""
    if not isinstance(stream, TriesNow):
        return {}

    def reconnect(_: Symbol | None) -> str:
        stream.try_now(ASKED)
        return f"{label}: connects anew"

    return {Remedy.RECONNECT: reconnect}


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


def circuit_row(circuit: Breaker, stream: object = None) -> VenueRow:
    """Return the row of one operation's circuit; the one that a stream is dialled through has it dial at once."""
    dials = stream if isinstance(stream, TriesNow) and circuit.operation is Operation.DATA else None

    def read() -> VenueReading:
        state = circuit.state
        detail = f"opened {circuit.openings:,}"
        if state is not CircuitState.CLOSED:
            wait_s = ceil(circuit.retry_after_s)
            probe = f"asked once in {wait_s:,} s" if wait_s else "the next question decides"
            detail = f"{detail} · {probe} · {circuit.reason}"
        elif circuit.failures:
            detail = f"{detail} · failed {circuit.failures:,} in a row · {circuit.reason}"
        return VenueReading(_CIRCUITS[state], state.value, detail, circuit.openings)

    def probe(_: Symbol | None) -> str:
        circuit.probe()
        if dials is not None:
            dials.try_now(ASKED)
        return f"{circuit.name}: the next question goes out at once, and its answer decides"

    name = f"route_{circuit.operation}"
    return VenueRow(name, f"{circuit.operation} route", read, remedies={Remedy.PROBE: probe})


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
